"""The shipped configuration refuses everybody, whatever they bring and however they spell it, and pays little for it."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from sqlalchemy import event

from host.app import assemble, prepare_schema
from host.options import Options
from host.web import open_doors
from tests.hosts import CREDENTIAL, OPEN, REPOSITORY, Host, gateway
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
    get,
    kept,
    request,
)

METHODS = ["GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "FOO", "CONNECT"]
PATHS = [
    "/context/receiveSMS",
    "/context/subscribeSMS",
    "/context/ussd",
    "/context/adapters/bookstore/sendSMS",
    "/context/invoke",
]
QUERY = "?from=1&to=2&text=sub&event=x&key=secret&adapter=bookstore&procedure=sendSMS"
TEXT = b"from=1&text=sub"
REFUSED = Answer(403)
NOT_FOUND = Answer(404, "Not Found")

DRESSED = [
    # headers, body
    ([], b""),
    ([FORM], TEXT),
    ([JSON], b'{"from":"1","text":"sub"}'),
    ([JSON], b"[" * 10_000),
    ([FORM, "Content-Length: 1000000"], TEXT),  # and never more of it
    ([FORM, "Content-Length: 50"], TEXT),
    ([FORM], TEXT + b"a" * 200_000),
    ([JSON, CHUNKED], chunks(b'{"from":"1"', b',"text":"sub"}')),
    ([JSON, CHUNKED], chunks(b'{"from":"1"')[:-5]),
    ([JSON, CHUNKED], b"zz\r\n{}\r\n"),
    ([FORM, CHUNKED], chunks(TEXT)),
    ([MULTIPART], b"--x\r\nrubbish"),
    ([BASIC], b""),
    (["Authorization: Basic rubbish"], b""),
    (["Authorization: Bearer x", "X-Gateway-Key: secret", "X-Remote-User: admin", "Cookie: session=x"], b""),
    (["X-HTTP-Method-Override: GET", "X-Method-Override: POST", "X-HTTP-Method: POST"], b""),
    (["X-Original-URL: /health/live", "X-Rewrite-URL: /health/live"], b""),
    (["Forwarded: for=127.0.0.1;host=localhost", "X-Forwarded-For: 127.0.0.1", "X-Real-IP: 127.0.0.1"], b""),
    (["X-Forwarded-Prefix: /context", "X-Script-Name: /context", "X-Forwarded-Path: /health/live"], b""),
    (["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: eA=="], b""),
]

SPELLED = [
    *[(f"{path}{more}", REFUSED) for path in PATHS for more in ("", "/", "/x", "/myGateway", "x")],
    ("/context//receiveSMS", REFUSED),
    ("/context/./receiveSMS", REFUSED),
    ("/context/%2e/receiveSMS", REFUSED),
    ("/context/x/../receiveSMS", REFUSED),
    ("/context/%2e%2e/context/receiveSMS", REFUSED),
    ("/context/receiveSMS;x", REFUSED),
    ("/context;x/receiveSMS", NOT_FOUND),
    ("/context/receiveSMS%3Bx", REFUSED),
    ("/context/receiveSMS%00", REFUSED),
    ("/context/receiveSMS%20", REFUSED),
    ("/context/receiveSMS%0A", REFUSED),
    ("/context/receiveSMS%FF", REFUSED),
    ("/context/receiveSMS%5C", REFUSED),
    ("/context%5CreceiveSMS", NOT_FOUND),
    ("/context%2FreceiveSMS", REFUSED),
    ("/%63ontext/receive%53MS", REFUSED),
    ("/context/receivesms", REFUSED),
    ("/CONTEXT/receiveSMS", NOT_FOUND),
    ("//context/receiveSMS", REFUSED),
    ("/./context/receiveSMS", NOT_FOUND),
    ("/receiveSMS", NOT_FOUND),
    ("http://127.0.0.1/context/receiveSMS", REFUSED),
    ("*", NOT_FOUND),
]


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    host = Host(tmp_path_factory.mktemp("closed"))
    for name in ("SMSConfig.xml", "authenticationConfig.xml", "worklight.properties"):
        shutil.copy(REPOSITORY / "config" / name, host.directory / "config" / name)
    with attacked(host, CREDENTIAL[1]):
        yield host
        assert kept(host) == []


@pytest.mark.parametrize(("headers", "body"), DRESSED)
def test_every_request_is_refused_whatever_it_carries(host: Host, headers: list[str], body: bytes) -> None:
    answers = {
        (method, path): ask(host, request(method, path + QUERY, headers, body)) for method in METHODS for path in PATHS
    }
    assert answers == dict.fromkeys(answers, REFUSED)


@pytest.mark.parametrize(("target", "answer"), SPELLED)
def test_every_spelling_of_a_path_is_refused(host: Host, target: str, answer: Answer) -> None:
    answers = {method: ask(host, request(method, target, [FORM, BASIC], TEXT)) for method in METHODS}
    bodiless = Answer(answer.status)
    assert answers == {method: bodiless if method == "HEAD" else answer for method in METHODS}


def test_a_locked_database_delays_no_refusal(tmp_path: Path) -> None:
    with attacked(Host(tmp_path, gateway("web", 9), properties=QUIET)) as host:
        assert ask(host, get("from=1&text=a")) == Answer(200)
        with closing(sqlite3.connect(host.directory / "smshost.db", isolation_level=None)) as database:
            database.execute("BEGIN EXCLUSIVE")
            with suppress(TimeoutError):  # the lock bites: a text waits for it
                pytest.fail(f"stored under lock: {ask(host, get('from=1&text=b'), timeout=0.2)}")
            refused = [ask(host, request("POST", RECEIVE, [FORM], TEXT), timeout=3).status for _ in range(200)]
            assert refused == [401] * 200
            database.execute("ROLLBACK")
        assert kept(host)[0] == Kept("web", "1", "a", [["from", "1"], ["text", "a"]])


def test_refusing_costs_no_database_access(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.mkdir()
    (config / "SMSConfig.xml").write_text('<config><gateway id="web" hostname="h"/></config>')
    (config / "authenticationConfig.xml").write_text(OPEN)
    (config / "worklight.properties").write_text("")
    app, runtime = assemble(Options(config, tmp_path, f"sqlite:///{tmp_path}/host.db"))
    seen: list[str] = []
    try:
        prepare_schema(runtime.store)
        open_doors(app, runtime)
        for name in ("checkout", "before_cursor_execute"):
            event.listen(runtime.store.engine, name, lambda *_, name=name: seen.append(name))
        client = app.test_client()
        statuses = [client.open(path + QUERY, method=method).status_code for method in METHODS for path in PATHS]
        assert (sorted(set(statuses)), seen) == ([401, 403], [])
        assert client.get(RECEIVE + QUERY, auth=CREDENTIAL).status_code == 200
        assert set(seen) == {"checkout", "before_cursor_execute"}
    finally:
        runtime.store.stop()
        runtime.store.engine.dispose()
