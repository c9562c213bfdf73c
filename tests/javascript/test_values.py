"""Values between scripts and the host: each comes over as what it is, or as a clear error, and the adapter works on."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from host.runtime import Runtime
from host.sources import call_procedure
from tests.adapters.folders import write_adapter
from tests.javascript.scripts import scripts_at_rest, write_script

SCRIPT = r"""
function value(code) { return {value: (0, eval)(code)}; }
function whole(code) { return (0, eval)(code); }
function seen(value) {
  return {type: typeof value, length: value === null || value === undefined ? -1 : value.length, json: JSON.stringify(value),
          keys: value && typeof value === "object" ? Object.keys(value) : [], count: arguments.length, code: typeof value ===
          "string" && value.length ? value.charCodeAt(value.length - 1) : -1, back: value};
}
function took(code) {
  return WL.Server.invokeProcedure({adapter: "b", procedure: "take", parameters: (0, eval)(code)});
}
function log(code) { WL.Logger.info((0, eval)(code)); }
"""
PYTHON = """
def take(*values): return {"values": list(values)}
def fine(): return {"values": ["fine"]}
def nan(): return {"values": [float("nan")]}
def odd(): return {"values": [object()]}
def big(): return {"values": "x" * 5_000_000}
def deep():
    value = []
    for _ in range(100_000): value = [value]
    return {"values": value}
"""
PROCEDURES = ("value", "whole", "seen", "took", "log")
MEGABYTES = 5 << 20
Call = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    folder: Path = tmp_path_factory.mktemp("values")
    write_script(folder / "adapters", "a", SCRIPT, *PROCEDURES)
    write_adapter(folder / "adapters", "b", PYTHON, "take", "fine", "nan", "odd", "big", "deep")
    with scripts_at_rest(folder, "some.key=word\nsmshost.javascript.limitSeconds=20\n") as runtime:
        yield runtime


@pytest.fixture
def call(runtime: Runtime) -> Iterator[Call]:
    """A procedure of the script; afterwards the script still works, in the process that it had."""
    begun = call_procedure(runtime, "a", "whole", ["var n = (this.n || 0) + 1; n"])["result"]
    yield lambda name, *arguments: call_procedure(runtime, "a", name, arguments)
    assert call_procedure(runtime, "a", "whole", ["n"]) == {"isSuccessful": True, "result": begun}


VALUES = [
    ("'caf\\u00e9 \\ud83d\\ude00'", "café \U0001f600"),
    ("'\\ud800 and \\udc00'", "\ud800 and \udc00"),
    ("'a\\u0000b\\u2028c\\u2029d\\r\\n\\t\\\\\"'", 'a\0b\u2028c\u2029d\r\n\t\\"'),
    ("''", ""),
    ("0.1 + 0.2", 0.1 + 0.2),
    ("-1.5e-7", -1.5e-7),
    ("Math.pow(2, 53)", 2**53),
    ("-Math.pow(2, 53)", -(2**53)),
    ("1e308", 1e308),
    ("-0", 0),
    ("NaN", None),
    ("-Infinity", None),
    ("null", None),
    ("[true, false]", [True, False]),
    ("[1, undefined, function () {}, Symbol('x'), , 2]", [1, None, None, None, None, 2]),
    ("({a: undefined, f: function () {}, s: Symbol('x'), n: null})", {"n": None}),
    ("({'': 1, ' ': 2, 'a.b': {'\\u2028': []}})", {"": 1, " ": 2, "a.b": {"\u2028": []}}),
    ("JSON.parse('{\"__proto__\": {\"a\": 1}, \"constructor\": 2}')", {"__proto__": {"a": 1}, "constructor": 2}),
    ("new Date(86400000)", "1970-01-02T00:00:00.000Z"),
    ("new Date(NaN)", None),
    ("[[[[]]], {}]", [[[[]]], {}]),
    ("new Proxy({a: 1}, {})", {"a": 1}),
    ("new Proxy([1, 2], {})", [1, 2]),
    ("new String('x')", "x"),
    ("new Number(5)", 5),
    ("/x/", {}),
    ("new Map([[1, 2]])", {}),
    ("Object.create({inherited: 1})", {}),
    ("({toJSON: function () { return 'mine'; }})", "mine"),
    ("({$function: 0, name: 'x', line: 1})", {"$function": 0, "name": "x", "line": 1}),
    ("({$draft: 0})", {"$draft": 0}),
    ("Array.prototype.toJSON = function () { return 'odd'; }, 5", 5),
    ("delete Array.prototype.toJSON", True),
    ("WL.Server.configuration['some.key']", "word"),
    ("WL.Server.configuration['no.such.key'] === undefined", True),
    ("(function () { var all = {}; for (var k in WL.Server.configuration) all[k] = 1; return all['some.key']; })()", 1),
]  # fmt: skip


@pytest.mark.parametrize(("code", "value"), VALUES)
def test_a_result_comes_over(call: Call, code: str, value: object) -> None:
    assert call("value", code) == {"isSuccessful": True, "value": value}


WHOLE = [
    ("undefined", {}),
    ("null", {}),
    ("5", {"result": 5}),
    ("'x'", {"result": "x"}),
    ("[1]", {"result": [1]}),
    ("NaN", {}),
    ("(function () {})", {}),
    ("Symbol('x')", {}),
    ("({isSuccessful: false, errors: ['mine']})", {"isSuccessful": False, "errors": ["mine"]}),
    ("({then: 5})", {"then": 5}),
]


@pytest.mark.parametrize(("code", "result"), WHOLE)
def test_what_is_no_object_becomes_a_result(call: Call, code: str, result: dict[str, Any]) -> None:
    assert call("whole", code) == {"isSuccessful": True, **result}


UNFIT = [
    ("var a = {}; a.a = a; a", "TypeError: the result of whole: this cannot be JSON: circular reference"),
    ("var b = []; b[0] = [b]; b", "TypeError: the result of whole: this cannot be JSON: circular reference"),
    ("({get x() { throw new Error('got'); }})", "TypeError: the result of whole: this cannot be JSON: got"),
    ("({get x() { throw 'words'; }})", 'TypeError: the result of whole: this cannot be JSON: it threw "words"'),
    ("({toJSON: function () { throw new Error('no'); }})", "TypeError: the result of whole: this cannot be JSON: no"),
    ("10n", "TypeError: the result of whole: this cannot be JSON: BigInt are forbidden in JSON.stringify"),
    ("new Proxy({a: 1}, {ownKeys: function () { throw new Error('mine'); }})",
     "TypeError: the result of whole: this cannot be JSON: mine"),
    ("Promise.resolve(1)", "TypeError: whole gave a Promise, which this host never awaits"),
    ("(async function () {})()", "TypeError: whole gave a Promise, which this host never awaits"),
    ("new Array(5 * 1024 * 1024 + 1).join('x')",
     "RangeError: the result of whole: 5242883 characters as JSON, and at most 4194304 are taken"),
    ("var c = []; for (var i = 0; i < 3000; i++) c = [c]; c", "RangeError: its result: this is nested too deeply"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "error"), UNFIT)
def test_a_result_that_cannot_come_over_is_an_error(call: Call, code: str, error: str) -> None:
    assert call("whole", code) == {"isSuccessful": False, "errors": [error]}


ARGUMENTS: list[tuple[Any, str, Any]] = [
    ("café \U0001f600", "string", 0xDE00),
    ("\ud800", "string", 0xD800),
    ("a\0", "string", 0),
    ("\u2028", "string", 0x2028),
    ("", "string", -1),
    (2**53, "number", -1),
    (-1.5, "number", -1),
    (True, "boolean", -1),
    (None, "object", -1),
    ([1, [None]], "object", -1),
    ({"__proto__": {"a": 1}, "": [], "toString": 1}, "object", -1),
    (["$function"], "object", -1),
    ("x" * MEGABYTES, "string", 120),
]  # fmt: skip


@pytest.mark.parametrize(("value", "type_", "code"), ARGUMENTS, ids=[str(at) for at in range(len(ARGUMENTS))])
def test_an_argument_comes_over(call: Call, value: Any, type_: str, code: int) -> None:
    if (
        isinstance(value, str) and len(value) == MEGABYTES
    ):  # it comes, and is too long to go back with its JSON beside it
        assert call("seen", value)["errors"][0].startswith("RangeError: the result of seen: 1048")
        assert call("whole", "1")["result"] == 1
        return
    seen = call("seen", value)
    assert (seen["type"], seen["code"], seen["back"], seen["count"]) == (type_, code, value, 1)
    if isinstance(value, dict):
        assert seen["keys"] == list(value)


def test_what_json_lacks_is_no_argument(call: Call) -> None:
    said = "WLError: JavaScript cannot be handed this: Out of range float values are not JSON compliant"
    assert call("seen", float("nan"))["errors"][0].startswith(said)
    assert call("seen", {1, 2})["errors"] == ["WLError: JavaScript cannot be handed this: set has no form in JSON"]
    circular: list[Any] = []
    circular.append(circular)
    said = "WLError: JavaScript cannot be handed this: Circular reference detected"
    assert call("seen", circular)["errors"] == [said]
    huge = "x" * (17 << 20)
    said = "WLError: seen (a-impl.js:4): its arguments are 17825822 bytes as JSON: at most 16777216 are taken"
    assert call("seen", huge)["errors"] == [said]


def test_arguments_may_be_missing_or_too_many(call: Call) -> None:
    assert call("seen")["count"] == 0
    assert call("seen", 1, 2, 3) == {**call("seen", 1), "count": 3}


TAKEN = [
    ("[1, 'a', null, [2], {b: 3}]", [1, "a", None, [2], {"b": 3}]),
    ("[undefined, 1, undefined]", [None, 1, None]),
    ("[, 1]", [None, 1]),
    ("[function () {}, {f: function () {}}]", [None, {}]),
    ("['\\ud800', new Date(0), NaN]", ["\ud800", "1970-01-01T00:00:00.000Z", None]),
    ("[{$function: 0, name: 'x', line: 1}]", [{"$function": 0, "name": "x", "line": 1}]),
    ("[]", []),
    ("undefined", []),
    ("null", []),
]


@pytest.mark.parametrize(("code", "values"), TAKEN)
def test_what_a_script_hands_to_the_host_comes_over(call: Call, code: str, values: list[Any]) -> None:
    assert call("took", code) == {"isSuccessful": True, "values": values}


REFUSED = [
    ("d = {}; d.d = d; took('[d]')", "TypeError: the arguments of WL.Server.invokeProcedure: this cannot be JSON: circular"),
    ("took('[10n]')", "TypeError: the arguments of WL.Server.invokeProcedure: this cannot be JSON: BigInt are forbidden"),
    ("took('[new Array(5 * 1024 * 1024).join(\"x\")]')",
     "RangeError: the arguments of WL.Server.invokeProcedure: 5242932 characters as JSON, and at most 4194304 are taken"),
    ("e1 = []; for (var i = 0; i < 3000; i++) e1 = [e1]; took('[e1]')", "RangeError: this is nested too deeply"),
    ("took('5')", "WLError: invokeProcedure: parameters is a list, not 5"),
    ("WL.Server.invokeProcedure()",
     'WLError: invokeProcedure takes {"adapter": "...", "procedure": "...", "parameters": [...]}, not None'),
    ("WL.Server.getSMSSubscription()", 'WLError: no event source "None" (there are: none)'),
    ("WL.Server.getSMSSubscription(undefined, '+1', 2, 3)", 'WLError: no event source "None" (there are: none)'),
    ("WL.Server.notifyDeviceSubscription({}, {SMS: {text: 'x'}})", "WLError: "),
    ("WL.Server.createDefaultNotification(true)",
     "WLError: createDefaultNotification: the text is a string that is not empty, not True"),
    ("WL.Server.setEventHandlers([])",
     "WLError: setEventHandlers declares, and declares at the top level of an adapter only, while its folder loads"),
    ("WL.Server.frobnicate(1)", "WLError: WL.Server.frobnicate is not provided by this host"),
    ("WL.Logger.fatal('x')", "WLError: WL.Logger.fatal is not provided by this host"),
    ("WL.Geo.Circle()", "WLError: WL.Geo is not provided by this host"),
    ("WL.Server.__class__", "WLError: WL.Server.__class__ is not provided by this host"),
    ("WL.Server.__getattr__('x')", "WLError: WL.Server.__getattr__ is not provided by this host"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "error"), REFUSED)
def test_what_the_host_cannot_take_is_thrown_where_the_script_asked(call: Call, code: str, error: str) -> None:
    thrown = f"(function () {{ try {{ {code} }} catch (e) {{ return String(e); }} }})()"
    assert str(call("whole", thrown)["result"]).startswith(error)
    (said,) = call("whole", code)["errors"]
    assert str(said).startswith(error)


GIVEN = [
    ("fine", {"isSuccessful": True, "values": ["fine"]}),
    ("nan", "WLError: JavaScript cannot be handed this: Out of range float values are not JSON compliant"),
    ("odd", "WLError: JavaScript cannot be handed this: object has no form in JSON"),
    ("deep", "WLError: JavaScript cannot be handed this: "),
]


@pytest.mark.parametrize(("name", "given"), GIVEN)
def test_what_the_host_gives_to_a_script_comes_over_or_is_an_error(call: Call, name: str, given: Any) -> None:
    result = call("whole", f"WL.Server.invokeProcedure({{adapter: 'b', procedure: '{name}'}})")
    if isinstance(given, dict):
        assert result == given
    else:
        assert result["errors"][0].startswith(given)


def test_five_megabytes_come_from_the_host(call: Call) -> None:
    assert (
        call("whole", "WL.Server.invokeProcedure({adapter: 'b', procedure: 'big'}).values.length")["result"]
        == 5_000_000
    )


LOGGED = [
    ("'words'", "words"),
    ("undefined", "undefined"),
    ("null", "None"),
    ("5", "5"),
    ("({a: [1, {b: null}]})", '{"a": [1, {"b": null}]}'),
    ("new TypeError('no')", "TypeError: no"),
    ("({error: new Error('no')})", '{"error": "Error: no"}'),
    ("(function named() {})", "function named"),
    ("var f = {name: 'x'}; f.self = f; f", '{"name": "x", "self": "(circular)"}'),
    ("var g = {}; [g, g]", "[{}, {}]"),
    ("10n", "10"),
    ("({n: 10n, s: Symbol('y')})", '{"n": "10", "s": "Symbol(y)"}'),
    ("Symbol('x')", "Symbol(x)"),
    ("({toJSON: function () { throw 1; }})", "an object that cannot be shown"),
    ("({get x() { throw 1; }})", "an object that cannot be shown"),
    ("new Array(5 * 1024 * 1024).join('x')", "a value of 5242881 characters"),
    ("'\\ud800\\u0000'", "\\ud800\\x00"),
    ("var h = []; for (var i = 0; i < 3000; i++) h = [h]; h", "this is nested too deeply"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "line"), LOGGED)
def test_the_logger_takes_any_value(call: Call, caplog: pytest.LogCaptureFixture, code: str, line: str) -> None:
    caplog.set_level(logging.DEBUG, "adapter.a")
    assert call("log", code) == {"isSuccessful": True}
    assert [(each.name, each.getMessage()) for each in caplog.records if each.name.startswith("adapter")] == [
        ("adapter.a", line)
    ]
