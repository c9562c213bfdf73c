"""Whatever an admitted gateway sends gets a clear answer, and what was accepted is kept as it came."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hosts import CREDENTIAL, Host, gateway
from tests.web.wire import (
    BASIC,
    CHUNKED,
    FORM,
    JSON,
    MULTIPART,
    QUIET,
    RECEIVE,
    Answer,
    Kept,
    ask,
    attacked,
    chunks,
    field,
    get,
    kept,
    multipart,
    post,
    request,
)

BAD = "\N{REPLACEMENT CHARACTER}"
TEXT = b"from=1&text=a"
NO_SENDER = Answer(400, 'parameter "from" is missing\n')
TOO_DEEP = Answer(400, "the JSON body is nested too deep\n")
TORN = "the multipart body is broken or ends too early: "
GRANIAN = Answer(400, "", "")
OK = Answer(200)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    element = gateway("web", 9, idParamName="id")
    with attacked(Host(tmp_path_factory.mktemp("host"), element, properties=QUIET), CREDENTIAL[1], BASIC[-12:]) as host:
        yield host


def sms(text: str, *more: list[str], sender: str = "1", raw: bytes | None = None) -> Kept:
    return Kept("web", sender, text, [["from", sender], ["text", text], *more], raw)


def nested(depth: int) -> bytes:
    return b'{"from":"1","text":' + b"[" * depth + b"]" * depth + b"}"


MANY = TEXT + b"".join(b"&p%d=%d" % (number, number) for number in range(998))
LONG = "a" * 60_000

ACCEPTED = [
    # a query, a form
    ("query", get("from=1&text=a"), sms("a")),
    ("empty text", get("from=1&text="), sms("")),
    ("60 kB in a query", get(f"from=1&text={LONG}"), sms(LONG)),
    ("65 536 bytes", post(FORM, TEXT + b"a" * (65_536 - len(TEXT))), sms("a" * (65_537 - len(TEXT)))),
    ("no content type", post("", TEXT), sms("a")),
    ("content type of no sense", post("Content-Type: ;;;=;boundary*=x", TEXT), sms("a")),
    ("1000 parameters", post(FORM, MANY), sms("a", *([f"p{n}", f"{n}"] for n in range(998)))),
    ("undecodable and NUL", post(FORM, b"from=%FF1&text=a%00b%FE"),
     sms(f"a{BAD}b{BAD}", sender=f"{BAD}1", raw=b"\nfrom=%FF1&text=a%00b%FE")),
    ("undecodable, not even encoded", post(FORM, b"from=1&text=\x00\xfe"),
     sms(BAD * 2, raw=b"\nfrom=1&text=\x00\xfe")),
    ("undecodable in a query", get("from=1&text=%C3%28"), sms(f"{BAD}(", raw=b"from=1&text=%C3%28\n")),
    ("a number with a letter", post(FORM, "from=1447ß7665544&text=a".encode()), sms("a", sender="1447ß7665544")),
    ("repeated", post(FORM, b"from=1&text=a&text=b&from=2"), sms("a", ["text", "b"], ["from", "2"])),
    ("in query and body", post(FORM, b"text=b", target=f"{RECEIVE}?from=1&text=a"), sms("a", ["text", "b"])),
    ("another type beside a query", post("Content-Type: text/xml", b"<a/>", target=f"{RECEIVE}?from=1&text=a"),
     sms("a", raw=b"from=1&text=a\n<a/>")),
    ("markup", get("from=1&text=%3Cscript%3E%27;--"), sms("<script>';--")),
    # JSON
    ("JSON", post(JSON, b'{"from":"1","text":"\\u00e9 \\"x\\""}'), sms('é "x"')),
    ("JSON numbers", post(JSON, b'{"from":1,"text":"a","n":-5,"b":true}'), sms("a", ["n", "-5"], ["b", "true"])),
    ("JSON repeated", post(JSON, b'{"from":"1","text":"a","from":"2"}'), sms("a", ["from", "2"])),
    ("JSON not flat", post(JSON, b'{"from":"1","text":"a","x":1.50,"y":null}'),
     sms("a", ["x", "1.5"], ["y", ""], raw=b'\n{"from":"1","text":"a","x":1.50,"y":null}')),
    ("JSON surrogate and NUL", post(JSON, b'{"from":"1","text":"\\ud800\\u0000"}'),
     sms(BAD * 2, raw=b'\n{"from":"1","text":"\\ud800\\u0000"}')),
    ("JSON in UTF-16", post(JSON, '{"from":"1","text":"é"}'.encode("utf-16")), sms("é")),
    ("JSON nested 500 deep", post(JSON, nested(500)),
     sms("[" * 500 + "]" * 500, raw=b"\n" + nested(500))),
    ("chunked JSON", post(JSON, chunks(b'{"from":"1",', b'"text":"a"}'), CHUNKED), sms("a")),
    ("chunked and a length", post(JSON, chunks(b'{"from":"1","text":"a"}'), CHUNKED, "Content-Length: 5"), sms("a")),
    # multipart
    ("multipart", post(MULTIPART, multipart((field("from"), b"1"), (field("text"), b"x\r\ny"))), sms("x\r\ny")),
    ("multipart with a file", post(MULTIPART, multipart((field("from"), b"1"), (field("text") + '; filename="f"', b"a"))),
     sms("a")),
    ("chunked multipart", post(MULTIPART, chunks(multipart((field("from"), b"1"), (field("text"), b"a"))), CHUNKED),
     sms("a")),
    # the request itself
    ("Host of no sense", get("from=1&text=a").replace(b"Host: x", b"Host: \xff[::1@/?"), sms("a")),
    ("a whole URL", request("GET", "http://other.example/context/receiveSMS?from=1&text=a", [BASIC]), sms("a")),
    ("HTTP/1.0", get("from=1&text=a").replace(b"HTTP/1.1", b"HTTP/1.0"), sms("a")),
    ("100-continue", post(FORM, TEXT, "Expect: 100-continue"), sms("a")),
    ("escaped path", get("from=1&text=a", target="/context/receive%53MS"), sms("a")),
    ("override", get("from=1&text=a", "X-HTTP-Method-Override: DELETE", "X-Original-URL: /health/live"), sms("a")),
]  # fmt: skip


@pytest.mark.parametrize(("data", "text"), [row[1:] for row in ACCEPTED], ids=[row[0] for row in ACCEPTED])
def test_what_is_accepted_is_kept_as_it_came(host: Host, data: bytes, text: Kept) -> None:
    before = kept(host)
    assert ask(host, data) == OK
    assert kept(host)[len(before) :] == [text]


def test_a_text_of_100_kb_is_kept_where_the_limit_allows_it(tmp_path: Path) -> None:
    wide = Host(tmp_path, gateway("web", 9), properties=f"{QUIET}\nsmshost.receive.maxBodyBytes=200000")
    with attacked(wide):
        assert ask(wide, post(FORM, TEXT + b"a" * 100_000)) == OK
        assert ask(wide, post(FORM, TEXT + b"a" * 200_000)).status == 413
        assert kept(wide) == [sms("a" * 100_001)]


def missing(name: str) -> Answer:
    return Answer(400, f'parameter "{name}" is missing\n')


REFUSED = [
    # missing
    ("nothing", get(""), missing("from")),
    ("no text", get("from=1"), missing("text")),
    ("no sender", get("text=a"), missing("from")),
    ("empty sender", post(FORM, b"from=&text=a"), missing("from")),
    ("null sender", post(JSON, b'{"from":null,"text":"a"}'), missing("from")),
    ("another case", post(FORM, b"From=1&Text=a"), missing("from")),
    ("another content type", post("Content-Type: text/xml", TEXT), missing("from")),
    ("no length", request("POST", RECEIVE, [BASIC, FORM]) + TEXT, missing("from")),
    ("no such gateway", get("from=1&text=a", target=f"{RECEIVE}/nope"),
     Answer(400, "SMSConfig.xml has no gateway of this id\n")),
    # too much
    ("100 kB", post(FORM, TEXT + b"a" * 100_000), Answer(413, "the body has 100013 bytes: at most 65536 are accepted\n")),
    ("announced", post(FORM, TEXT, "Content-Length: 999999999999999"),
     Answer(413, "the body has 999999999999999 bytes: at most 65536 are accepted\n")),
    ("100 kB of chunks", post(JSON, chunks(b'{"from":"' + b"1" * 100_000 + b'"}'), CHUNKED),
     Answer(413, "the body has more than 65536 bytes\n")),
    ("100 kB in a query", get(f"from=1&text={'a' * 100_000}"), Answer(414, "", "")),
    ("10 000 parameters", post(FORM, b"&".join([TEXT, *[b"a=1"] * 10_000])),
     Answer(400, "10002 parameters: at most 1000 are accepted\n")),
    ("1001 parts", post(MULTIPART, multipart(*[(field("a"), b"1")] * 1001)),
     Answer(400, "the multipart body has too many parts: at most 1000 are accepted\n")),
    ("a long sender", post(FORM, b"text=a&from=" + b"1" * 501),
     Answer(400, "the sender has 501 characters: at most 500 are accepted\n")),
    ("a long id", post(FORM, TEXT + b"&id=" + b"1" * 501),
     Answer(400, "the gateway's id of the text has 501 characters: at most 500 are accepted\n")),
    ("200 headers", get("from=1&text=a", *[f"X-{number}: y" for number in range(200)]), Answer(431, "", "")),
    # broken
    ("JSON list", post(JSON, b"[1]"), Answer(400, "the JSON body must be an object of names and values\n")),
    ("JSON cut", post(JSON, b'{"from":"1","te'),
     Answer(400, "the JSON body is broken: Unterminated string starting at: line 1 column 13 (char 12)\n")),
    ("JSON not UTF-8", post(JSON, b'{"from":"1","text":"\xff"}'),
     Answer(400, "the JSON body is broken: 'utf-8' codec can't decode byte 0xff in position 20: invalid start byte\n")),
    ("JSON 10 000 deep", post(JSON, nested(10_000)), Answer(400, "the JSON body is nested too deep\n")),
    ("JSON 10 000 deep, not closed", post(JSON, b"[" * 10_000), Answer(400, "the JSON body is nested too deep\n")),
    ("multipart without boundary", post("Content-Type: multipart/form-data", multipart((field("from"), b"1"))),
     Answer(400, "the multipart body names no boundary in its Content-Type\n")),
    ("multipart with a boundary of 60 000 characters",
     post(f"Content-Type: multipart/form-data; boundary={'x' * 60_000}", multipart((field("from"), b"1"))),
     Answer(400, "the multipart body's boundary is longer than 70 characters\n")),
    ("multipart without end", post(MULTIPART, multipart((field("from"), b"1")).removesuffix(b"--\r\n")),
     Answer(400, f"{TORN}Invalid form-data cannot parse beyond State.DATA\n")),
    ("multipart without name", post(MULTIPART, multipart(("Content-Disposition: form-data", b"1"))),
     Answer(400, f"{TORN}a part has no name\n")),
    ("multipart of rubbish", post(MULTIPART, b"\x00\xff" * 100),
     Answer(400, f"{TORN}Invalid form-data cannot parse beyond State.PREAMBLE\n")),
    # lengths and chunks
    ("chunked form", post(FORM, chunks(TEXT), CHUNKED),
     Answer(411, "This body needs a Content-Length, so that a torn text is not taken for a whole one.\n")),
    ("bad chunk size", post(JSON, b'zz\r\n{"from":"1","text":"a"}\r\n0\r\n\r\n', CHUNKED), Answer(400, "the chunked body is empty, or its chunks are broken\n")),
    ("two lengths", post(FORM, TEXT, "Content-Length: 13", "Content-Length: 5"), GRANIAN),
    ("a negative length", post(FORM, TEXT, "Content-Length: -1"), GRANIAN),
    ("a signed length", post(FORM, TEXT, "Content-Length: +13"), GRANIAN),
    ("bytes in the request line", get(b"from=1&text=\xff"), GRANIAN),
    ("NUL in a header", get("from=1&text=a", "X-A: a\0b"), GRANIAN),
    ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", GRANIAN),
]  # fmt: skip


@pytest.mark.parametrize(("data", "answer"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_cannot_be_read_is_named_and_not_kept(host: Host, data: bytes, answer: Answer) -> None:
    before = kept(host)
    assert ask(host, data) == answer
    assert kept(host) == before


def test_a_header_too_large_is_not_even_read(host: Host) -> None:
    assert ask(host, get("from=1&text=a", f"X-A: {'a' * 2_000_000}")) == Answer(431, "", "")


def test_no_depth_of_json_gives_a_500(host: Host) -> None:
    """Reading and writing JSON stop at different depths, and no request may fall between the two."""
    answers = {depth: ask(host, post(JSON, nested(depth))) for depth in range(900, 1010)}
    wrong = {depth: answer for depth, answer in answers.items() if answer not in (OK, TOO_DEEP)}
    assert (wrong, set(answers.values())) == ({}, {OK, TOO_DEEP})


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (post(FORM, TEXT, "Content-Length: 50"), Answer(400, "the body ends after 13 of 50 bytes\n")),
        (post(JSON, b'{"from":"1","text":"a"}', "Content-Length: 50"), Answer(400, "the body ends after 23 of 50 bytes\n")),
        (post(JSON, chunks(b'{"from":"1",')[:-5], CHUNKED),
         Answer(400, "the JSON body is broken: Expecting property name enclosed in double quotes: line 1 column 13 (char 12)\n")),
        (post(MULTIPART, chunks(multipart((field("from"), b"1"), (field("text"), b"abc"))[:-9])[:-5], CHUNKED),
         Answer(400, f"{TORN}Invalid form-data cannot parse beyond State.DATA\n")),
    ],
)  # fmt: skip
def test_a_torn_text_is_not_kept(host: Host, data: bytes, answer: Answer) -> None:
    before = kept(host)
    assert ask(host, data, hang_up=True) == answer
    with socket.create_connection(("127.0.0.1", host.port)) as connection:
        connection.sendall(data)  # and gone, without waiting for an answer
    assert ask(host, get("")) == NO_SENDER
    assert kept(host) == before


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "FOO"])
def test_other_methods_store_nothing(host: Host, method: str) -> None:
    before = kept(host)
    answer = ask(host, request(method, f"{RECEIVE}?from=1&text=a", [BASIC, FORM], TEXT))
    assert answer == Answer(405, "" if method == "HEAD" else "Method Not Allowed")
    assert kept(host) == before


@pytest.mark.parametrize(
    ("target", "answer"),
    [
        ("/", Answer(404, "Not Found")),
        ("/health/live", Answer(200, "live\n")),
        ("/context/receiveSMSx", Answer(404, "Not Found")),
        ("/context/receiveSMS/web/x", Answer(404, "Not Found")),
    ],
)
def test_every_answer_is_plain_text(host: Host, target: str, answer: Answer) -> None:
    assert ask(host, request("GET", target, [BASIC])) == answer


def test_ids_that_cannot_be_decoded_are_not_mistaken_for_one(host: Host) -> None:
    before = len(kept(host))
    for number in (b"%FF", b"%FE", b"%00", b"%FF"):
        assert ask(host, post(FORM, TEXT + b"&id=" + number)) == OK
    assert [text.raw for text in kept(host)[before:]] == [
        b"\nfrom=1&text=a&id=%FF",
        b"\nfrom=1&text=a&id=%FE",
        b"\nfrom=1&text=a&id=%00",
    ]


def test_the_story_shows_what_came(host: Host) -> None:
    before = len(kept(host))
    ask(host, post(FORM, "from=1447ß7665544&text=%FFx&text=%1b[2J".encode()))
    told = host.run("story", f"in-{before + 1}")
    assert (told.status, [line.split("  ", 1)[1] for line in told.output.splitlines()[:2]]) == (
        0,
        [
            f"in-{before + 1}: 1447ß7665544 > '{BAD}x', accepted from gateway web",
            f"  as it came: from='1447ß7665544', text='{BAD}x', text='\\x1b[2J'",
        ],
    )


@pytest.mark.parametrize(
    "target", ["/context/receiveSMS/a%0aFORGED", "/context/receiveSMS/a%0d%0aFORGED", "/context/%1b[2J"]
)
def test_a_path_does_not_write_lines_into_the_log(host: Host, target: str) -> None:
    assert ask(host, request("GET", target)) == Answer(403)
    lines = host.program.log.splitlines()
    assert [line for line in lines if line.startswith("FORGED") or "\x1b" in line] == []
