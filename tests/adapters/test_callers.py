"""What adapters see of who calls, and of the request: by HTTP, by a text, by a poll, by another procedure."""

import json
from pathlib import Path
from typing import Any

import pytest

from host import dispatching, sources
from host.callers import ClientRequest, active_user, client_request
from host.errors import StoreUnavailable
from host.messages import HttpRequest, Identity, Inbound
from host.receiving import accept
from host.sources import call_procedure
from tests.adapters.folders import host_at_rest, write_adapter
from tests.programs import wait_for

CODE = """
import json
from pathlib import Path

SEEN = Path(__file__).parent / "seen"

def seen():
    request, user = WL.Server.getClientRequest(), WL.Server.getActiveUser()
    return {"request": request and request.plain(), "user": user and user.plain()}

def nested():
    return WL.Server.invokeProcedure({"adapter": "b", "procedure": "seen", "parameters": []})

def of_realm(realm):
    return {"user": (user := WL.Server.getActiveUser(realm)) and user.userId}

def keep(*_):
    SEEN.write_text(json.dumps(seen()))

WL.Server.createEventSource({"name": "clock", "poll": {"interval": 1, "onPoll": keep}})
WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({}, keep)])
"""
ASKED = HttpRequest(
    "POST",
    "https://sms.example.com/context/adapters/a/seen?x=1&x=2",
    {"content-type": "application/x-www-form-urlencoded", "x-colour": "blue"},
    b"x=3&Y=%C3%BC",
    "/adapters/a/seen",
    b"x=1&x=2",
    "203.0.113.9",
)
PLAIN = {
    "parameters": [["x", "1"], ["x", "2"], ["x", "3"], ["Y", "ü"]],
    "headers": [["content-type", "application/x-www-form-urlencoded"], ["x-colour", "blue"]],
    "method": "POST",
    "requestURL": "https://sms.example.com/context/adapters/a/seen",
    "requestURI": "/context/adapters/a/seen",
    "queryString": "x=1&x=2",
    "remoteAddr": "203.0.113.9",
    "contentType": "application/x-www-form-urlencoded",
}
USER = {"userId": "gw", "displayName": "The Gateway", "attributes": {}, "credentials": None}
TEXT = {
    "parameters": [["shortcode", "55"], ["text", "Hi there"], ["from", "+15550001"], ["to", "26161"], ["keyword", "Hi"], ["gateway", "web"]],
    "headers": [], "method": "", "requestURL": "", "requestURI": "", "queryString": None, "remoteAddr": "", "contentType": None,
}  # fmt: skip

METHODS: list[tuple[str, tuple[str, ...], Any]] = [
    ("getHeader", ("X-Colour",), "blue"),
    ("getHeader", ("X-Other",), None),
    ("getHeaders", ("x-COLOUR",), ["blue"]),
    ("getHeaders", ("x-other",), []),
    ("getHeaderNames", (), ["content-type", "x-colour"]),
    ("getParameter", ("x",), "1"),
    ("getParameter", ("X",), None),
    ("getParameterValues", ("x",), ["1", "2", "3"]),
    ("getParameterValues", ("y",), None),
    ("getParameterNames", (), ["x", "Y"]),
    ("getParameterMap", (), {"x": ["1", "2", "3"], "Y": ["ü"]}),
    ("getQueryString", (), "x=1&x=2"),
    ("getMethod", (), "POST"),
    ("getRequestURI", (), "/context/adapters/a/seen"),
    ("getRequestURL", (), "https://sms.example.com/context/adapters/a/seen"),
    ("getRemoteAddr", (), "203.0.113.9"),
    ("getContentType", (), "application/x-www-form-urlencoded"),
    ("plain", (), PLAIN),
]


@pytest.mark.parametrize(("method", "given", "expected"), METHODS)
def test_the_request_as_adapters_see_it(method: str, given: tuple[str, ...], expected: Any) -> None:
    assert getattr(client_request(ASKED), method)(*given) == expected


def test_every_method_is_in_the_table() -> None:
    public = {name for name in vars(ClientRequest) if name.startswith("get")}
    assert public == {method for method, _, _ in METHODS if method.startswith("get")}


def test_a_body_without_names_leaves_those_of_the_query() -> None:
    array = HttpRequest("POST", "/?x=1", {"content-type": "application/json"}, b"[1]", "/", b"x=1")
    assert client_request(array).getParameterMap() == {"x": ["1"]}


def test_by_http_there_are_request_and_user(tmp_path: Path) -> None:
    write_adapter(tmp_path / "adapters", "a", CODE, "seen", "nested", "of_realm")
    write_adapter(tmp_path / "adapters", "b", CODE, "seen")
    who = Identity("gw", "staff", "The Gateway")
    with host_at_rest(tmp_path) as runtime:
        for name in ("seen", "nested"):
            result = call_procedure(runtime, "a", name, [], identity=who, request=lambda: client_request(ASKED))
            assert result == {"isSuccessful": True, "request": PLAIN, "user": USER}
        for realm, user in {"staff": "gw", "other": None, None: "gw"}.items():
            result = call_procedure(runtime, "a", "of_realm", [realm], identity=who)
            assert result == {"isSuccessful": True, "user": user}
        assert call_procedure(runtime, "a", "seen", []) == {"isSuccessful": True, "request": None, "user": None}


def test_by_a_text_there_are_its_parameters_and_in_a_poll_nothing(tmp_path: Path) -> None:
    folder = write_adapter(tmp_path / "adapters", "a", CODE)
    with host_at_rest(tmp_path) as runtime:
        dispatching.open_queue(runtime)
        runtime.engine.start()
        text = Inbound("+15550001", "Hi there", "26161", "Hi", parameters=(("shortcode", "55"), ("text", "Hi there")))
        accept(runtime, runtime.gateways["web"], [text])
        wait_for((folder / "seen").exists, "the text to be handled")
        runtime.engine.stop()
        assert json.loads((folder / "seen").read_text()) == {"request": TEXT, "user": None}
        sources.poll(runtime, runtime.adapters.event_source("a.clock"))
        assert json.loads((folder / "seen").read_text()) == {"request": None, "user": None}


def test_a_user_without_a_name_to_show_has_his_own() -> None:
    assert active_user(Identity("gw", "staff")).displayName == "gw"


def test_a_call_that_did_nothing_needs_no_database(tmp_path: Path) -> None:
    code = (
        'WL.Server.createEventSource({"name": "news"})\n'
        "def looks():\n    return {}\n"
        'def acts():\n    WL.Server.subscribeSMS("a.news", "+15550001", "web")\n'
    )
    write_adapter(tmp_path / "adapters", "a", code, "looks", "acts")
    with host_at_rest(tmp_path) as runtime:
        runtime.store.stop()
        assert call_procedure(runtime, "a", "looks", []) == {"isSuccessful": True}
        with pytest.raises(StoreUnavailable):
            call_procedure(runtime, "a", "acts", [])
