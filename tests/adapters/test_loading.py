"""Loading folders: all or nothing, and every mistake told with its file and line."""

import errno
import sys
from pathlib import Path

import pytest

from host.adapters import PACKAGE
from host.loader import Surroundings, load_adapters, procedures_under
from tests.adapters.folders import write_adapter

SURROUNDINGS = Surroundings({"sms.word": "sub"}, ("web",))

GOOD = """
def hello(event): pass
def greet(): return {}
WL.Server.createEventSource({"name": "news", "onUserSubscribe": "hello", "poll": {"interval": 5, "onPoll": greet}})
WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({"keyword": WL.Server.configuration["sms.word"]}, hello, "web"),
                            WL.Server.createSMSEventHandler({"keyword": "hi"}, "hello")])
"""


def test_a_good_folder(tmp_path: Path) -> None:
    write_adapter(tmp_path, "news", GOOD, "greet")
    adapters = load_adapters(tmp_path, SURROUNDINGS)
    assert (list(adapters.by_name), list(adapters.broken)) == (["news"], [])
    news = adapters.by_name["news"]
    assert [(handler.id, handler.filter, handler.gateway) for handler in news.handlers] == [
        ("news.hello", {"keyword": "sub"}, "web"),
        ("news.hello#2", {"keyword": "hi"}, "*"),
    ]
    assert [
        (source.id, sorted(source.callbacks), source.poll and source.poll.interval) for source in news.event_sources
    ] == [("news.news", ["onUserSubscribe"], 5.0)]
    assert list(news.procedures) == ["greet"]


BROKEN = [
    ("def broken(:", 2, "SyntaxError: invalid syntax"),
    ("import no_such_module", 2, "ModuleNotFoundError: No module named 'no_such_module'"),
    ("\n1 / 0", 3, "ZeroDivisionError: division by zero"),
    ("raise SystemExit(3)", 2, "SystemExit: 3"),
    ("WL.Server.createEventSource({})", 2, "WLError: createEventSource needs a name without dots, not None"),
    ("WL.Server.createEventSource({'name': 'a'})\nWL.Server.createEventSource({'name': 'a'})", 3,
     'WLError: createEventSource was called twice for "a"'),
    ("WL.Server.createEventSource({'name': 'a', 'onUserSubscribe': 'nobody'})", 2,
     "WLError: onUserSubscribe of event source \"a\": the adapter has no function 'nobody'"),
    ("WL.Server.createEventSource({'name': 'a', 'poll': {'interval': 0, 'onPoll': print}})", 2,
     'WLError: event source "a": poll.interval is a number of seconds above 0, not 0'),
    ("WL.Server.createSMSEventHandler({'keyword': 'a'})", 2,
     "WLError: createSMSEventHandler was called without a handler: its arguments are (filter, handler, gatewayId). Is its "
     "closing bracket right behind the filter?"),
    ("WL.Server.createSMSEventHandler({}, print, 'nowhere')", 2,
     'WLError: createSMSEventHandler: no gateway "nowhere" in SMSConfig.xml (there are: web)'),
    ("WL.Server.createSMSEventHandler({'to': True}, print, 'web')", 2,
     "WLError: createSMSEventHandler: the filter's \"to\" is a string, a list of strings, a compiled pattern or a predicate, "
     "not True"),
    ("WL.Server.setEventHandlers([print])", 2,
     "WLError: setEventHandlers takes what createSMSEventHandler gives, not <built-in function print>. Did a "
     "createSMSEventHandler close its bracket before its handler and gateway id?"),
    ("WL.Server.setEventHandlers(\n  [WL.Server.createSMSEventHandler({}, 'nobody')])", 3,
     "WLError: createSMSEventHandler: the adapter has no function 'nobody'"),
    ("WL.Server.setEventHandlers(WL.Server.createSMSEventHandler({}, print))", 2,
     "WLError: setEventHandlers takes a list, not one handler: write setEventHandlers([...])"),
    ("WL.Server.setEventHandlers(None)", 2,
     "WLError: setEventHandlers takes a list, not None: write setEventHandlers([...])"),
    ("async def hear(event): pass\nWL.Server.setEventHandlers([WL.Server.createSMSEventHandler({}, hear)])", 3,
     'WLError: createSMSEventHandler: hear is an "async def", which this host never awaits: write "def"'),
    ("async def hear(user): yield\nWL.Server.createEventSource({'name': 'a', 'onUserSubscribe': 'hear'})", 3,
     'WLError: onUserSubscribe of event source "a": hear is an "async def", which this host never awaits: write "def"'),
    ("def tick(): yield\nWL.Server.createEventSource({'name': 'a', 'poll': {'interval': 1, 'onPoll': tick}})", 3,
     'WLError: onPoll of event source "a": tick yields, and would never be run: write a function that returns'),
    ("WL.Server.subscribeSMS('a.b', '1', 'web')", 2,
     "WLError: WL works while a procedure or handler runs, in the thread that runs it; while an adapter loads it only "
     "declares. Move this call into a function that the host calls."),
    ("WL.Server.invokeSQLStatement({})", 2,
     "WLError: WL.Server.invokeSQLStatement is not provided by this host: see docs/how-to/migrate-from-mobilefirst.md for what is"),
    ("WL.Geo.x", 2, "WLError: WL.Geo is not provided by this host: see docs/how-to/migrate-from-mobilefirst.md for what is"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "line", "message"), BROKEN)
def test_a_broken_folder_leaves_no_trace_but_its_problem(tmp_path: Path, code: str, line: int, message: str) -> None:
    write_adapter(tmp_path, "bad", code)
    write_adapter(tmp_path, "news", GOOD, "greet")
    adapters = load_adapters(tmp_path, SURROUNDINGS)
    assert list(adapters.by_name) == ["news"]
    assert [(error.problem.place.line, error.problem.message) for error in adapters.broken] == [(line, message)]
    place = adapters.broken[0].problem.place.file
    assert place == str(tmp_path / "bad" / "__init__.py") if line else place == str(tmp_path / "bad")
    assert [name for name in sys.modules if name.startswith(f"{PACKAGE}.bad")] == []


def test_folders_that_are_no_python_adapters_say_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "Js-impl.js").write_text("")
    (tmp_path / "empty").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "prices.csv").write_text("")
    (tmp_path / ".git").mkdir()
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "notes.txt").write_text("")
    adapters = load_adapters(tmp_path, SURROUNDINGS)
    assert [str(error.problem.message) for error in adapters.broken] == [
        "there is no adapter in this folder: a Python one has an __init__.py, a JavaScript one <Name>-impl.js, and a "
        "manifest <Name>.xml beside it",
        "Js-impl.js has no manifest: Js.xml beside it declares the adapter and its procedures",
    ]


def test_a_folder_without_manifest_is_an_adapter_without_procedures(tmp_path: Path) -> None:
    write_adapter(tmp_path, "news", GOOD)
    (tmp_path / "news" / "news.xml").unlink()
    adapters = load_adapters(tmp_path, SURROUNDINGS)
    assert [(name, len(adapter.handlers), dict(adapter.procedures)) for name, adapter in adapters.by_name.items()] == [
        ("news", 2, {})
    ]


def test_a_declared_procedure_without_function_is_told_at_its_line(tmp_path: Path) -> None:
    write_adapter(tmp_path, "news", GOOD, "missing")
    (broken,) = load_adapters(tmp_path, SURROUNDINGS).broken
    assert str(broken) == (
        f'{tmp_path}/news/news.xml:1: the manifest declares procedure "missing", but the adapter has no such function'
    )


def test_every_mistake_of_a_manifest_is_told(tmp_path: Path) -> None:
    write_adapter(tmp_path, "news", GOOD + "async def later(): pass\n", "missing", "later", "greet", "gone")
    (broken,) = load_adapters(tmp_path, SURROUNDINGS).broken
    assert [problem.message for problem in broken.problems] == [
        'the manifest declares procedure "missing", but the adapter has no such function',
        'procedure "later" is an "async def", which this host never awaits: write "def"',
        'the manifest declares procedure "gone", but the adapter has no such function',
    ]
    manifest = tmp_path / "news" / "news.xml"
    manifest.write_text('<adapter name="news"><procedure name="9"/><procedure audit="9" name="a"/></adapter>')
    (broken,) = load_adapters(tmp_path, SURROUNDINGS).broken
    assert str(broken) == (
        f'{manifest}:1: audit="9": write true or false\n'
        f'{manifest}:1: name="9": write a letter (a to z), then letters, digits and "_"'
    )


@pytest.mark.parametrize("given", ["adapters", "./adapters", "../{here}/adapters"])
@pytest.mark.parametrize("code", ["\n1 / 0", "\ndef broken(:", "\nfrom . import other"])
def test_places_are_spelled_as_the_folder_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, code: str
) -> None:
    write_adapter(tmp_path / "adapters", "bad", code)
    (tmp_path / "adapters" / "bad" / "other.py").write_text("\n\n\nnobody\n")
    monkeypatch.chdir(tmp_path)
    folder = Path(given.format(here=tmp_path.name))
    (broken,) = load_adapters(folder, SURROUNDINGS).broken
    file = ("other.py", 4) if "other" in code else ("__init__.py", 3)
    assert (broken.problem.place.file, broken.problem.place.line) == (str(folder / "bad" / file[0]), file[1])


def test_two_adapters_may_have_modules_of_one_name(tmp_path: Path) -> None:
    for name in ("one", "two"):
        folder = write_adapter(tmp_path, name, "from .words import WORD", "WORD")
        (folder / "words.py").write_text(f"def WORD(): return {name!r}")
    adapters = load_adapters(tmp_path, SURROUNDINGS)
    assert [adapter.procedures["WORD"][1]() for adapter in adapters.by_name.values()] == ["one", "two"]


@pytest.mark.parametrize(
    ("folders", "counts", "told"),
    [(("a1", "b1"), "a1", "b1"), (("Copy of news", "news"), "news", "Copy of news"), (("news", "old"), "news", "old")],
)
def test_of_two_adapters_of_one_name_the_folder_of_that_name_counts(
    tmp_path: Path, folders: tuple[str, str], counts: str, told: str
) -> None:
    for folder in folders:
        write_adapter(tmp_path / "_written", "news", GOOD, "greet").rename(tmp_path / folder)
    adapters = load_adapters(tmp_path, SURROUNDINGS)
    guards = procedures_under(tmp_path, SURROUNDINGS.properties)
    assert adapters.by_name["news"].folder == tmp_path / counts
    assert [Path(each.place.file).parent for each in guards.values()] == [tmp_path / counts]
    assert [str(error) for error in adapters.broken if error.problems[0].place.file.endswith(told)] == [
        f'{tmp_path}/{told}: there are two adapters named "news", and the one in {tmp_path}/{counts} counts: '
        "rename one of them"
    ]


def test_setting_handlers_again_replaces_them(tmp_path: Path) -> None:
    again = GOOD + "WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({}, hello)])\n"
    write_adapter(tmp_path, "again", again)
    write_adapter(tmp_path, "news", GOOD)
    adapters = load_adapters(tmp_path, SURROUNDINGS)
    assert [[handler.id for handler in adapter.handlers] for adapter in adapters.by_name.values()] == [
        ["again.hello"],
        ["news.hello", "news.hello#2"],
    ]


def test_a_file_that_the_system_keeps_is_the_trouble_of_its_folder_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("good", "kept"):
        write_adapter(tmp_path, name, "def p():\n    pass\n", "p")
    read = Path.read_bytes

    def refused(file: Path) -> bytes:  # by hand, because root may read everything
        if file.name == "kept.xml":
            raise PermissionError(errno.EACCES, "Permission denied", str(file))
        return read(file)

    monkeypatch.setattr(Path, "read_bytes", refused)
    surroundings = Surroundings({}, ())
    adapters = load_adapters(tmp_path, surroundings)
    assert list(adapters.by_name) == ["good"]
    ((problem,),) = (each.problems for each in adapters.broken)
    assert str(problem) == (
        f"{tmp_path}/kept: the system does not let it load: [Errno 13] Permission denied: '{tmp_path}/kept/kept.xml'"
    )
    assert list(procedures_under(tmp_path, {})) == ["/adapters/good/p"]
