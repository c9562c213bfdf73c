"""Texts whose JavaScript handler fails: told in the story with file and line, tried again, and nothing of it stored."""

import os
import re
import signal
import threading
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from textwrap import dedent

import pytest
from sqlalchemy import text as sql

from host import handling
from host.errors import StoreUnavailable
from host.messages import Inbound
from host.receiving import accept
from host.runtime import Runtime
from host.sources import poll
from host.store.tables import metadata
from host.stories import story
from tests.adapters.folders import write_adapter
from tests.javascript.scripts import bring, handle, rows, scripts_at_rest, write_script

SETTINGS = """
smshost.javascript.limitSeconds=1
smshost.javascript.memoryMegabytes=16
smshost.handling.attempts=2
smshost.handling.firstWaitSeconds=0.001
smshost.quarantine.texts=1000
"""
PHONE = "+15550001"
LATE = (
    "ran for longer than 1 s (smshost.javascript.limitSeconds): it was ended, and the script begins anew, without its"
)
NO_MEMORY = r"out of memory \(16 MB, smshost.javascript.memoryMegabytes\)"

FAILING = [  # the handler's name, what it does after it has texted the phone, what the story says of it
    ("loops", "while (true) {}", rf"Late: loops \(a-impl.js:LINE\) {re.escape(LATE)} globals"),
    ("backtracks", "/^(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab');",
     rf"Late: backtracks \(a-impl.js:LINE\) {re.escape(LATE)} globals"),
    ("hogs", "var all = []; while (true) all.push(new Uint8Array(1 << 20).fill(1));",
     rf"(InternalError: |it ran ){NO_MEMORY}(, or threw null)?\n +at hogs \(a-impl.js:LINE\)"),
    ("doubles", "var s = 'x'; while (true) s += s;",
     rf"(InternalError: string too long|InternalError: {NO_MEMORY})\n +at doubles \(a-impl.js:LINE\)"),
    ("recurses", "recurses(event);", r"RangeError: Maximum call stack size exceeded\n +at (.|\n)*recurses \(a-impl.js:LINE\)"),
    ("throwsText", "throw 'words';", r'it threw "words", which is no Error\n +at throwsText \(a-impl.js:LINE\)'),
    ("throwsObject", "throw {a: [1]};", r'it threw {"a":\[1\]}, which is no Error\n +at throwsObject \(a-impl.js:LINE\)'),
    ("throwsCircle", "var o = {}; o.o = o; throw o;",
     r"it threw an object that cannot be shown, which is no Error\n +at throwsCircle \(a-impl.js:LINE\)"),
    ("throwsNull", "throw null;", rf"it ran {NO_MEMORY}, or threw null\n +at throwsNull \(a-impl.js:LINE\)"),
    ("throwsUndefined", "throw undefined;", r"it threw undefined, which is no Error\n +at throwsUndefined \(a-impl.js:LINE\)"),
    ("throwsLines", "throw new Error('one\\ntwo \\u001b[31m');", r"Error: one\n +two .*\n +at throwsLines \(a-impl.js:LINE\)"),
    ("throwsMuch", "throw new Error(new Array(100000).join('x'));",
     r"Error: x{2000}\.\.\.\n +at throwsMuch \(a-impl.js:LINE\)"),
    ("throwsSurrogate", "throw new Error('\\ud800');", "Error: \ufffd\n +at throwsSurrogate \\(a-impl.js:LINE\\)"),
    ("throwsOddName", "var e = new Error('m'); e.name = {toString: function () { throw 1; }}; throw e;",
     r"\(its name cannot be read\): m\n +at throwsOddName \(a-impl.js:LINE\)"),
    ("throwsOddMessage", "throw Object.defineProperty(new Error('m'), 'message', {get: function () { throw 1; }});",
     r"Error: \(its message cannot be read\)\n +at throwsOddMessage \(a-impl.js:LINE\)"),
    ("throwsProxy", "throw new Proxy(new Error('m'), {getPrototypeOf: function () { throw 1; }});",
     r"it threw {}, which is no Error\n +at throwsProxy \(a-impl.js:LINE\)"),
    ("asks", "WL.Server.subscribeSMS('a.nothing', event.from, 'web');",
     r'WLError: no event source "a.nothing" \(there are: a.news\)\n +at asks \(a-impl.js:LINE\)'),
    ("handsMuch", "WL.Server.getSMSSubscription('a.news', 'x'.repeat(5 << 20));",
     r"RangeError: the arguments of WL.Server.getSMSSubscription: 5242\d+ characters as JSON, and at most 4194304 are taken"
     r"\n +at handsMuch \(a-impl.js:LINE\)"),
    ("handsCircle", "var o = {}; o.o = o; WL.Server.getSMSSubscription('a.news', o);",
     r"TypeError: the arguments of WL.Server.getSMSSubscription: this cannot be JSON: circular reference"
     r"\n +at handsCircle \(a-impl.js:LINE\)"),
    ("handsDepth", "var d = []; for (var i = 0; i < 3000; i++) d = [d]; WL.Server.getSMSSubscription('a.news', d);",
     r"RangeError: this is nested too deeply\n +at handsDepth \(a-impl.js:LINE\)"),
    ("givesCircle", "var o = {}; o.o = o; return o;",
     r"TypeError: the result of givesCircle: this cannot be JSON: circular reference\n +at givesCircle \(a-impl.js:LINE\)"),
    ("givesMuch", "return 'x'.repeat(5 << 20);",
     r"RangeError: the result of givesMuch: \d+ characters as JSON, and at most 4194304 are taken"
     r"\n +at givesMuch \(a-impl.js:LINE\)"),
    ("promises", "return Promise.resolve(1);",
     r"TypeError: promises gave a Promise, which this host never awaits\n +at promises \(a-impl.js:LINE\)"),
    ("wanders", "return nowhere.at.all;", r"ReferenceError: nowhere is not defined\n +at wanders \(a-impl.js:LINE\)"),
    ("callsItself", "WL.Server.invokeProcedure({adapter: 'a', procedure: 'spin'});",
     r"Late: callsItself \(a-impl.js:LINE\): spin \(a-impl.js:6\) ran for longer than \S+ s "
     r"\(smshost.javascript.limitSeconds\): it was ended, and the script begins anew"),
    ("callsDeep", "function inner() { throw new TypeError('deep'); } [1].forEach(function each() { inner(); });",
     r"TypeError: deep\n +at inner \(a-impl.js:LINE\)\n +at each \(a-impl.js:LINE\)\n +at forEach \(native\)"
     r"\n +at callsDeep \(a-impl.js:LINE\)"),
]  # fmt: skip
FINE = [  # what looks like a fault and is none
    ("catches", "try { WL.Server.subscribeSMS('a.nothing', '+1', 'web'); } catch (e) { say(event, e.name + ': ' + e.message); }",
     ["begun", 'WLError: no event source "a.nothing" (there are: a.news)']),
    ("catchesOdd", "try { WL.Server.getSMSSubscription('a.news', 10n); } catch (e) { say(event, e instanceof TypeError); }",
     ["begun", "true"]),
    ("saysSurrogate", "say(event, 'x\\ud800y');", ["begun", "x\ufffdy"]),
    ("saysNul", "say(event, 'x\\u0000y \\u2028');", ["begun", "x\ufffdy \u2028"]),
    ("saysEmoji", "say(event, '\\ud83d\\ude00');", ["begun", "\U0001f600"]),
    ("givesFunction", "return function () {};", ["begun"]),
    ("lasts", "var end = Date.now() + 300; while (Date.now() < end) {}", ["begun"]),
]  # fmt: skip
HEAD = """\
WL.Server.createEventSource({name: "news"});
function say(event, text) {
  WL.Server.notifyDeviceSubscription(WL.Server.getSMSSubscription("a.news", event.from),
                                     WL.Server.createDefaultNotification(String(text)));
}
function spin() { while (true) {} }
"""
HEAD_LINES = HEAD.count("\n")


def script() -> str:
    cases = [(name, code) for name, code, _ in (*FAILING, *FINE)]
    functions = "".join(
        f"function {name}(event) {{ WL.Server.subscribeSMS('a.news', event.from, 'web'); say(event, 'begun'); {code} }}\n"
        for name, code in cases
    )
    handlers = ", ".join(f"WL.Server.createSMSEventHandler({{keyword: '{name}'}}, {name}, 'web')" for name, _ in cases)
    return f"{HEAD}{functions}WL.Server.setEventHandlers([{handlers}]);\n"


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    folder: Path = tmp_path_factory.mktemp("texts")
    write_script(folder / "adapters", "a", script(), "spin")
    with scripts_at_rest(folder, SETTINGS) as runtime:
        yield runtime


@pytest.fixture(autouse=True)
def empty(runtime: Runtime) -> None:
    with runtime.store.engine.begin() as connection:
        for table in ("outbox", "subscription", "user_state", "handling", "inbox"):
            connection.execute(sql(f"DELETE FROM {table}"))


@pytest.mark.parametrize(("name", "code", "said"), FAILING, ids=[each[0] for each in FAILING])
def test_a_handler_that_fails(runtime: Runtime, name: str, code: str, said: str) -> None:
    bring(runtime, name)
    handle(runtime)
    assert rows(runtime, "inbox", "state", "attempts") == [("RECEIVED", 1)]
    handle(runtime)
    assert rows(runtime, "inbox", "state", "attempts") == [("FAILED", 2)]
    outcomes = [(f"a.{name}", attempt, "RAISED") for attempt in (1, 2)]
    assert rows(runtime, "handling", "handler", "attempt", "outcome") == outcomes
    assert rows(runtime, "outbox", "text") == rows(runtime, "subscription", "phone") == []
    told = told_of(runtime)
    line = HEAD_LINES + 1 + [each[0] for each in FAILING].index(name)
    assert re.search(said.replace("LINE", str(line)), told), told
    for inside in (".py", "Traceback", "$wl", "<input>", "apply"):
        assert inside not in told
    works_on(runtime)


@pytest.mark.parametrize(("name", "code", "texts"), FINE, ids=[each[0] for each in FINE])
def test_a_handler_that_only_looks_as_if_it_failed(runtime: Runtime, name: str, code: str, texts: list[str]) -> None:
    bring(runtime, name)
    handle(runtime)
    assert rows(runtime, "inbox", "state", "attempts") == [("HANDLED", 1)]
    assert rows(runtime, "outbox", "receiver", "text") == [(PHONE, text) for text in texts]


def test_a_process_that_is_killed_at_work_is_begun_anew(runtime: Runtime) -> None:
    works_on(runtime)
    script = runtime.adapters.by_name["a"].script
    bring(runtime, "loops", "+15550003")
    killer = threading.Timer(0.3, script._process._child.kill)  # type: ignore[union-attr]
    killer.start()
    handle(runtime)
    assert "Ended: loops" in told_of(runtime, 1)
    bring(runtime, "givesFunction", "+15550004")
    handle(runtime)
    assert rows(runtime, "inbox", "state", "attempts") == [("HANDLED", 1), ("FAILED", 2), ("HANDLED", 1)]


def test_a_process_that_is_killed_between_two_texts_costs_neither(runtime: Runtime) -> None:
    works_on(runtime)
    child = runtime.adapters.by_name["a"].script._process._child  # type: ignore[union-attr]
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    bring(runtime, "givesFunction", "+15550003")
    handle(runtime)
    assert rows(runtime, "inbox", "state", "attempts") == [("HANDLED", 1), ("HANDLED", 1)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_what_stops_the_host_leaves_a_call_in_hand_to_its_end(runtime: Runtime, number: signal.Signals) -> None:
    """Ctrl-C in a terminal, and systemd, signal every process of the host's group."""
    works_on(runtime)
    pid = runtime.adapters.by_name["a"].script.pid  # type: ignore[union-attr]
    bring(runtime, "lasts", "+15550003")
    threading.Timer(0.1, os.kill, (pid, number)).start()
    handle(runtime)
    assert rows(runtime, "inbox", "state", "attempts") == [("HANDLED", 1), ("HANDLED", 1)]
    assert runtime.adapters.by_name["a"].script.pid == pid  # type: ignore[union-attr]


def works_on(runtime: Runtime) -> None:
    bring(runtime, "givesFunction", "+15550002")
    handle(runtime)
    assert rows(runtime, "inbox", "state")[-1] == ("HANDLED",)
    assert rows(runtime, "outbox", "receiver", "text") == [("+15550002", "begun")]


def told_of(runtime: Runtime, number: int = 0) -> str:
    ids = [id_ for (id_,) in rows(runtime, "inbox", "id")]
    with runtime.store.read() as connection:
        return "\n".join(story(connection, UTC, f"in-{ids[number]}"))


AWAY = """
WL.Server.createEventSource({name: "news"});
function asks(event) { WL.Server.getSMSSubscription("a.news", event.from); }
function hides(event) { try { asks(event); } catch (e) { WL.Logger.info(e.name); } }
function calls(event) { WL.Logger.info(WL.Server.invokeProcedure({adapter: "a", procedure: "asks", parameters: [event]})); }
WL.Server.setEventHandlers(["asks", "hides", "calls"].map(function (name) {
  return WL.Server.createSMSEventHandler({keyword: name}, name, "web");
}));
"""


AWAY_IN_PYTHON = """
from host.wl import WL
WL.Server.createEventSource({"name": "news"})
def asks(event): WL.Server.getSMSSubscription("a.news", event["from"])
def hides(event):
    try:
        asks(event)
    except Exception as error:
        WL.Logger.info(error)
def calls(event): hides(event), WL.Server.invokeProcedure({"adapter": "a", "procedure": "asks", "parameters": [event]})
handlers = [WL.Server.createSMSEventHandler({"keyword": each.__name__}, each, "web") for each in (asks, hides, calls)]
WL.Server.setEventHandlers(handlers)
"""


@pytest.mark.parametrize("language", ["JavaScript", "Python"])
@pytest.mark.parametrize("name", ["asks", "hides", "calls"])
def test_a_database_that_is_away_is_no_fault_of_the_adapter(tmp_path: Path, name: str, language: str) -> None:
    """Whatever the adapter makes of it: the attempt does not count, and is made again."""
    if language == "JavaScript":
        write_script(tmp_path / "adapters", "a", AWAY, "asks")
    else:
        write_adapter(tmp_path / "adapters", "a", AWAY_IN_PYTHON, "asks")
    with scripts_at_rest(tmp_path, SETTINGS) as runtime:
        bring(runtime, name)
        with runtime.store.read() as connection:
            (row,) = connection.execute(metadata.tables["inbox"].select()).all()
        with runtime.store.engine.begin() as connection:
            connection.execute(sql("ALTER TABLE subscription RENAME TO elsewhere"))
        with pytest.raises(StoreUnavailable):
            handling.attempt(runtime, row)
        with runtime.store.engine.begin() as connection:
            connection.execute(sql("ALTER TABLE elsewhere RENAME TO subscription"))
        handle(runtime)
        assert rows(runtime, "inbox", "state", "attempts") == [("HANDLED", 1)]


EVENT = dedent("""
    function reply(event) {
      WL.Server.subscribeSMS("a.news", event.from, "web");
      var shown = {keys: Object.keys(event), repeated: event.all && typeof event.all === "function" ? event.all("x") : event.all,
                   one: event.x, proto: Object.keys(event.__proto__ || {}), missing: String(event.nothing)};
      WL.Server.notifyDeviceSubscription(WL.Server.getSMSSubscription("a.news", event.from),
                                         WL.Server.createDefaultNotification(JSON.stringify(shown)));
    }
    WL.Server.createEventSource({name: "news"});
    WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({}, reply, "web")]);
""")
ALWAYS = '"from","to","text","keyword","gateway"'
EVENTS = [
    ((("x", "1"), ("x", "2")), f'{{"keys":["x",{ALWAYS}],"repeated":["1","2"],"one":"1","proto":[],"missing":"undefined"}}'),
    ((("all", "of them"),), f'{{"keys":["all",{ALWAYS}],"repeated":"of them","proto":[],"missing":"undefined"}}'),
    ((("__proto__", "own"),), f'{{"keys":["__proto__",{ALWAYS}],"repeated":[],"proto":["0","1","2"],"missing":"undefined"}}'),
    ((), f'{{"keys":[{ALWAYS}],"repeated":[],"proto":[],"missing":"undefined"}}'),
]  # fmt: skip


@pytest.mark.parametrize(("pairs", "shown"), EVENTS)
def test_the_event_is_what_the_gateway_sent(tmp_path: Path, pairs: tuple[tuple[str, str], ...], shown: str) -> None:
    write_script(tmp_path / "adapters", "a", EVENT)
    with scripts_at_rest(tmp_path) as runtime:
        accept(runtime, runtime.gateways["web"], [Inbound(PHONE, "hello", parameters=pairs)])
        handle(runtime)
        assert rows(runtime, "outbox", "text") == [(shown,)]


FAILS = """
WL.Server.createEventSource({name: "news", poll: {interval: 1, onPoll: "tick"}, onUserSubscribe: "welcome"});
function tick() { throw new Error("no tick"); }
function welcome(user) { throw new Error("no welcome"); }
"""
CALLS_BACK = """
def tick(): WL.Server.subscribeSMS("a.news", "+15550001", "web")
WL.Server.createEventSource({"name": "news", "poll": {"interval": 1, "onPoll": tick}})
"""


def test_a_poll_and_a_callback_that_fail_are_logged_with_the_scripts_lines_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_script(tmp_path / "adapters", "a", FAILS)
    write_adapter(tmp_path / "adapters", "b", CALLS_BACK)
    with scripts_at_rest(tmp_path) as runtime:
        for source in ("a.news", "b.news"):
            poll(runtime, runtime.adapters.event_sources[source])
    assert [each.getMessage() for each in caplog.records if each.name == "host.sources"] == [
        "the poll of a.news failed\nError: no tick\n    at tick (a-impl.js:3)",
        "the poll of b.news failed\nError: no welcome\n    at welcome (a-impl.js:4)",
    ]
