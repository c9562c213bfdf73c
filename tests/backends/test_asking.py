"""`WL.Server.invokeHttp` against a real back end on loopback: what goes out, what comes back, what fails."""

import gzip
import json
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from host.errors import WLError
from tests.backend import Backend, Question, Reply
from tests.backends.asking import Ask, adapter, policy
from tests.programs import free_ports, wait_for


@pytest.fixture
def backend() -> Iterator[Backend]:
    with Backend() as backend:
        yield backend


@pytest.fixture
def ask(tmp_path: Path, backend: Backend) -> Iterator[Ask]:
    with adapter(tmp_path, policy(backend.port)) as (_, _, ask):
        yield ask


def one(backend: Backend) -> Question:
    (question,) = backend.asked
    return question


def failed(result: dict[str, Any]) -> str:
    assert result["isSuccessful"] is False
    (error,) = result["errors"]
    return str(error)


def test_a_result_says_all_of_it(backend: Backend, ask: Ask) -> None:
    backend.reply = lambda _: Reply(b'{"a": 1, "statusCode": 1, "isSuccessful": false}', "application/json", 404)
    result = ask()
    assert result.keys() == {
        *("a", "isSuccessful", "errors", "info", "warnings", "statusCode", "statusReason"),
        *("responseHeaders", "responseTime", "totalTime"),
    }
    assert (result["a"], result["statusCode"], result["statusReason"]) == (1, 404, "Not Found")
    assert (result["isSuccessful"], result["errors"], result["info"], result["warnings"]) == (True, [], [], [])
    assert result["responseHeaders"]["Content-Type"] == "application/json"
    assert 0 <= result["responseTime"] <= result["totalTime"] < 10_000
    json.dumps(result)


@pytest.mark.parametrize(
    ("path", "options", "target"),
    [
        ("/x", {}, "/x"),
        ("x/y", {}, "/x/y"),
        ("", {}, "/"),
        ("?a=b", {}, "/?a=b"),
        ("/x?a=b", {"parameters": {"c": "d"}}, "/x?a=b?c=d"),
        ("/x", {"parameters": {"a": "ä &=", "b": 5, "c": True, "d": None, "e": ["1", 2], "f": 2.0}},
         "/x?a=%C3%A4+%26%3D&b=5&c=true&e=1&e=2&f=2"),
        ("/x", {"parameters": {}}, "/x"),
        ("/GBS Report.csv", {}, "/GBS%20Report.csv"),
        ("/a%20b/../c;d='e'", {}, "/a%20b/../c;d='e'"),
        ("/x#y", {}, "/x%23y"),
        ("/ä\ud800", {}, "/%C3%A4%EF%BF%BD"),
        ("/x\r\nHost: evil", {}, "/x%0D%0AHost:%20evil"),
        ("/x HTTP/1.1", {}, "/x%20HTTP/1.1"),
    ],
)  # fmt: skip
def test_addresses(backend: Backend, ask: Ask, path: str, options: dict[str, Any], target: str) -> None:
    assert ask(path, **options)["statusCode"] == 200
    assert one(backend).target == target


@pytest.mark.parametrize(
    "path",
    [
        *("http://evil.example/", "//evil.example/x", "@evil.example/", ":80@evil.example/", "\\\\evil.example\\x"),
        *(".evil.example/", "/\\evil.example", "\t//evil.example", "////evil.example", "http:evil.example", "[::1]/x"),
    ],
)
def test_no_path_leads_to_another_host(backend: Backend, ask: Ask, path: str) -> None:
    assert ask(path)["statusCode"] == 200
    assert one(backend).headers["host"] == f"127.0.0.1:{backend.port}"


FORM = "application/x-www-form-urlencoded; charset=utf-8"


@pytest.mark.parametrize(
    ("method", "options", "expected"),
    [
        ("POST", {"parameters": {"a": "b c"}}, ("POST", "/x", b"a=b+c", FORM)),
        ("put", {"parameters": {"a": "b"}}, ("PUT", "/x", b"a=b", FORM)),
        ("Delete", {"parameters": {"a": "b"}}, ("DELETE", "/x?a=b", b"", None)),
        ("HEAD", {}, ("HEAD", "/x", b"", None)),
        ("post", {}, ("POST", "/x", b"", None)),
        (
            "post",
            {"body": {"contentType": "text/xml; charset=iso-8859-1", "content": "<ä/>"}, "parameters": {"a": "b"}},
            ("POST", "/x?a=b", "<ä/>".encode("latin-1"), "text/xml; charset=iso-8859-1"),
        ),
        (
            "post",
            {"body": {"contentType": "application/json", "content": {"selector": {"ü": [1, None]}}}},
            ("POST", "/x", '{"selector": {"ü": [1, null]}}'.encode(), "application/json"),
        ),
        ("put", {"body": {"content": ["a"]}}, ("PUT", "/x", b'["a"]', "application/json; charset=utf-8")),
        ("delete", {"body": {"content": "ä"}}, ("DELETE", "/x", "ä".encode(), "text/plain; charset=utf-8")),
        (
            "post",
            {"body": {"contentType": "a/b", "content": "x"}, "headers": {"content-type": "c/d"}},
            ("POST", "/x", b"x", "c/d"),
        ),
    ],
)
def test_methods_and_bodies(
    backend: Backend, ask: Ask, method: str, options: dict[str, Any], expected: tuple[str, str, bytes, str | None]
) -> None:
    assert ask("/x", method=method, **options)["statusCode"] == 200
    question = one(backend)
    assert (question.method, question.target, question.body, question.headers.get("content-type")) == expected


def test_headers_and_cookies(backend: Backend, ask: Ask) -> None:
    headers = {
        "X-Number": 5, "X-Text": " ä ", "X-None": None, "Host": "virtual.example", "User-Agent": "mine",
        "Content-Length": "99", "Transfer-Encoding": "chunked",
    }  # fmt: skip
    ask(headers=headers, cookies={"a": "1", "b": "x y"})
    sent = one(backend).headers
    names = ("x-number", "x-text", "x-none", "host", "user-agent", "cookie", "content-length", "transfer-encoding")
    assert [sent.get(name) for name in names] == [
        "5", "ä".encode().decode("latin-1"), None, "virtual.example", "mine", "a=1; b=x y", None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"method": None}, "invokeHttp: method is one of get, post, put, delete, head, not None"),
        ({"method": "trace"}, "invokeHttp: method is one of get, post, put, delete, head, not 'trace'"),
        ({"path": 5}, "invokeHttp: path is a string, not 5"),
        ({"parameters": "a=b"}, "invokeHttp: parameters is an object of names and values, not str"),
        ({"parameters": {"a": {}}}, "invokeHttp: parameters.a is a string or number, not dict"),
        ({"headers": {"a\r\nb": "c"}}, "invokeHttp: 'a\\r\\nb' is no name in headers"),
        ({"headers": {"a": "b\r\nc: d"}}, "invokeHttp: headers.a holds a character that would end it"),
        ({"cookies": {"a": "b; c=d"}}, "invokeHttp: cookies.a holds a character that would end it"),
        ({"body": {"content": "x"}}, 'invokeHttp: a "get" takes no body: use parameters, or "post"'),
        (
            {"method": "post", "body": "x"},
            'invokeHttp: body is {"contentType": "...", "content": "..."}, its content a ',
        ),
        ({"method": "post", "body": {"content": 5}}, 'invokeHttp: body is {"contentType": "...", "content": "..."}, '),
        ({"method": "post", "body": {"content": {"a": b""}}}, "invokeHttp: body.content cannot be JSON: "),
        ({"returnedContentType": 5}, "invokeHttp: returnedContentType is a string, not 5"),
        ({"returnedContentEncoding": "rot13"}, "invokeHttp: 'rot13' is no encoding"),
        ({"returnedContentEncoding": "punycode"}, "invokeHttp: 'punycode' is no encoding"),
        ({"transformation": {"type": "xquery"}}, 'invokeHttp: transformation is {"type": "xslFile", '),
        ({"transformation": {"type": "xslFile"}}, "invokeHttp: transformation.xslFile is a file's name, not None"),
        (
            {"socketTimeoutInMilliseconds": 0},
            "invokeHttp: socketTimeoutInMilliseconds is a number of milliseconds above",
        ),
        ({"connectionTimeoutInMilliseconds": True}, "invokeHttp: connectionTimeoutInMilliseconds is a number of "),
    ],
)
def test_options_that_no_call_can_have(backend: Backend, ask: Ask, options: dict[str, Any], error: str) -> None:
    with pytest.raises(WLError) as caught:
        ask(**options)
    assert str(caught.value).startswith(error)
    assert backend.asked == []


def test_an_option_that_nobody_knows_is_warned_of(backend: Backend, ask: Ask) -> None:
    result = ask(timeout=5)
    assert (result["statusCode"], result["warnings"]) == (200, ['invokeHttp has no option "timeout": ignored'])


def test_options_are_an_object() -> None:
    from host.backends.options import Wanted  # noqa: PLC0415

    with pytest.raises(WLError, match="invokeHttp takes an object such as"):
        Wanted.from_options("x")


# What fails


def test_a_back_end_that_is_not_there(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with adapter(tmp_path, policy(port)) as (_, _, ask):
        result = ask("/x?key=the-api-key")
    assert failed(result) == f"127.0.0.1:{port} could not be reached: Connection refused"
    assert "statusCode" not in result


def test_a_back_end_that_never_answers(tmp_path: Path, backend: Backend) -> None:
    ended = threading.Event()
    backend.reply = lambda _: Reply(str(ended.wait(60)).encode())
    with adapter(tmp_path, policy(backend.port, "<socketTimeoutInMilliseconds>200</socketTimeoutInMilliseconds>")) as (
        _,
        _,
        ask,
    ):
        began = time.monotonic()
        assert failed(ask()) == f"127.0.0.1:{backend.port} did not answer within 0.2 s"
        assert failed(ask(socketTimeoutInMilliseconds=100)) == f"127.0.0.1:{backend.port} did not answer within 0.1 s"
        assert time.monotonic() - began < 10
    ended.set()


def drips(ended: threading.Event) -> Iterator[bytes]:
    while not ended.wait(0.02):
        yield b"."


def test_a_back_end_that_drips_is_cut_off(tmp_path: Path, backend: Backend) -> None:
    ended = threading.Event()
    backend.reply = lambda _: Reply(drips(ended), "text/plain")
    with adapter(tmp_path, policy(backend.port)) as (_, _, ask):
        began = time.monotonic()
        assert failed(ask(socketTimeoutInMilliseconds=300)) == f"127.0.0.1:{backend.port} did not answer within 0.3 s"
        assert time.monotonic() - began < 10
    ended.set()


def test_a_calls_deadline_goes_before_the_policys(backend: Backend, ask: Ask) -> None:
    ended = threading.Event()
    backend.reply = lambda _: Reply(drips(ended), "text/plain")
    began = time.monotonic()
    assert "did not answer within 0." in failed(ask(deadline=began + 0.8))
    assert time.monotonic() - began < 10
    assert "in time" in failed(ask(deadline=time.monotonic() + 0.4))
    assert len(backend.asked) == 1
    ended.set()


def test_an_answer_that_is_too_large(tmp_path: Path, backend: Backend) -> None:
    backend.reply = lambda question: Reply(b"x" * (2048 if question.target == "/fits" else 2049), "text/plain")
    with adapter(tmp_path, policy(backend.port), "smshost.invokeHttp.maxBodyBytes=2048\n") as (_, _, ask):
        assert len(ask("/fits")["text"]) == 2048
        assert failed(ask("/large")) == "127.0.0.1 sent more than 2048 bytes"


def test_a_compressed_answer_counts_as_what_it_unfolds_to(tmp_path: Path, backend: Backend) -> None:
    folded = {question: gzip.compress(b"x" * size) for question, size in {"/fits": 2048, "/bomb": 50_000_000}.items()}
    backend.reply = lambda question: Reply(folded[question.target], "text/plain", headers={"Content-Encoding": "gzip"})
    with adapter(tmp_path, policy(backend.port), "smshost.invokeHttp.maxBodyBytes=2048\n") as (_, _, ask):
        assert ask("/fits")["text"] == "x" * 2048
        assert failed(ask("/bomb")) == "127.0.0.1 sent more than 2048 bytes"


def test_an_answer_that_ends_early(backend: Backend, ask: Ask) -> None:
    backend.reply = lambda _: Reply(iter([b"abc"]), "text/plain", headers={"Content-Length": "10"})
    assert failed(ask()).startswith(f"127.0.0.1:{backend.port} did not answer: ")


def test_an_answer_that_cannot_be_read_says_its_status(backend: Backend, ask: Ask) -> None:
    backend.reply = lambda _: Reply(b"<html>Sorry</html>", "text/html", 500)
    result = ask(returnedContentType="json")
    assert failed(result).startswith("the answer is to be JSON, and is not: ")
    assert (result["statusCode"], result["statusReason"]) == (500, "Internal Server Error")


def test_calls_beyond_the_limit_wait_and_then_fail(tmp_path: Path, backend: Backend) -> None:
    ended = threading.Event()
    backend.reply = lambda question: Reply(
        str(ended.wait(10) if question.target == "/slow" else 0).encode(), "text/plain"
    )
    limit = "<maxConcurrentConnectionsPerNode>1</maxConcurrentConnectionsPerNode>"
    with adapter(tmp_path, policy(backend.port, limit)) as (_, _, ask):
        slow: list[dict[str, Any]] = []
        thread = threading.Thread(target=lambda: slow.append(ask("/slow")))
        thread.start()
        wait_for(lambda: backend.asked, "the slow call")
        assert failed(ask(connectionTimeoutInMilliseconds=100)) == (
            "all 1 connections to 127.0.0.1 are in use, and none became free in time"
        )
        waiting = threading.Thread(target=lambda: slow.append(ask("/next")))
        waiting.start()
        ended.set()
        thread.join(10)
        waiting.join(10)
        assert [each["text"] for each in slow] == ["True", "0"]


def test_connections_are_kept(backend: Backend, ask: Ask) -> None:
    assert [ask()["statusCode"] for _ in range(3)] == [200, 200, 200]
    assert backend.connections == 1


# Redirects


def redirects(target: str, status: int = 302) -> Any:
    def reply(question: Question) -> Reply:
        if question.target == "/there":
            return Reply(b"found", "text/plain")
        return Reply(b"", status=status, headers={"Location": target})

    return reply


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_within_the_host_are_followed(backend: Backend, ask: Ask, status: int) -> None:
    backend.reply = redirects("/there", status)
    assert ask("/here")["text"] == "found"
    assert [each.target for each in backend.asked] == ["/here", "/there"]


def test_what_changes_something_is_looked_at_elsewhere_only(backend: Backend, ask: Ask) -> None:
    backend.reply = redirects("/there", 303)
    assert ask("/here", method="post", parameters={"a": "b"})["text"] == "found"
    assert [(each.method, each.body) for each in backend.asked] == [("POST", b"a=b"), ("GET", b"")]
    backend.reply = redirects("/there", 302)
    assert ask("/here", method="post")["statusCode"] == 302


@pytest.mark.parametrize(
    ("location", "warning"),
    [
        ("http://other.example/there", "the back end redirects to another one, other.example: not followed"),
        ("//other.example/there", "the back end redirects to another one, other.example: not followed"),
        ("http://127.0.0.1:1/there", "the back end redirects to another one, 127.0.0.1:1: not followed"),
        ("http://127.0.0.1@other.example/", "the back end redirects to another one, other.example: not followed"),
        ("http://u:p@other.example/", "the back end redirects to another one, other.example: not followed"),
        ("ftp://127.0.0.1/there", "the back end redirects to an address that is not http or https: not followed"),
        ("file:///etc/passwd", "the back end redirects to an address that is not http or https: not followed"),
    ],
)
def test_redirects_elsewhere_are_not_followed(backend: Backend, ask: Ask, location: str, warning: str) -> None:
    backend.reply = redirects(location)
    result = ask("/here")
    assert (result["statusCode"], result["isSuccessful"], result["warnings"]) == (302, True, [warning])
    assert len(backend.asked) == 1


@pytest.mark.parametrize("location", ["http://127.0.0.1:99999/", "http://[/", ""])
def test_a_redirect_to_what_is_no_address_is_the_answer(backend: Backend, ask: Ask, location: str) -> None:
    backend.reply = redirects(location)
    assert (ask("/here")["statusCode"], len(backend.asked)) == (302, 1)


def test_redirects_have_an_end(tmp_path: Path, backend: Backend) -> None:
    backend.reply = redirects("/again")
    with adapter(tmp_path, policy(backend.port, attributes='maxRedirects="3"')) as (_, _, ask):
        assert failed(ask()) == "127.0.0.1 redirected more than 3 times"
    assert len(backend.asked) == 4


def test_no_redirects_where_the_policy_says_so(tmp_path: Path, backend: Backend) -> None:
    backend.reply = redirects("/again")
    with adapter(tmp_path, policy(backend.port, attributes='maxRedirects="0"')) as (_, _, ask):
        assert (ask()["statusCode"], len(backend.asked)) == (302, 1)


# Who we are

IDENTITY = "<serverIdentity><username>me</username><password>${pw}</password></serverIdentity>"
SECRET = "pw=the:secret-ä\n"


def authenticated(kind: str) -> str:
    return f"<authentication><{kind}/>{IDENTITY}</authentication>"


def test_no_user_name_is_no_credentials(tmp_path: Path, backend: Backend) -> None:
    identity = "<serverIdentity><username> </username><password/></serverIdentity>"
    with adapter(tmp_path, policy(backend.port, f"<authentication><basic/>{identity}</authentication>")) as (_, _, ask):
        ask("/x")
    assert "authorization" not in one(backend).headers


def test_basic_credentials(tmp_path: Path, backend: Backend, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with adapter(tmp_path, policy(backend.port, authenticated("basic")), SECRET) as (runtime, _, ask):
        result = ask("/x")
        assert one(backend).headers["authorization"] == "Basic bWU6dGhlOnNlY3JldC3DpA=="
        shown = f"{result} {caplog.text} {runtime.adapters.by_name['a']!r} {vars(runtime.backends)!r}"
    assert "the:secret" not in shown
    assert "bWU6" not in shown


def test_digest_credentials(tmp_path: Path, backend: Backend) -> None:
    challenge = 'Digest realm="r", nonce="n", qop="auth", algorithm=MD5'

    def reply(question: Question) -> Reply:
        if "authorization" in question.headers:
            return Reply(b"in", "text/plain")
        return Reply(b"out", "text/plain", 401, {"WWW-Authenticate": challenge})

    backend.reply = reply
    with adapter(tmp_path, policy(backend.port, authenticated("digest")), SECRET) as (_, _, ask):
        assert ask("/x", method="post", parameters={"a": "b"})["text"] == "in"
    assert [each.body for each in backend.asked] == [b"a=b", b"a=b"]
    assert 'username="me", realm="r", nonce="n", uri="/x"' in backend.asked[1].headers["authorization"]


@pytest.mark.parametrize("challenge", ["Basic realm=x", "Digest x", "Digest", ""])
def test_a_challenge_that_cannot_be_met_is_the_answer(tmp_path: Path, backend: Backend, challenge: str) -> None:
    backend.reply = lambda _: Reply(b"", status=401, headers={"WWW-Authenticate": challenge})
    with adapter(tmp_path, policy(backend.port, authenticated("digest")), SECRET) as (_, _, ask):
        assert (ask()["statusCode"], len(backend.asked)) == (401, 1)


def test_a_proxy_of_the_manifest_is_used_and_that_of_gateways_is_not(tmp_path: Path, backend: Backend) -> None:
    proxy = f"<proxy><domain>127.0.0.1</domain><port>{backend.port}</port>{authenticated('basic')}</proxy>"
    other = "push.sms.proxy.enabled=true\npush.sms.proxy.host=nowhere.invalid\n"
    backend.reply = lambda _: Reply(b"by proxy", "text/plain")
    with adapter(tmp_path, policy(1, proxy), SECRET + other) as (_, _, ask):
        assert ask("/x")["text"] == "by proxy"
    assert one(backend).target == "http://127.0.0.1:1/x"
    assert one(backend).headers["proxy-authorization"].startswith("Basic ")


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [('cookiePolicy="BEST_MATCH"', "a=1"), ('cookiePolicy="IGNORE_COOKIES"', None), ("", None)],
)
def test_cookies_are_kept_where_the_policy_says_so(
    tmp_path: Path, backend: Backend, attributes: str, expected: str | None
) -> None:
    backend.reply = lambda _: Reply(headers={"Set-Cookie": "a=1; Path=/"})
    with adapter(tmp_path, policy(backend.port, attributes=attributes)) as (_, _, ask):
        ask()
        ask()
        ask(cookies={"b": "2"})
    own = [None, expected, f"b=2; {expected}" if expected else "b=2"]
    assert [each.headers.get("cookie") for each in backend.asked] == own


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 with its key, in one file."""
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    command = f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=x -keyout {file}.key -out {file}.crt"
    command += " -addext subjectAltName=IP:127.0.0.1"
    subprocess.run(command.split(), check=True, capture_output=True)
    file.write_bytes(Path(f"{file}.key").read_bytes() + Path(f"{file}.crt").read_bytes())
    return file


def test_certificates_are_checked(tmp_path: Path, certificate: Path) -> None:
    import ssl  # noqa: PLC0415

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Backend(lambda _: Reply(b"safe", "text/plain")) as backend:
        backend.server.socket = context.wrap_socket(backend.server.socket, server_side=True)
        secure = policy(backend.port, "<protocol>https</protocol>")
        with adapter(tmp_path / "without", secure) as (_, _, ask):
            assert failed(ask()).startswith(f"127.0.0.1:{backend.port} could not be reached: ")
        known = f"smshost.invokeHttp.caFile={certificate}.crt\n"
        with adapter(tmp_path / "with", secure, known) as (_, _, ask):
            assert ask()["text"] == "safe"
            backend.reply = redirects(f"http://127.0.0.1:{backend.port}/there")
            assert ask("/here")["warnings"] == ["the back end redirects from https to http: not followed"]


# Who may ask


@pytest.mark.parametrize(
    ("connectivity", "error"),
    [
        (
            "",
            'invokeHttp: the manifest of adapter "a" has no <connectivity> that names a back end '
            "(docs/reference/adapter-manifest.md)",
        ),
        (
            '<connectivity><connectionPolicy xsi:type="sql:SQLConnectionPolicy" '
            'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"/></connectivity>',
            "invokeHttp: SQL connections are not provided by this host: calls that need one raise WLError (",
        ),
        (
            policy(80, "<authentication><spnego/></authentication>"),
            "invokeHttp: <spnego> authentication is not provided",
        ),
    ],
)
def test_an_adapter_without_a_back_end_is_told_so(tmp_path: Path, connectivity: str, error: str) -> None:
    with adapter(tmp_path, connectivity) as (_, _, ask), pytest.raises(WLError) as caught:
        ask()
    assert str(caught.value).startswith(error)
