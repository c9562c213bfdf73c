"""The rest of WL: what is configured, other procedures and back ends, who calls, and the log."""

import json
import logging
import threading
from pathlib import Path

import pytest

from host.callers import ClientRequest
from host.messages import Identity
from host.sources import call_procedure
from tests.backend import Backend, Reply
from tests.backends.asking import policy
from tests.javascript.scripts import scripts_at_rest, write_script
from tests.wl.speaking import NEWS, Said, Speak


def test_configuration(speak: Speak) -> None:
    it = speak(
        'early = WL.Server.configuration["some.word"]',
        word='[WL.Server.configuration["some.word"], WL.Server.configuration["sms.gateway.id"]]',
        early_word="early",
    )
    assert (it.call("word"), it.call("early_word")) == (["sub", "web"], "sub")


def test_invokeProcedure(speak: Speak) -> None:
    it = speak(
        NEWS,
        add='{"sum": x + 1}',
        outer='WL.Server.invokeProcedure({"adapter": "a", "procedure": "add", "parameters": [x]})["sum"]',
        successful='WL.Server.invokeProcedure({"adapter": "a", "procedure": "fail"})["isSuccessful"]',
        fail=['WL.Server.subscribeSMS("a.news", "+15550001", "web")', 'WL.Server.subscribeSMS("a.none", "+1", "web")'],
        stranger='WL.Server.getSMSSubscription("a.news", "+15550001") == null',
    )
    assert [it.call("outer", 4), it.call("successful"), it.call("stranger")] == [5, False, True]


def test_invokeProcedure_of_none(speak: Speak) -> None:
    it = speak(outer='WL.Server.invokeProcedure({"adapter": "b", "procedure": "none"})')
    with pytest.raises(Said, match='no adapter "b"'):
        it.call("outer")


def test_invokeHttp(speak: Speak) -> None:
    with Backend(
        lambda question: Reply(json.dumps({"asked": question.target}).encode(), "application/json")
    ) as backend:
        it = speak(
            policy(backend.port),
            ask=[
                'r = WL.Server.invokeHttp({"method": "get", "path": "x", "parameters": {"title": x}})',
                '[r["asked"], r["statusCode"], r["isSuccessful"], r["responseHeaders"]["Content-Type"], r["errors"]]',
            ],
        )
        assert it.call("ask", "a b") == ["/x?title=a+b", 200, True, "application/json", []]


def test_invokeHttp_ends_before_the_call_has_to(speak: Speak) -> None:
    ended = threading.Event()
    with Backend(lambda _: Reply(str(ended.wait(10)).encode())) as backend:
        it = speak(
            policy(backend.port),
            "smshost.javascript.limitSeconds=1",
            ask=[
                'r = WL.Server.invokeHttp({"method": "get", "path": "/", "socketTimeoutInMilliseconds": 800})',
                '[r["isSuccessful"], r["errors"][0]]',
            ],
        )
        successful, error = it.call("ask")
        ended.set()
    assert not successful
    assert f"127.0.0.1:{backend.port} did not answer within 0." in error


def test_invokeHttp_of_an_adapter_without_connectivity(speak: Speak) -> None:
    it = speak(ask='WL.Server.invokeHttp({"method": "get", "path": "/"})')
    with pytest.raises(Said, match='the manifest of adapter "a" has no <connectivity>'):
        it.call("ask")


def test_createSQLStatement_is_accepted_and_what_runs_it_is_not(speak: Speak, caplog: pytest.LogCaptureFixture) -> None:
    it = speak(
        'statement = WL.Server.createSQLStatement("select 1")',
        'other = WL.Server.createSQLStatement("select 2")',
        run='WL.Server.invokeSQLStatement({"preparedStatement": statement})',
        runs_otherwise='"fine"',
    )
    with pytest.raises(Said, match=r"WL\.Server\.invokeSQLStatement is not provided by this host"):
        it.call("run")
    assert it.call("runs_otherwise") == "fine"
    it.runtime.close_adapters()  # a script begins anew, and declares again
    assert it.call("runs_otherwise") == "fine"
    said = "WL.Server.createSQLStatement has no effect: SQL is not provided by this host: what runs the statement raises WLError"
    assert [each.getMessage() for each in caplog.records if each.name == "adapter.a"] == [said]


def test_a_method_of_the_request_that_is_not_there_is_named(speak: Speak) -> None:
    it = speak(run="WL.Server.getClientRequest().getSession()", names="WL.Server.getClientRequest().getHeaderNames()")
    by = {"request": lambda: ClientRequest(headers=(("a", "1"),))}
    assert it.call("names", **by) == ["a"]
    said = r"(WL|Attribute)Error: WL\.Server\.getClientRequest\(\)\.getSession is not provided by this host"
    with pytest.raises(Said, match=said):
        it.call("run", **by)


LISTS = """
function listed(list) { var all = []; while (list.hasMoreElements()) all.push(list.nextElement()); return all; }
function lists() {
    var request = WL.Server.getClientRequest(), names = request.getHeaderNames();
    return [listed(names), names.length, listed(request.getHeaders("b")), listed(request.getHeaders("none")),
            listed(request.getParameterNames())];
}
"""


def test_the_lists_of_the_request_are_enumerations(tmp_path: Path) -> None:
    write_script(tmp_path / "adapters", "a", LISTS, "lists")
    asked = ClientRequest(parameters=(("x", "1"), ("y", "2")), headers=(("a", "1"), ("b", "2"), ("b", "3")))
    with scripts_at_rest(tmp_path) as runtime:
        result = call_procedure(runtime, "a", "lists", [], request=lambda: asked)
    assert result["result"] == [["a", "b"], 2, ["2", "3"], [], ["x", "y"]]


def said_of(speak: Speak, caplog: pytest.LogCaptureFixture, call: str) -> list[str]:
    """What the log is told of this call, made twice."""
    it = speak(tell=[f"WL.Server.{call}", '"told"'])
    assert [it.call("tell"), it.call("tell")] == ["told", "told"]
    return [each.getMessage() for each in caplog.records if each.name == "adapter.a"]


def test_logActivity(speak: Speak, caplog: pytest.LogCaptureFixture) -> None:
    said = said_of(speak, caplog, 'logActivity("bought", {"any": "context"})')
    assert said == ["WL.Server.logActivity has no effect: this host has no raw reports"]


def test_setApplicationContext(speak: Speak, caplog: pytest.LogCaptureFixture) -> None:
    said = said_of(speak, caplog, "setApplicationContext(null)")
    assert said == ["WL.Server.setApplicationContext has no effect: this host has no raw reports"]


def test_getClientDeviceContext(speak: Speak) -> None:
    assert speak(context="WL.Server.getClientDeviceContext() == null").call("context") is True


def test_getActiveUser(speak: Speak) -> None:
    it = speak(
        who=["u = WL.Server.getActiveUser()", "[u.userId, u.displayName]"], nobody="WL.Server.getActiveUser() == null"
    )
    assert it.call("who", identity=Identity("bea", "staff", "Bea B.")) == ["bea", "Bea B."]
    assert it.call("nobody") is True


def test_getClientRequest(speak: Speak) -> None:
    request = ClientRequest(
        (("a", "1"), ("a", "2")), (("x-b", "3"),), "GET", "http://h/context/x", "a=1&a=2", "10.0.0.1"
    )
    it = speak(
        ask=[
            "r = WL.Server.getClientRequest()",
            '[r.getParameter("a"), r.getHeader("X-B"), r.getMethod(), r.getQueryString(), r.getParameter("none") == null]',
        ],
        none="WL.Server.getClientRequest() == null",
    )
    assert it.call("ask", request=lambda: request) == ["1", "3", "GET", "a=1&a=2", True]
    assert it.call("none") is True


LEVELS = {"debug": "DEBUG", "info": "INFO", "log": "INFO", "warn": "WARNING", "error": "ERROR"}


def logged(speak: Speak, caplog: pytest.LogCaptureFixture, level: str, *lines: str) -> str:
    caplog.set_level(logging.DEBUG, logger="adapter.a")
    *before, value = lines
    speak(tell=[*before, f"WL.Logger.{level}({value})", '"told"']).call("tell")
    (record,) = [each for each in caplog.records if each.name == "adapter.a"]
    assert record.levelname == LEVELS[level]
    return record.getMessage()


def test_debug(speak: Speak, caplog: pytest.LogCaptureFixture) -> None:
    assert logged(speak, caplog, "debug", '"words"') == "words"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (['{"a": [1, null, true, {"b": "ä"}]}'], '{"a": [1, null, true, {"b": "ä"}]}'),
        (["[]"], "[]"),
        (["5"], "5"),
        (['d = {"a": 1}', 'd["self"] = d', "d"], '{"a": 1, "self": "(circular)"}'),
        (['d = {"a": 1}', "[d, d]"], '[{"a": 1}, {"a": 1}]'),
        (['"a\\u001b[31mb\\u202ec\\td"'], "a\\x1b[31mb\\u202ec\\td"),
        (['"one\\ntwo"'], "one\ntwo"),
        ([f'"{"x" * 30_000}"'], f"{'x' * 10_000}... (20000 more characters)"),
        (['{"a\\u001b": "\\u009b"}'], '{"a\\u001b": "\\x9b"}'),
    ],
)
def test_info(speak: Speak, caplog: pytest.LogCaptureFixture, lines: list[str], expected: str) -> None:
    assert logged(speak, caplog, "info", *lines) == expected


def test_info_of_a_subscription(speak: Speak, caplog: pytest.LogCaptureFixture) -> None:
    it = speak(NEWS, tell=['s = WL.Server.subscribeSMS("a.news", "+15550001", "web")', "WL.Logger.info(s)", "null"])
    caplog.set_level(logging.DEBUG, logger="adapter.a")
    it.call("tell")
    (record,) = [each for each in caplog.records if each.name == "adapter.a"]
    assert json.loads(record.getMessage())["phoneNumber"] == "+15550001"


def test_log(speak: Speak, caplog: pytest.LogCaptureFixture) -> None:
    assert logged(speak, caplog, "log", '{"any": "object"}') == '{"any": "object"}'


def test_warn(speak: Speak, caplog: pytest.LogCaptureFixture) -> None:
    assert logged(speak, caplog, "warn", '"words"') == "words"


def test_error(speak: Speak, caplog: pytest.LogCaptureFixture) -> None:
    assert logged(speak, caplog, "error", '"words"') == "words"
