"""Event sources in JavaScript, calls within calls, and scripts that call one another at the same time."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from host.limits import Limits
from host.runtime import Runtime
from host.sources import call_procedure, poll
from tests.adapters.folders import write_adapter
from tests.javascript.scripts import rows, scripts_at_rest, write_script
from tests.programs import wait_for

SOURCES = """
var log = [];
function userCame(user) {
  log.push(["user came", user.userId, Object.keys(user).sort()]);
  user.state.visits = (user.state.visits || 0) + 1;
  user.save();
}
function subscribe(phone) { return WL.Server.subscribeSMS("a.news", phone, "web"); }
function unsubscribe(phone) { WL.Server.unsubscribeSMS("a.news", phone); }
function state(phone) { return WL.Server.getUserNotificationSubscription("a.news", phone).state; }
function told() { var them = log; log = []; return {log: them}; }
var polls = 0;
function polled() {
  polls++;
  if (polls === 2) throw new Error("the second");
  WL.Server.notifyEventSource("a.news", WL.Server.createDefaultNotification("poll " + polls));
}
WL.Server.createEventSource({
  name: "news",
  onUserSubscribe: "userCame",
  onUserUnsubscribe: function (user) { log.push(["user went", user.userId]); },
  onDeviceSubscribe: (user, device) => {
    log.push(["device came", user.state.visits, device.phoneNumber, user.getDeviceSubscriptions().length]);
    subscribe(device.phoneNumber);
    WL.Server.notifyDeviceSubscription(device, WL.Server.createDefaultNotification("welcome"));
  },
  onDeviceUnsubscribe: function named(user, device) { log.push(["device went", device.token]); },
  poll: {interval: 3600, onPoll: polled}
});
"""


@pytest.fixture
def sources(tmp_path: Path) -> Iterator[Runtime]:
    write_script(tmp_path / "adapters", "a", SOURCES, "subscribe", "unsubscribe", "state", "told")
    with scripts_at_rest(tmp_path) as runtime:
        yield runtime


def test_callbacks_are_strings_or_functions_and_call_back(sources: Runtime) -> None:
    call_procedure(sources, "a", "subscribe", ["+15550001"])
    call_procedure(sources, "a", "subscribe", ["+15550001"])
    assert call_procedure(sources, "a", "state", ["+15550001"]) == {"isSuccessful": True, "visits": 1}
    call_procedure(sources, "a", "unsubscribe", ["+15550001"])
    assert call_procedure(sources, "a", "told", [])["log"] == [
        ["user came", "+15550001", ["eventSource", "state", "userId"]],
        ["device came", 1, "+15550001", 1],
        ["device went", "+15550001"],
        ["user went", "+15550001"],
    ]
    assert rows(sources, "outbox", "receiver", "text") == [("+15550001", "welcome")]
    assert rows(sources, "subscription", "phone") == []


def test_a_poll_that_throws_is_told_in_the_scripts_own_words_and_the_next_one_runs(sources: Runtime) -> None:
    source = sources.adapters.event_source("a.news")
    errors = []
    for _ in range(3):
        poll(sources, source)
        errors += [error for (error,) in rows(sources, "poll", "error")]
    assert errors == ["", "Error: the second\n    at polled (a-impl.js:15)", ""]
    assert rows(sources, "broadcast", "text") == [("poll 1",), ("poll 3",)]


CALLS = """
function down(depth) {
  if (depth === 0) return {at: "js"};
  return {depth: depth, inner: WL.Server.invokeProcedure({adapter: "b", procedure: "down", parameters: [depth - 1]})};
}
function self(depth) {
  if (depth === 0) return {at: "js"};
  return {depth: depth, inner: WL.Server.invokeProcedure({adapter: "a", procedure: "self", parameters: [depth - 1]})};
}
function forever() { return WL.Server.invokeProcedure({adapter: "a", procedure: "forever"}); }
function loop() { while (true) {} }
function callsLoop() { return WL.Server.invokeProcedure({adapter: "c", procedure: "loop"}); }
function other(name) { return WL.Server.invokeProcedure({adapter: name, procedure: "loop"}); }
function deaf() { return WL.Server.invokeProcedure({adapter: "c", procedure: "throws"}).errors; }
function caught() {
  try { WL.Server.subscribeSMS("c.news", "+15550001", "web"); } catch (e) { return [e.name, e.message, e.stack.split("\\n")[0]]; }
}
function fine() { return "fine"; }
"""
PYTHON = """
def down(depth):
    if depth == 0:
        return {"at": "py"}
    return {"depth": depth, "inner": WL.Server.invokeProcedure({"adapter": "a", "procedure": "down", "parameters": [depth - 1]})}
def told(user):
    raise ValueError("not " + user.userId)
WL.Server.createEventSource({"name": "news", "onUserSubscribe": told})
"""
THIRD = """
function loop() { while (true) {} }
function throws() { throw new TypeError("of c"); }
function fine() { return "fine"; }
WL.Server.createEventSource({name: "news", onUserSubscribe: function came() { throw new RangeError("of c too"); }});
"""
NESTED = ("down", "self", "forever", "loop", "callsLoop", "other", "deaf", "caught", "fine")


@pytest.fixture
def nested(tmp_path: Path) -> Iterator[Runtime]:
    write_script(tmp_path / "adapters", "a", CALLS, *NESTED)
    write_adapter(tmp_path / "adapters", "b", PYTHON, "down")
    write_script(tmp_path / "adapters", "c", THIRD, "loop", "throws", "fine")
    with scripts_at_rest(tmp_path, "smshost.javascript.limitSeconds=3\n") as runtime:
        yield runtime


def inmost(result: dict[str, Any]) -> dict[str, Any]:
    while "inner" in result:
        result = result["inner"]
    return result


def test_calls_go_to_and_fro_between_languages(nested: Runtime) -> None:
    assert inmost(call_procedure(nested, "a", "down", [6])) == {"isSuccessful": True, "at": "js"}
    assert inmost(call_procedure(nested, "a", "down", [7])) == {"isSuccessful": True, "at": "py"}
    assert inmost(call_procedure(nested, "a", "self", [19])) == {"isSuccessful": True, "at": "js"}


def test_recursion_has_a_bound(nested: Runtime) -> None:
    said = "WLError: more than 20 calls into a-impl.js within each other"
    assert inmost(call_procedure(nested, "a", "self", [25]))["errors"] == [said]
    assert call_procedure(nested, "a", "forever", [])["errors"] == [said]
    assert call_procedure(nested, "a", "fine", [])["result"] == "fine"


def test_an_error_keeps_its_name_and_line_from_one_script_to_the_other(nested: Runtime) -> None:
    assert call_procedure(nested, "a", "deaf", []) == {"isSuccessful": True, "result": ["TypeError: of c"]}
    assert call_procedure(nested, "a", "caught", []) == {
        "isSuccessful": True,
        "result": ["RangeError", "of c too", "    at came (c-impl.js:5)"],
    }


def test_an_error_of_python_has_its_line_in_the_script(tmp_path: Path) -> None:
    code = """
function caught() {
  try { WL.Server.subscribeSMS("b.news", "+15550001", "web"); } catch (e) { return [e.name, e.message, e.stack.split("\\n")[0]]; }
}"""
    write_script(tmp_path / "adapters", "a", code, "caught")
    write_adapter(tmp_path / "adapters", "b", PYTHON, "down")
    with scripts_at_rest(tmp_path) as runtime:
        assert call_procedure(runtime, "a", "caught", [])["result"] == [
            "ValueError", "not +15550001", "    at told (b/__init__.py:8)",
        ]  # fmt: skip


def test_the_caller_of_a_script_that_loops_hears_of_it_and_lives(nested: Runtime) -> None:
    before = nested.adapters.by_name["a"].script.pid  # type: ignore[union-attr]
    (said,) = call_procedure(nested, "a", "callsLoop", [])["errors"]
    assert said.startswith(
        "Late: loop (c-impl.js:2) ran for longer than 2.7 s (smshost.javascript.limitSeconds): it was ended"
    )
    assert nested.adapters.by_name["a"].script.pid == before  # type: ignore[union-attr]
    assert call_procedure(nested, "c", "fine", [])["result"] == "fine"


def test_who_waits_for_a_busy_script_is_told_what_it_does(nested: Runtime) -> None:
    errors: list[str] = []
    thread = threading.Thread(target=lambda: errors.extend(call_procedure(nested, "c", "loop", [])["errors"]))
    thread.start()
    wait_for(lambda: nested.adapters.by_name["c"].script._turn.began, "it to begin")  # type: ignore[union-attr]
    (said,) = call_procedure(nested, "a", "callsLoop", [])["errors"]
    thread.join()
    assert said.startswith("Busy: c-impl.js is busy with loop (c-impl.js:2): it was waited for 1.")
    assert errors[0].startswith("Late: loop (c-impl.js:2) ran for longer than 3 s")


EACH_OTHER = """
function call(name, other) {
  for (var i = 0; i < 200000; i++) {}
  return WL.Server.invokeProcedure({adapter: other, procedure: "answer"});
}
function answer() { return {by: "%s"}; }
"""


def test_two_scripts_that_call_each_other_at_the_same_time_do_not_wait_for_ever(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_script(tmp_path / "adapters", name, EACH_OTHER % name, "call", "answer")
    results: list[dict[str, Any]] = []
    with scripts_at_rest(tmp_path, "smshost.javascript.limitSeconds=10\n") as runtime:
        begin = threading.Barrier(2)

        def work(name: str, other: str) -> None:
            for _ in range(30):
                begin.wait(60)
                results.append(call_procedure(runtime, name, "call", [name, other]))

        threads = [threading.Thread(target=work, args=pair) for pair in (("a", "b"), ("b", "a"))]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert time.monotonic() - began < 30  # one that waits for its limit takes 5 s, and 30 that do take 150
    assert len(results) == 60
    busy = [result["errors"][0] for result in results if not result["isSuccessful"]]
    assert 0 < len(busy) <= 30  # one of two has what it wants
    for said in busy:
        name = said.split()[1][0]
        why = "which waits for this call: each calls the other"
        assert said == f"Busy: {name}-impl.js is busy with call ({name}-impl.js:2), {why}"


def test_closing_ends_a_call_that_would_run_for_long(tmp_path: Path) -> None:
    write_script(tmp_path / "adapters", "a", "function loop() { while (true) {} }", "loop")
    results: list[Any] = []
    with scripts_at_rest(tmp_path, "smshost.javascript.limitSeconds=600\n") as runtime:
        thread = threading.Thread(target=lambda: results.append(call_procedure(runtime, "a", "loop", [])))
        thread.start()
        script = runtime.adapters.by_name["a"].script
        wait_for(lambda: script._turn.began, "it to begin")  # type: ignore[union-attr]
        runtime.close_adapters()
        thread.join(30)
    assert results[0]["errors"][0].startswith("Ended: loop (a-impl.js:1): the script's process ended by signal 9")


def test_limits_are_ten_seconds_and_64_megabytes() -> None:
    assert Limits() == Limits(10.0, 64 << 20)
