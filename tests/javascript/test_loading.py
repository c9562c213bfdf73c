"""Loading JavaScript folders: all of a script or nothing, every mistake with its file and line, no process left behind."""

import os
import sys
from pathlib import Path

import pytest

from host.adapters import Adapters
from host.limits import Limits
from host.loader import Surroundings, load_adapters
from tests.adapters.folders import write_adapter
from tests.javascript.scripts import children_of, write_script

SURROUNDINGS = Surroundings({"sms.word": "sub"}, ("web",), Limits(5.0, 32 << 20))
DECLARE = 'WL.Server.createEventSource({name: "news"});'


def load(folder: Path) -> Adapters:
    """The adapters, at rest; those that are broken have left no process."""
    before = children_of(os.getpid())
    adapters = load_adapters(folder, SURROUNDINGS)
    assert len(children_of(os.getpid()) - before) == sum(each.script is not None for each in adapters.by_name.values())
    adapters.close()
    assert children_of(os.getpid()) <= before
    return adapters


GOOD = """
WL.Server.createEventSource({name: "news", onUserSubscribe: "greeted", onDeviceSubscribe: hoisted,
                             poll: {interval: 5, onPoll: function () {}}});
WL.Server.setEventHandlers([
  WL.Server.createSMSEventHandler({keyword: WL.Server.configuration["sms.word"]}, hoisted, "web"),
  WL.Server.createSMSEventHandler({keyword: "hi"}, "greeted"),
  WL.Server.createSMSEventHandler({to: ["1", "2"], x: "y"}, function () {}),
  WL.Server.createSMSEventHandler({}, hoisted),
  WL.Server.createSMSEventHandler({}, assigned),
  WL.Server.createSMSEventHandler({}, arrow = () => {}),
]);
function hoisted(event) {}
var assigned = function () {}, arrow;
"""


def test_a_good_script(tmp_path: Path) -> None:
    write_script(
        tmp_path, "news", GOOD.replace("assigned),", '"assigned"),') + "greeted = function () {};", "greeted", "hoisted"
    )
    adapters = load(tmp_path)
    assert (list(adapters.by_name), adapters.broken) == (["news"], ())
    news = adapters.by_name["news"]
    assert [(handler.id, handler.filter, handler.gateway) for handler in news.handlers] == [
        ("news.hoisted", {"keyword": "sub"}, "web"),
        ("news.greeted", {"keyword": "hi"}, "*"),
        ("news.handler", {"to": ["1", "2"], "x": "y"}, "*"),
        ("news.hoisted#2", {}, "*"),
        ("news.assigned", {}, "*"),
        ("news.arrow", {}, "*"),
    ]
    (source,) = news.event_sources
    assert (source.id, sorted(source.callbacks)) == ("news.news", ["onDeviceSubscribe", "onUserSubscribe"])
    assert source.poll is not None
    assert source.poll.interval == 5.0
    assert list(news.procedures) == ["greeted", "hoisted"]


HANDLER = "WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({}, f)]);"
BROKEN = [
    ("var a = 1;\nfunction broken( {\n}", 4, "SyntaxError: Unexpected end of input"),
    ("var a = 'open\n", 2, "SyntaxError: unexpected end of string"),
    ("\nvar class = 1;", 3, "SyntaxError: variable name expected"),
    ("import x from 'std';", 2, "SyntaxError: Unexpected identifier 'x'"),
    ("\nthrow new Error('at top');", 3, "Error: at top"),
    ("function f() {\n  null.x;\n}\nf();", 3, "TypeError: cannot read property 'x' of null"),
    ("throw 'words';", 0, "it threw words, which is no Error"),
    ("throw null;", 0, "it ran out of memory, or threw null"),
    ("quit();", 2, "ReferenceError: quit is not defined"),
    ("'use strict';\nx = 1;", 3, "ReferenceError: x is not defined"),
    ("var all = []; while (true) all.push(new Uint8Array(1 << 20).fill(1));", 2,
     "InternalError: out of memory (32 MB, smshost.javascript.memoryMegabytes)"),
    ("function f() { f(); } f();", 2, "RangeError: Maximum call stack size exceeded"),
    ("WL.Server.createEventSource({});", 2, "WLError: createEventSource needs a name without dots, not None"),
    (f"{DECLARE}\n{DECLARE}", 3, 'WLError: createEventSource was called twice for "news"'),
    ("WL.Server.createEventSource({\n name: 'a', onUserSubscribe: 'nobody'});", 2,
     "WLError: onUserSubscribe of event source \"a\": the adapter has no function 'nobody'"),
    ("WL.Server.createEventSource({name: 'a', poll: {interval: 0, onPoll: function () {}}});", 2,
     'WLError: event source "a": poll.interval is a number of seconds above 0, not 0'),
    ("WL.Server.createEventSource({name: 'a', poll: {interval: 5, onPoll: 'nobody'}});", 2,
     "WLError: onPoll of event source \"a\": the adapter has no function 'nobody'"),
    ("WL.Server.createEventSource({name: 'a', onUserSubcribe: 'x'});", 2,
     'WLError: createEventSource "a" has no option "onUserSubcribe" (it has: '),
    ("\nWL.Server.createSMSEventHandler({keyword: 'a'});", 3,
     "WLError: createSMSEventHandler was called without a handler: its arguments are (filter, handler, gatewayId). Is its "
     "closing bracket right behind the filter?"),
    ("WL.Server.createSMSEventHandler({}, function () {}, 'nowhere');", 2,
     'WLError: createSMSEventHandler: no gateway "nowhere" in SMSConfig.xml (there are: web)'),
    ("WL.Server.createSMSEventHandler({}, unheardOf, 'web');", 2, "ReferenceError: unheardOf is not defined"),
    ("WL.Server.createSMSEventHandler({}, 5, 'web');", 2, "WLError: createSMSEventHandler's handler is a function, not 5"),
    ("WL.Server.createSMSEventHandler({to: '1', keyword: WL.Server.configuration['no.key']}, function () {});", 2,
     "WLError: createSMSEventHandler: the filter's \"keyword\" is undefined: is its key in worklight.properties?"),
    ("WL.Server.createUSSDEventHandler({shortCode: undefined}, function () {});", 2,
     "WLError: createUSSDEventHandler: the filter's \"shortCode\" is undefined: is its key in worklight.properties?"),
    ("WL.Server.createSMSEventHandler({to: '1'}, function () {}, WL.Server.configuration['no.key']);", 2,
     "WLError: createSMSEventHandler: the gateway id is undefined: is its key in worklight.properties?"),
    ("WL.Server.createSMSEventHandler({to: 5.5}, function () {});", 2,
     "WLError: the filter's \"to\" is a string or a list of strings, not 5.5"),
    ("WL.Server.createSMSEventHandler({to: /x/}, function () {});", 2,
     "WLError: the filter's \"to\" is a string or a list of strings, not {}"),
    ("WL.Server.createSMSEventHandler({to: function odd() {}}, function () {});", 2,
     "WLError: the filter's \"to\" is a string or a list of strings, not function odd"),
    ("WL.Server.createSMSEventHandler('sub', function () {});", 2,
     "WLError: createSMSEventHandler: a filter is an object of parameter names and values, not str"),
    ("WL.Server.setEventHandlers([function odd() {}]);", 2,
     "WLError: setEventHandlers takes what createSMSEventHandler gives, not function odd. Did a createSMSEventHandler close "
     "its bracket before its handler and gateway id?"),
    ("WL.Server.setEventHandlers([{$draft: 0}]);", 2,
     "WLError: setEventHandlers takes what createSMSEventHandler gives, not {'$draft': 0}. Did a createSMSEventHandler"),
    ("WL.Server.setEventHandlers(WL.Server.createSMSEventHandler({}, function () {}));", 2,
     "WLError: setEventHandlers takes a list, not one handler: write setEventHandlers([...])"),
    ("WL.Server.setEventHandlers();", 2, "WLError: setEventHandlers takes a list, not None: write setEventHandlers([...])"),
    ("WL.Server.setEventHandlers(\n  [WL.Server.createSMSEventHandler({}, 'nobody')]);", 3,
     "WLError: createSMSEventHandler: the adapter has no function 'nobody'"),
    (f"async function f() {{}}\n{HANDLER}", 3,
     'WLError: createSMSEventHandler: f is an "async function", which this host never awaits: write "function"'),
    (f"function* f() {{}}\n{HANDLER}", 3,
     "WLError: createSMSEventHandler: f yields, and would never be run: write a function that returns"),
    ("WL.Server.frobnicate();", 2, "WLError: WL.Server.frobnicate is not provided by this host: see docs/how-to/migrate"),
    ("WL.Geo.x();", 2, "WLError: WL.Geo is not provided by this host: see docs/how-to/migrate"),
    ("WL.Server.subscribeSMS('a.b', '+1', 'web');", 2,
     "WLError: WL works while a procedure or handler runs, in the thread that runs it; while an adapter loads it only "
     "declares. Move this call into a function that the host calls."),
    ("var x = <a/>;", 2, "E4X is not supported: an XML literal"),
    ("var s = new java.lang.String('x');", 2, "Java classes are not supported: java.lang.String"),
    ("for each (var i in []) {}", 2, "only Rhino understood this: a for each loop (write for ("),
    ("var x = 'a\0b';", 2, "there is a NUL character, where the engine would end: is this a script?"),
]  # fmt: skip


@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize(("code", "line", "message"), BROKEN, ids=[str(at) for at in range(len(BROKEN))])
def test_a_broken_script_is_told_with_its_line(
    tmp_path: Path, code: str, line: int, message: str, line_end: str
) -> None:
    code = f"// the first line\n{code}".replace("\n", line_end)
    file = write_script(tmp_path, "news", code)
    adapters = load(tmp_path)
    (broken,) = adapters.broken
    (problem,) = broken.problems
    assert (problem.place.file, problem.place.line) == (str(file), line)
    assert problem.message.startswith(message)
    for inside in (".py", "$wl", "<input>", "<eval>"):
        assert inside not in f"{problem} {broken.traceback}".replace(str(tmp_path), "")


def test_every_line_that_only_ibm_could_run_is_named(tmp_path: Path) -> None:
    file = write_script(tmp_path, "news", "var x = <a/>;\nPackages.com.a.B.c();\nvar y = x..z;\n")
    (broken,) = load(tmp_path).broken
    assert [str(each) for each in broken.problems] == [
        f"{file}:1: E4X is not supported: an XML literal; read XML by WL.Server.invokeHttp",
        f"{file}:2: Java classes are not supported: Packages.com.a.B.c",
        f"{file}:3: E4X is not supported: the descendants operator ..; read XML by WL.Server.invokeHttp",
    ]


def test_a_top_level_that_never_ends_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("host.javascript.script._START_SECONDS", 1.0)
    file = write_script(tmp_path, "news", "while (true) {}")
    adapters = load_adapters(tmp_path, Surroundings({}, (), Limits(1.0, 32 << 20)))
    assert [str(each) for each in adapters.broken] == [
        f"{file}: Late: its top level ran for longer than 1 s (smshost.javascript.limitSeconds): it was ended"
    ]
    assert children_of(os.getpid()) == set()


BYTES = [
    ("a BOM", b"\xef\xbb\xbf" + DECLARE.encode(), 1),
    ("ISO-8859-1", f"var x = 'caf\xe9 \xb5';\n{DECLARE}".encode("latin-1"), 1),
    ("UTF-16", f"\ufeff{DECLARE}".encode("utf-16-le"), 1),
    ("CR alone", f"// one\r{DECLARE}\r".encode(), 1),
    ("nothing", b"", 0),
    ("white space", b" \r\n\t", 0),
    ("a megabyte", f"// {'x' * (1 << 20)}\n{DECLARE}".encode(), 1),
    ("a megabyte of code", "".join(f"function f{at}() {{ return {at}; }}\n" for at in range(20_000)).encode() + DECLARE.encode(), 1),
    ("no line end", DECLARE.rstrip(";").encode(), 1),
    ("U+2028 in a string", f"var s = '\u2028';{DECLARE}".encode(), 1),
    ("a hash-bang", f"#!/usr/bin/env node\n{DECLARE}".encode(), 1),
]  # fmt: skip


@pytest.mark.parametrize(("what", "data", "sources"), BYTES, ids=[each[0] for each in BYTES])
def test_whatever_editor_wrote_the_file(tmp_path: Path, what: str, data: bytes, sources: int) -> None:
    write_script(tmp_path, "news", data)
    adapters = load(tmp_path)
    assert adapters.broken == ()
    assert len(adapters.event_sources) == sources


def test_what_is_no_utf8_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = write_script(tmp_path, "news", "// \xe9".encode("latin-1"))
    load(tmp_path)
    assert caplog.messages == [f"{file} is not UTF-8: it is read as ISO-8859-1"]


def test_a_script_without_a_manifest(tmp_path: Path) -> None:
    file = write_script(tmp_path, "news", DECLARE)
    (file.parent / "news.xml").unlink()
    (broken,) = load(tmp_path).broken
    said = "news-impl.js has no manifest: news.xml beside it declares the adapter and its procedures"
    assert str(broken) == f"{file.parent}: {said}"


LACKING = [
    ("", 'the manifest declares procedure "one", but the adapter has no such function'),
    ("var one = 5;", 'the manifest declares procedure "one", but the adapter has no such function'),
    ("(function () { function one() {} })();", 'the manifest declares procedure "one", but the adapter has no such function'),
    ("async function one() {}",
     'procedure "one" is an "async function", which this host never awaits: write "function"'),
    ("function* one() {}", 'procedure "one" yields, and would never be run: write a function that returns'),
]  # fmt: skip


@pytest.mark.parametrize(("code", "message"), LACKING)
def test_a_procedure_that_the_script_lacks(tmp_path: Path, code: str, message: str) -> None:
    file = write_script(tmp_path, "news", code, "one")
    (broken,) = load(tmp_path).broken
    assert str(broken) == f"{file.parent / 'news.xml'}:1: {message}"


def test_a_broken_script_leaves_the_others(tmp_path: Path) -> None:
    write_script(tmp_path, "a", "boom();")
    write_script(tmp_path, "b", DECLARE)
    write_adapter(tmp_path, "c", "")
    adapters = load(tmp_path)
    assert (list(adapters.by_name), len(adapters.broken)) == (["b", "c"], 1)


@pytest.mark.parametrize(
    ("module", "name"),
    [("_quickjs", "quickjs-ng"), ("tree_sitter", "tree-sitter"), ("tree_sitter_javascript", "tree-sitter-javascript")],
)
def test_without_the_extra_such_a_folder_is_broken_and_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, name: str
) -> None:
    for each in [each for each in sys.modules if each.startswith("host.javascript.")]:
        if each.endswith(("reading", "plain")):
            monkeypatch.delitem(sys.modules, each)
    monkeypatch.setitem(sys.modules, module, None)  # type: ignore[arg-type]
    file = write_script(tmp_path, "a", DECLARE)
    write_adapter(tmp_path, "b", "")
    adapters = load(tmp_path)
    assert list(adapters.by_name) == ["b"]
    said = f"a-impl.js is a JavaScript adapter, and {name} is not installed: say pip install '.[js]' in the host's checkout"
    assert [str(each) for each in adapters.broken] == [f"{file}: {said}"]
