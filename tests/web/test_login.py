"""Logging in by a form at a real host: 401, the form, the session, and what ends it."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from tests.adapters.folders import write_adapter
from tests.databases import new_postgresql
from tests.hosts import Host
from tests.programs import wait_for
from tests.web.wire import FORM, answer_on, connect, request

IBM = "com.worklight.core.auth.ext."
PASSWORD = "a-pässword of the tests"
ACCESS = f"""<loginConfiguration>
  <staticResources><resource id="calls" securityTest="clerk"><urlPatterns>/adapters*</urlPatterns></resource></staticResources>
  <securityTests><customSecurityTest name="clerk"><test realm="desk" isInternalUserID="true"/></customSecurityTest></securityTests>
  <realms><realm name="desk" loginModule="desk"><className>{IBM}FormBasedAuthenticator</className>
    <parameter name="login-page" value="/login.html"/></realm></realms>
  <loginModules><loginModule name="desk" audit="true" expirationInSeconds="600">
    <className>{IBM}SingleIdentityLoginModule</className></loginModule></loginModules>
</loginConfiguration>"""
PROPERTIES = f"console.username=clerk\nconsole.password={PASSWORD}\nsmshost.polls.enabled=false\n"
CODE = """
import os
def orders(): return {"orders": 3, "process": os.getpid()}
"""
RIGHT = {"j_username": "clerk", "j_password": PASSWORD}


def write_host(directory: Path, properties: str = PROPERTIES, database: str = "", *arguments: str) -> Host:
    write_adapter(directory / "adapters", "shop", CODE, "orders")
    places = {"adapters": directory / "adapters", "database": database, "arguments": arguments}
    return Host(directory, access=ACCESS, properties=properties, **places)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with write_host(tmp_path_factory.mktemp("login")) as host:
        yield host
        assert [word for word in ("Traceback", PASSWORD, "p%C3%A4ssword") if word in host.program.log] == []


def orders(host: Host, browser: requests.Session) -> requests.Response:
    return browser.get(f"{host.url}/context/adapters/shop/orders", timeout=30, allow_redirects=False)


def log_in(host: Host, browser: requests.Session, **fields: str) -> requests.Response:
    return browser.post(f"{host.url}/context/j_security_check", data=fields or RIGHT, timeout=30, allow_redirects=False)


def test_a_caller_logs_in_once(host: Host) -> None:
    with requests.Session() as browser:
        stranger = orders(host, browser)
        assert (stranger.status_code, stranger.headers["WWW-Authenticate"], stranger.content) == (
            401,
            'Form realm="desk"',
            b"",
        )
        answer = log_in(host, browser)
        assert (answer.status_code, answer.text) == (200, "logged in\n")
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Set-Cookie"].partition("; ")[2] == "HttpOnly; Path=/context; SameSite=Strict"
        called = orders(host, browser)
        assert (called.status_code, called.json()) == (200, {**called.json(), "isSuccessful": True, "orders": 3})
    assert "login user='clerk' realm='desk' peer=127.0.0.1 outcome=admitted" in host.program.log


def test_a_crowd_with_slow_forms_holds_up_nobody(host: Host) -> None:
    """They may wait for a place to bring them; they must not take every thread for as long."""
    slow = request("POST", "/context/j_security_check", [FORM, "Content-Length: 100"], b"j_username=")
    with ExitStack() as stack:
        for connection in [stack.enter_context(connect(host)) for _ in range(500)]:
            connection.sendall(slow)
        began = time.monotonic()
        assert requests.get(f"{host.url}/health/live", timeout=30).status_code == 200
        assert time.monotonic() - began < 2.5
    with requests.Session() as browser:
        wait_for(lambda: log_in(host, browser).status_code == 200, "a place in the room")


def test_a_crowd_with_quick_forms_is_let_in(host: Host) -> None:
    quick = request("POST", "/context/j_security_check", [FORM, "Content-Length: 4"], b"x=yz")
    with ExitStack() as stack:
        connections = [stack.enter_context(connect(host, 30)) for _ in range(200)]
        for connection in connections:
            connection.sendall(quick)
        assert {answer_on(connection).status for connection in connections} == {400}


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({**RIGHT, "j_password": "wrong"}, 401, ""),
        ({**RIGHT, "j_username": "nobody"}, 401, ""),
        ({**RIGHT, "realm": "elsewhere"}, 403, ""),
        ({"j_username": "clerk"}, 400, 'the form has no "j_password", or an empty one\n'),
    ],
)
def test_who_does_not_get_in(host: Host, fields: dict[str, str], status: int, said: str) -> None:
    with requests.Session() as browser:
        answer = log_in(host, browser, **fields)
        assert (answer.status_code, answer.text, "Set-Cookie" in answer.headers) == (status, said, False)
        assert orders(host, browser).status_code == 401


def test_a_page_of_another_site_logs_nobody_in(host: Host) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = requests.post(f"{host.url}/context/j_security_check", data=RIGHT, headers=headers, timeout=30)
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (403, False)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "OPTIONS", "NONSENSE"])
def test_logging_in_is_a_post(host: Host, method: str) -> None:
    answer = requests.request(method, f"{host.url}/context/j_security_check", params=RIGHT, timeout=30)
    assert (answer.status_code, answer.headers.get("Allow"), "Set-Cookie" in answer.headers) == (405, "POST", False)


@pytest.mark.parametrize("path", ["j_security_check/", "J_SECURITY_CHECK", "x/j_security_check", "j_security_check;x"])
def test_no_other_path_is_opened(host: Host, path: str) -> None:
    assert requests.post(f"{host.url}/context/{path}", data=RIGHT, timeout=30).status_code == 403


@pytest.mark.parametrize(("secret", "status"), [("", 401), ("smshost.session.secret=" + "0123456789abcdef" * 2, 200)])
def test_a_session_outlives_the_host_only_under_a_secret_of_the_administrators(
    tmp_path: Path, secret: str, status: int
) -> None:
    with requests.Session() as browser:
        with write_host(tmp_path, PROPERTIES + secret) as host:
            log_in(host, browser)
            assert orders(host, browser).status_code == 200
        with host:
            assert orders(host, browser).status_code == status


@pytest.mark.postgres
def test_every_process_that_receives_knows_a_session(tmp_path: Path) -> None:
    with new_postgresql(f"login_{tmp_path.name}") as url:
        host = write_host(tmp_path, PROPERTIES, url, "--processes", "2")
        assert host.run("db", "upgrade").status == 0
        with host, requests.Session() as browser:
            log_in(host, browser)
            seen: set[int] = set()

            def ask() -> bool:
                with requests.Session() as anew:  # a connection stays with the process that took it
                    anew.cookies = browser.cookies
                    answer = orders(host, anew)
                assert answer.status_code == 200
                seen.add(answer.json()["process"])
                return len(seen) > 1

            wait_for(ask, "both processes to have answered", 60)
