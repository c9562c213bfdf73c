"""What comes to /ussd, and what strangers try there, asked of a real host on a socket."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.folders import write_adapter
from tests.hosts import CREDENTIAL, OPEN, Host, gateway
from tests.web.wire import (
    BASIC,
    CHUNKED,
    FORM,
    JSON,
    MULTIPART,
    QUIET,
    Answer,
    answer_on,
    ask,
    chunks,
    connect,
    field,
    get,
    multipart,
    post,
    request,
)

ADAPTER = """
def whole(request):
    return repr((dict(request.params), request.body[:60], sorted(request.headers)))
def said(request): return {"content": request.params.content, "contentType": request.params.get("type")}
def who(request):
    user = WL.Server.getActiveUser()
    return f"{user and user.userId}, {WL.Server.getClientRequest().getParameter('do')}"
def path(request): return request.params["show"]
WL.Server.setEventHandlers([
    WL.Server.createUSSDEventHandler({"do": "whole"}, whole),
    WL.Server.createUSSDEventHandler({"do": "said"}, said),
    WL.Server.createUSSDEventHandler({"do": "who"}, who),
    WL.Server.createUSSDEventHandler({"show": "path", "__wlpath": lambda path: path.startswith("/seen")}, path),
    WL.Server.createUSSDEventHandler({"X-Do": "whole"}, whole),
])
"""
USSD = "/context/ussd"
UTF8 = "text/plain; charset=UTF-8"
FAILURE = Answer(200, "END nothing now", UTF8)
KEY = "key-of-the-query"
ACCESS = (
    OPEN.replace("/receiveSMS*", "/receiveSMS*;/ussd*")
    .replace(
        "</staticResources>",
        '<resource id="keyed" securityTest="keyed"><urlPatterns>/ussd/keyed*</urlPatterns></resource></staticResources>',
    )
    .replace(
        "</securityTests>",
        '<customSecurityTest name="keyed"><test realm="keyed" isInternalUserID="true"/></customSecurityTest></securityTests>',
    )
    .replace(
        "</realms>",
        '<realm name="keyed" loginModule="keyed"><className>com.worklight.core.auth.ext.HeaderAuthenticator</className>'
        "</realm></realms>",
    )
    .replace(
        "</loginModules>",
        '<loginModule name="keyed"><className>smshost.SharedSecretLoginModule</className>'
        f'<parameter name="parameter" value="key"/><parameter name="secret" value="{KEY}"/></loginModule></loginModules>',
    )
)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    directory: Path = tmp_path_factory.mktemp("host")
    write_adapter(directory / "adapters", "a", ADAPTER)
    element = gateway("web", 9, ("ussd-end-prefix", "END "))
    properties = f"{QUIET}\nsmshost.ussd.failureText=nothing now"
    surroundings = {"HTTP_PROXY": "http://user:secret@proxy.example:3128"}  # no header, though WSGI's are spelled so
    host = Host(directory, element, ACCESS, properties, directory / "adapters", environment=surroundings)
    with host:
        yield host
        assert host.is_ready()
    assert [word for word in (CREDENTIAL[1], BASIC[-12:], KEY) if word in host.program.log] == []


def whole(parameters: dict[str, str], body: str = "", *headers: str) -> Answer:
    """What the handler `whole` answers; as bytes of UTF-8 that the wire reads as Latin-1."""
    said = repr((parameters, body, sorted(["host", *headers])))
    return Answer(200, said.encode().decode("latin-1"), UTF8)


LENGTH = ("content-length", "content-type")
DO = {"do": "whole"}
XML = "Content-Type: text/xml; charset=utf-8"
BAD = "\N{REPLACEMENT CHARACTER}"
MANY = "&".join(f"p{number}=1" for number in range(999))

TAKEN = [
    ("query", get("do=whole&a=1&a=2&%C3%A9=", target=USSD), whole({**DO, "a": "1", "é": ""})),
    ("below", get("do=whole", target=f"{USSD}/web/x"), whole(DO)),
    ("form", post(FORM, b"do=whole&a=%2B1", target=USSD), whole({**DO, "a": "+1"}, "do=whole&a=%2B1", *LENGTH)),
    ("no type", post("", b"do=whole", target=USSD), whole(DO, "do=whole", "content-length")),
    ("json", post(JSON, b'{"do":"whole","a":{"b":[1]}}', target=USSD),
     whole({**DO, "a": '{"b": [1]}'}, '{"do":"whole","a":{"b":[1]}}', *LENGTH)),
    ("chunked json", post(JSON, chunks(b'{"do":"whole"}'), CHUNKED, target=USSD),
     whole(DO, '{"do":"whole"}', "content-type", "transfer-encoding")),
    ("multipart", post(MULTIPART, multipart((field("do"), b"whole")), target=USSD),
     whole(DO, multipart((field("do"), b"whole")).decode()[:60], *LENGTH)),
    ("xml", post(XML, "<a>é</a>".encode(), target=f"{USSD}?do=whole"), whole(DO, "<a>é</a>", *LENGTH)),
    ("header", post(XML, b"<do>whole</do>", "X-DO: whole", target=USSD), whole({}, "<do>whole</do>", *LENGTH, "x-do")),
    ("binary", post("Content-Type: application/octet-stream", b"\0\xff\x80", target=f"{USSD}?do=whole"),
     whole(DO, BAD * 3, *LENGTH)),
    ("1000 parameters", get(f"do=said&content=x&{MANY[:-5]}"[:-1], target=USSD), Answer(200, "x", UTF8)),
    ("a cookie", get("do=whole", "Cookie: session=x", target=USSD), whole(DO, "", "cookie")),
    ("who asks", get("do=who", target=USSD), Answer(200, f"{CREDENTIAL[0]}, who", UTF8)),
    ("its key", request("GET", f"{USSD}/keyed?do=whole&key={KEY}"), whole(DO)),
    ("type", get("do=said&content=%3Ca/%3E&type=text/xml", target=USSD), Answer(200, "<a/>", "text/xml")),
]  # fmt: skip


@pytest.mark.parametrize(("data", "answer"), [pytest.param(*rest, id=name) for name, *rest in TAKEN])
def test_takes(host: Host, data: bytes, answer: Answer) -> None:
    assert ask(host, data) == answer


NOT_FOUND = Answer(404, "Not Found")
REFUSED = Answer(403)
LONG = b"a" * 70_000

REFUSALS = [
    ("no handler", get("", target=USSD), NOT_FOUND),
    ("1001 parameters", get(f"do=whole&{MANY}&b=1", target=USSD),
     Answer(400, "1001 parameters: at most 1000 are accepted\n")),
    ("broken json", post(JSON, b"{", target=USSD), None),
    ("a json list", post(JSON, b"[1]", target=USSD), Answer(400, "the JSON body must be an object of names and values\n")),
    ("deep json", post(JSON, b'{"a":' + b"[" * 5000, target=USSD), Answer(400, "the JSON body is nested too deep\n")),
    ("huge", post(FORM, b"do=whole&a=" + LONG, target=USSD), Answer(413, "the body has 70011 bytes: at most 65536 are accepted\n")),
    ("torn", post(FORM, b"do=whole", "Content-Length: 50", target=USSD), Answer(400, "the body ends after 8 of 50 bytes\n")),
    ("chunked form", post(FORM, chunks(b"do=whole"), CHUNKED, target=USSD), None),
    ("HEAD", request("HEAD", f"{USSD}?do=whole", [BASIC]), Answer(405, "")),
    ("PUT", request("PUT", f"{USSD}?do=whole", [BASIC]), Answer(405, "Method Not Allowed")),
    ("OPTIONS", request("OPTIONS", f"{USSD}?do=whole", [BASIC]), Answer(405, "Method Not Allowed")),
    ("nobody", request("GET", f"{USSD}?do=whole"), Answer(401)),
    ("nobody's OPTIONS", request("OPTIONS", f"{USSD}?do=whole"), Answer(401)),
    ("another door's credential", get("do=whole", target=f"{USSD}/keyed"), REFUSED),
    ("the key at another path", request("GET", f"{USSD}?do=whole&key={KEY}"), Answer(401)),
    ("dots", get("do=whole", target=f"{USSD}/keyed/../x"), REFUSED),
    ("encoded dots", get("do=whole", target=f"{USSD}/%2e%2e/ussd"), REFUSED),
    ("two slashes", get("do=whole", target=f"{USSD}//keyed"), REFUSED),
    ("a semicolon", get("do=whole", target=f"{USSD}/x;y"), REFUSED),
    ("a NUL", get("do=whole", target=f"{USSD}/%00"), REFUSED),
    ("no UTF-8", get("do=whole", target=f"{USSD}/%ff"), REFUSED),
    ("a line end", get("do=whole", target=f"{USSD}/a%0D%0AX-Injected:%201"), REFUSED),
    ("a longer word", get("do=whole", target=f"{USSD}x"), NOT_FOUND),
    ("a slash at the end", get("do=whole", target=f"{USSD}/"), NOT_FOUND),
]  # fmt: skip


@pytest.mark.parametrize(("data", "answer"), [pytest.param(*rest, id=name) for name, *rest in REFUSALS])
def test_refuses(host: Host, data: bytes, answer: Answer | None) -> None:
    got = ask(host, data, hang_up=b"Content-Length: 50\r" in data)
    assert got == answer if answer else got.status in {400, 411}


@pytest.mark.parametrize(
    "query",
    [
        "do=said&content=x&type=text/plain%0D%0AX-Injected:%201",
        "do=said&content=x&type=text/plain%0AX-Injected:%201",
        "do=said&content=x&type=%00",
        "do=said&content=x&type=text/plain;%20charset=base64",
        "do=said&type=text/plain",
    ],
)
def test_what_a_handler_makes_of_hostile_words_is_no_header(host: Host, query: str) -> None:
    with connect(host) as connection:
        connection.sendall(get(query, target=f"{USSD}/web"))
        assert answer_on(connection) == FAILURE
        connection.sendall(get("do=said&content=still", target=f"{USSD}/web"))
        assert answer_on(connection) == Answer(200, "still", UTF8)


def test_content_that_looks_like_an_answer_is_content(host: Host) -> None:
    words = "x\r\n\r\nHTTP/1.1 200 OK\r\nX-Injected: 1\r\n\r\n"
    escaped = words.replace("\r", "%0D").replace("\n", "%0A").replace(" ", "%20")
    with connect(host) as connection:
        for _ in range(2):
            connection.sendall(get(f"do=said&content={escaped}", target=USSD))
            assert answer_on(connection) == Answer(200, words, UTF8)


def test_a_path_is_seen_decoded_once(host: Host) -> None:
    seen = get("show=path", target=f"{USSD}/seen%252e/%C3%A9")
    assert ask(host, seen) == Answer(200, "path", UTF8)
