"""A credential that comes as a parameter opens the door and goes no further: not kept, not shown, not handed on."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hosts import OPEN, Host, gateway
from tests.programs import wait_for
from tests.web.wire import (
    FORM,
    JSON,
    MULTIPART,
    QUIET,
    RECEIVE,
    Answer,
    ask,
    attacked,
    chunks,
    field,
    kept,
    multipart,
    request,
)

SECRET = "correct-horse-battery"
BAD = "\N{REPLACEMENT CHARACTER}"
ACCESS = OPEN.replace("BasicAuthenticator", "HeaderAuthenticator").replace(
    'name="user" value="gw"', 'name="parameter" value="key"'
)
ACCESS = ACCESS.replace("a-secret-of-the-tests", SECRET)
KEY = f"key={SECRET}".encode()
CODED = f"key=%63{SECRET[1:]}".encode()

SPY = """
import json
import os
from host.wl import WL

def show(event):
    with open("seen.log", "a") as file:
        file.write(json.dumps([dict(event), event.all("key"), repr(event)]) + "\\n")

WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({}, show)])
"""
MANIFEST = '<wl:adapter name="spy" xmlns:wl="http://www.worklight.com/integration"/>'


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    directory = tmp_path_factory.mktemp("secrets")
    folder = directory / "adapters" / "spy"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(SPY)
    (folder / "spy.xml").write_text(MANIFEST)
    gateways = gateway("web", 9) + gateway("kannel", 9, dialect="kannel")
    host = Host(directory, gateways, access=ACCESS, properties=QUIET, adapters=directory / "adapters")
    with attacked(host, SECRET, SECRET[1:]):
        yield host
    assert [
        path
        for path in directory.rglob("*")
        if path.is_file() and path.parent.name != "config" and SECRET[1:].encode() in path.read_bytes()
    ] == []  # database, its log, what the adapter saw


def sent(target: str, *headers: str, body: bytes = b"") -> bytes:
    return request("POST" if body else "GET", f"{RECEIVE}{target}", headers, body)


PLAIN = [["from", "1"], ["text", "a"]]
LOSSY = [["from", "1"], ["text", BAD]]
PARTS = ((field("from"), b"1"), (field("key"), SECRET.encode()))

ROWS = [
    # request, parameters kept, raw kept
    ("query", sent(f"?{KEY.decode()}&from=1&text=a"), PLAIN, None),
    ("query, raw", sent(f"?from=1&{KEY.decode()}&text=%FF"), LOSSY, b"from=1&text=%FF\n"),
    ("query, encoded", sent(f"?from=1&%6Bey=%63{SECRET[1:]}&text=%FF"), LOSSY, b"from=1&text=%FF\n"),
    ("query beside a form", sent(f"?{KEY.decode()}", FORM, body=b"from=1&text=a"), PLAIN, None),
    ("query beside another type", sent(f"?from=1&text=a&{KEY.decode()}", "Content-Type: text/xml", body=b"<a/>"), PLAIN,
     b"from=1&text=a\n<a/>"),
    ("form", sent("", FORM, body=b"from=1&text=a&" + KEY), PLAIN, None),
    ("form, raw", sent("", FORM, body=b"from=1&" + CODED + b"&text=%FF&&x"), [*LOSSY, ["x", ""]], b"\nfrom=1&text=%FF&&x"),
    ("form, repeated", sent("", FORM, body=KEY + b"&from=1&key=other&text=a&" + CODED), PLAIN, None),
    ("query and form", sent(f"?{KEY.decode()}", FORM, body=KEY + b"&from=1&text=a"), PLAIN, None),
    ("JSON", sent("", JSON, body=json.dumps({"key": SECRET, "from": "1", "text": "a"}).encode()), PLAIN, None),
    ("JSON, raw", sent("", JSON, body=b'{"key":"\\u0063%s","from":"1","text":"\\ud800"}' % SECRET[1:].encode()), LOSSY,
     b'\n{"from": "1", "text": "\\ud800"}'),
    ("JSON, chunked", sent("", JSON, "Transfer-Encoding: chunked",
                           body=chunks(json.dumps({"from": "1", "text": "a", "key": SECRET}).encode())), PLAIN, None),
    ("multipart", sent("", MULTIPART, body=multipart(*PARTS, (field("text"), b"a"))), PLAIN, None),
    ("multipart, raw", sent("", MULTIPART, body=multipart(*PARTS, (field("text"), b"\xff"))), LOSSY,
     b"\n" + multipart((field("from"), b"1"), (field("text"), b"\xff")).replace(b"--x", b"\r\n--x").replace(b"\r\n\r\n--x", b"\r\n--x")),
    ("a gateway of its own", sent(f"/kannel?from=1&text=%FF&{KEY.decode()}"), LOSSY, b"from=1&text=%FF\n"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "parameters", "raw"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_the_credential_is_not_kept(host: Host, data: bytes, parameters: list[list[str]], raw: bytes | None) -> None:
    assert SECRET[1:].encode() in data
    before = kept(host)
    assert ask(host, data) == Answer(200)
    text = kept(host)[len(before)]
    assert (text.parameters, text.raw) == (parameters, raw)


def test_neither_story_nor_adapter_shows_it(host: Host) -> None:
    before = len(kept(host))
    data = sent("", FORM, body=b"from=1&text=look&" + KEY + b"&more=x")
    assert (ask(host, data), KEY in data) == (Answer(200), True)
    seen = host.directory / "seen.log"
    line = wait_for(lambda: next((line for line in _lines(seen) if "look" in line), ""), "the adapter to see the text")
    event, under_key, _ = json.loads(line)
    always = {"from": "1", "to": "", "text": "look", "keyword": "look", "gateway": "web"}
    assert (event, under_key, SECRET in line) == ({**always, "more": "x"}, [], False)
    told = host.run("story", f"in-{before + 1}")
    assert "from='1', text='look', more='x'\n" in told.output
    assert (told.status, SECRET in told.output) == (0, False)


def test_the_files_of_the_host_are_where_texts_are_found(host: Host) -> None:
    """Only so does it mean something that the secret is in none of them."""
    assert ask(host, sent(f"?from=1&text=needle&{KEY.decode()}")) == Answer(200)
    files = (path for path in host.directory.glob("smshost.db*") if path.is_file())
    assert b"needle" in b"".join(path.read_bytes() for path in files)


def test_a_report_is_kept_without_it(host: Host) -> None:
    assert ask(host, sent(f"/kannel?dlr-status=1&reference=r&{KEY.decode()}")) == Answer(200)


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        # with the credential in the query, what is wrong with the body is said
        (sent(f"?{KEY.decode()}", JSON, body=b"[" * 10_000), Answer(400, "the JSON body is nested too deep\n")),
        (sent(f"?{KEY.decode()}", JSON, body=b'{"key":1,"text":' + b"[" * 985 + b"]" * 985 + b"}"), None),
        (sent(f"?{KEY.decode()}", MULTIPART, body=b"--x\r\n"), None),
        (sent(f"?{KEY.decode()}", FORM, "Content-Length: 99999", body=b"from=1"),
         Answer(413, "the body has 99999 bytes: at most 65536 are accepted\n")),
        # without it, nothing is said
        (sent("", JSON, body=b"[" * 10_000), Answer(403)),
        (sent("?key=wrong-horse", FORM, body=KEY + b"&from=1&text=a"), Answer(403)),
        (sent("?key=", FORM, body=KEY + b"&from=1&text=a"), Answer(403)),
        (sent(f"?KEY={SECRET}&from=1&text=a"), Answer(403)),
    ],
)  # fmt: skip
def test_broken_requests_say_no_more_than_they_may(host: Host, data: bytes, answer: Answer | None) -> None:
    before = kept(host)
    given = ask(host, data)
    assert given == answer if answer else given.status == 400
    assert kept(host) == before


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []
