"""What a script cannot reach, and that none of its tricks with the language confuses the host."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from host.javascript.lines import Asked, Full, Logged, Result, Thrown, TooDeep, read
from host.javascript.process import Ended
from host.runtime import Runtime
from host.sources import call_procedure
from tests.hosts import Host, gateway
from tests.javascript.scripts import rows, scripts_at_rest, scripts_of, write_script
from tests.programs import wait_for

SCRIPT = """
function run(code) { return {gave: (0, eval)(code)}; }
function works() {
  WL.Logger.info("works");
  WL.Server.subscribeSMS("a.news", "+15550001", "web");
  return {phone: WL.Server.getSMSSubscription("a.news", "+15550001").phoneNumber, list: [1, {two: "2"}]};
}
WL.Server.createEventSource({name: "news"});
"""
WORKS = {"isSuccessful": True, "phone": "+15550001", "list": [1, {"two": "2"}]}


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    write_script(tmp_path / "adapters", "a", SCRIPT, "run", "works")
    with scripts_at_rest(tmp_path, "smshost.javascript.limitSeconds=5\n") as runtime:
        yield runtime


LACKING = [
    "require",
    "module",
    "exports",
    "process",
    "global",
    "window",
    "std",
    "os",
    "print",
    "console",
    "load",
    "loadScript",
    "quit",
    "exit",
    "setTimeout",
    "setInterval",
    "XMLHttpRequest",
    "fetch",
    "WebSocket",
    "Worker",
    "importScripts",
    "java",
    "Packages",
    "JavaImporter",
    "bjson",
    "scriptArgs",
    "gc",
    "$wlAsk",
    "$wlTell",
    "$wl",
]


def test_there_is_the_language_and_wl_and_nothing_else(runtime: Runtime) -> None:
    for name in LACKING:
        for code in (f"typeof {name}", f"Function('return typeof {name}')()", f"typeof globalThis['{name}']"):
            assert call_procedure(runtime, "a", "run", [code]) == {"isSuccessful": True, "gave": "undefined"}, name
    names = call_procedure(runtime, "a", "run", ["Object.getOwnPropertyNames(globalThis)"])["gave"]
    assert [name for name in names if "wl" in name.lower()] == ["WL"]


NOTHING = [
    ("String(import('std'))", "[object Promise]"),
    ("var got = 'nothing'; import('/etc/passwd').then(function (all) { got = all; }, function (e) { got = e; }); got", "nothing"),
    ("(function () { return typeof this.$wlAsk; })()", "undefined"),
    ("Object.keys(WL)", ["Server", "Logger"]),
    ("typeof WL.Server.subscribeSMS.call", "function"),
    ("WL.Server.subscribeSMS.constructor('return typeof ask')()", "undefined"),
    ("var caller; try { caller = WL.Server.subscribeSMS.caller; } catch (e) { caller = e.name; } caller", "TypeError"),
    ("delete WL; typeof WL.Server", "object"),
    ("WL = 5; typeof WL.Server", "object"),
    ("delete WL.Server; WL.Server = 5; WL.Server.subscribeSMS = 6; typeof WL.Server.subscribeSMS", "function"),
    ("try { Object.defineProperty(WL, 'Server', {value: 5}); } catch (e) {} typeof WL.Server.subscribeSMS", "function"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "gave"), NOTHING)
def test_what_looks_like_a_way_out_is_none(runtime: Runtime, code: str, gave: object) -> None:
    assert call_procedure(runtime, "a", "run", [code]) == {"isSuccessful": True, "gave": gave}
    assert call_procedure(runtime, "a", "works", []) == WORKS


TRICKS = [
    "JSON = {parse: function () { return ['value', ['plain', 5]]; }, stringify: function () { return '[\"loaded\"]'; }}; 1",
    "JSON.parse = JSON.stringify = null; 1",
    "eval = Function = null; 1",
    "Error = TypeError = RangeError = Object = String = Array = Proxy = Reflect = undefined; 1",
    "Array.prototype.map = Array.prototype.join = Array.prototype.slice = Array.prototype.push = undefined; 1",
    "Array.prototype.indexOf = Array.prototype.filter = Array.prototype.forEach = function () { throw 'mine'; }; 1",
    "Function.prototype.apply = Function.prototype.call = Function.prototype.bind = function () { return 'mine'; }; 1",
    "Reflect.apply = function () { return 'mine'; }; 1",
    "String.prototype.slice = String.prototype.split = String.prototype.indexOf = String.prototype.toString = null; 1",
    "Object.prototype.extend = function () {}; Array.prototype.each = function () {}; 1",
    "Array.prototype.toJSON = function () { return ['host', 'Server.unheardOf', [], '']; }; delete Array.prototype.toJSON; 1",
    "Object.prototype.toString = function () { throw 1; }; 1",
    "Object.prototype.then = 5; 1",
    "Error.prepareStackTrace = function () { throw 1; }; 1",
    "Error.stackTraceLimit = 0; 1",
    "Error.prototype.toString = Error.prototype.message = null; 1",
    "Object.freeze(globalThis); 1",
    "WL.Server.configuration = null; 1",
    "var works2 = works; run = null; works = function () { return works2(); }; 1",
]


@pytest.mark.parametrize("code", TRICKS)
def test_a_script_that_plays_with_the_language_still_talks_to_the_host(runtime: Runtime, code: str) -> None:
    assert call_procedure(runtime, "a", "run", [code]) == {"isSuccessful": True, "gave": 1}
    assert call_procedure(runtime, "a", "works", []) == WORKS
    assert rows(runtime, "subscription", "phone") == [("+15550001",)]


HARMED = [
    "Object.defineProperty(Object.prototype, 'value', {set: function () {}, get: function () { return 5; }}); 1",
    "Object.defineProperty(Array.prototype, '0', {set: function () {}}); 1",
    "Object.prototype.get = function () {}; 1",
    "Object.prototype.toJSON = function () { return '[\"loaded\"]'; }; 1",
    "Array.prototype.toJSON = function () { return ['host', 'Server.subscribeSMS', ['a.news', '+2', 'web'], '']; }; 1",
    "globalThis.works = undefined; 1",
    "works = new Proxy(works, {apply: function () { throw {}; }}); 1",
]


@pytest.mark.parametrize("code", HARMED)
def test_a_script_that_breaks_itself_breaks_nothing_else(runtime: Runtime, code: str) -> None:
    """Whatever its calls then give, they end; and the script begins anew once its process does."""
    call_procedure(runtime, "a", "run", [code])
    result = call_procedure(runtime, "a", "works", [])
    assert isinstance(result["isSuccessful"], bool)
    runtime.adapters.by_name["a"].close()
    assert call_procedure(runtime, "a", "works", []) == WORKS


LINES = [
    (b'["host","Server.x",[1],""]', Asked("Server.x", [1], "")),
    (b'["log","info",{"a":1}]', Logged("info", {"a": 1})),
    (b'["result",null]', Result(None)),
    (b'["loaded"]', Result(None)),
    (b'["full"]', Full()),
    (b'["failed","Error","no","    at f (<input>:1:2)\\n    at apply (native)\\n    at $wlCalled (<input>:9)"]',
     Thrown("Error", "no", "    at f (<input>:1:2)")),
    (b'["unloaded","Error: no\\n    at <eval> (<input>:3)"]', Thrown("Error", "no", "    at <eval> (<input>:3)")),
    (b'["unloaded","words"]', Thrown("", "it threw words, which is no Error", "")),
    (b'["unloaded",""]', Thrown("", "it threw '', which is no Error", "")),
    (b'["host",' + b"[" * 100_000, TooDeep("host")),
    (b'["log",' + b"[" * 100_000, TooDeep("log")),
    (b'["result",' + b"[" * 100_000, Thrown("RangeError", "its result: this is nested too deeply", "")),
    (b"", None), (b"{}", None), (b"[]", None), (b"null", None), (b"5", None), (b'["host"]', None), (b'["result"]', None),
    (b'["host",5,[],""]', None), (b'["host","x",{},""]', None), (b'["host","x",[],null]', None),
    (b'["log",5,6]', None), (b'["failed",null,"x",""]', None), (b'["failed","a","b"]', None), (b'["unheard"]', None),
    (b'["result",1,2]', None), (b'["loaded"', None), (b"\xff\xfe", None), (b"[" * 100_000, None), (b'["unloaded",5]', None),
]  # fmt: skip


@pytest.mark.parametrize(("line", "message"), LINES, ids=[str(at) for at in range(len(LINES))])
def test_a_line_is_what_it_seems_or_ends_the_process(line: bytes, message: object) -> None:
    if message is not None:
        assert read(line) == message
        return
    with pytest.raises(Ended, match=r"^the script's process said b"):
        read(line)


FORGED = "var s = '[],'.repeat(2e6); Object.defineProperty(Array.prototype, 1, {set: function () {}, get: function () { return s; }}); 1"


def test_a_script_that_gets_around_the_limit_of_what_it_may_hand_over_is_ended(runtime: Runtime) -> None:
    """Reading it would keep everybody waiting for the interpreter."""
    (said,) = call_procedure(runtime, "a", "run", [FORGED])["errors"]
    assert said.startswith("Ended: run (a-impl.js:2): the script's process wrote a line of 60000")
    assert call_procedure(runtime, "a", "works", []) == WORKS


def test_what_a_script_throws_may_be_of_any_length(runtime: Runtime) -> None:
    (said,) = call_procedure(runtime, "a", "run", ["throw new Error('x'.repeat(6e6))"])["errors"]
    assert said == "RangeError: what it threw is too long to be told"
    assert call_procedure(runtime, "a", "works", []) == WORKS


def test_a_process_that_says_what_is_no_message_is_ended(runtime: Runtime) -> None:
    """As one would whose engine was taken over."""
    script = runtime.adapters.by_name["a"].script
    script._process._read += b'["unheard of"]\n'  # type: ignore[union-attr]
    (said,) = call_procedure(runtime, "a", "works", [])["errors"]
    assert said.startswith(
        "Ended: works (a-impl.js:3): the script's process said b'[\"unheard of\"]', and the script begins anew"
    )
    assert call_procedure(runtime, "a", "works", []) == WORKS


def test_a_level_that_is_none_is_no_way_into_the_logger(runtime: Runtime) -> None:
    script = runtime.adapters.by_name["a"].script
    script._process._read += b'["log","__init__",{}]\n'  # type: ignore[union-attr]
    (said,) = call_procedure(runtime, "a", "works", [])["errors"]
    assert said.startswith("Ended: works (a-impl.js:3): the script's process said Logged(level='__init__', value={})")
    assert call_procedure(runtime, "a", "works", []) == WORKS


def test_the_process_of_a_script_knows_nothing_of_the_hosts_secrets(tmp_path: Path) -> None:
    """They are in the environment of the host: that is shown first."""
    write_script(tmp_path / "adapters", "a", SCRIPT, "run")
    secret = "a-very-secret-password"
    environment = {"SMSHOST_SECRET_TEST": secret, "PGPASSWORD": secret, "AWS_SECRET_ACCESS_KEY": secret}
    with Host(tmp_path, gateway("web", 9), adapters=tmp_path / "adapters", environment=environment) as host:
        pid = host.program.running.pid
        (child,) = wait_for(lambda: scripts_of(pid), "the script's process", deadline=30)
        assert secret in Path(f"/proc/{pid}/environ").read_text()
        of_child = Path(f"/proc/{child}/environ").read_text() + Path(f"/proc/{child}/cmdline").read_text()
        open_files = {os.readlink(each) for each in Path(f"/proc/{child}/fd").iterdir()}
        folder = os.readlink(f"/proc/{child}/cwd")
    assert secret not in of_child
    assert "SMSHOST" not in of_child
    assert str(tmp_path) not in of_child
    assert [each for each in open_files if each.endswith((".db", ".db-wal", ".properties")) or "socket" in each] == []
    assert folder == "/"
