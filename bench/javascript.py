"""JavaScript adapters: what a call, a child process, and a host full of them cost."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bench.machine import Effort, Machine
from bench.measuring import Report, Table, in_turn, median, progress
from host.app import assemble, prepare_schema
from host.javascript import Script
from host.loader import Surroundings, load_adapter, load_adapters
from host.options import Options
from host.procedures import Call, invoke
from host.runtime import Runtime
from host.subscribing import subscribe
from tests.hosts import BOOKSTORES, REPOSITORY

_MANY = 50
_CALLS = 2000
_PHONE = "+15550001"
_PYTHON = "Python"
_SCRIPT = "JavaScript"


def run(machine: Machine, effort: Effort) -> Report:
    """The bookstore in both languages: a call of three WL methods; then the start of one child, and of fifty."""
    report = Report()
    _calls(machine, effort, report)
    _starts(machine, effort, report)
    return report


def _calls(machine: Machine, effort: Effort, report: Report) -> None:
    with _bookstore(machine, _PYTHON) as python, _bookstore(machine, _SCRIPT) as javascript:
        took = in_turn(max(3, effort.rounds), {_PYTHON: partial(_call, python), _SCRIPT: partial(_call, javascript)})
        memory = _memory(javascript)
    report.figure("javascript-call", "", median(took[_SCRIPT]))
    report.figure("javascript-memory", "", memory)
    rows: list[tuple[str, ...]] = [(name, f"{median(rounds):.3f}") for name, rounds in took.items()]
    note = "The bookstore's sendSMS: it looks a subscription up, makes a notification, queues it; nothing is committed."
    report.tables.append(Table("A call of three WL methods", ("", "p50, ms"), rows, note))


def _starts(machine: Machine, effort: Effort, report: Report) -> None:
    surroundings = Surroundings({}, ("web",))
    one = _copies(machine.folder("one"), 1)
    many = _copies(machine.folder("many"), _MANY)
    rounds = max(3, effort.rounds)
    progress(f"starting one, and {_MANY}")
    single = [_start(one / "bookstore0", surroundings) for _ in range(rounds * 5)]
    together = [_start_all(many, surroundings) for _ in range(rounds)]
    report.figure("javascript-start", "", median(single))
    report.figure("javascript-many", "", median(together))
    rows: list[tuple[str, ...]] = [("one", f"{median(single):.1f}"), (str(_MANY), f"{median(together) * 1000:.0f}")]
    report.tables.append(
        Table("Loading JavaScript adapters", ("how many", "ms"), rows, "From folder to loaded adapter.")
    )


@contextmanager
def _bookstore(machine: Machine, language: str) -> Iterator[Runtime]:
    """A host at rest with the bookstore, and one subscriber."""
    folder = machine.folder(language)
    options = Options(REPOSITORY / "config", BOOKSTORES[language], f"sqlite:///{folder}/host.db")
    _, runtime = assemble(options)
    try:
        prepare_schema(runtime.store)
        yield runtime
    finally:
        runtime.close_adapters()
        runtime.store.stop()
        runtime.store.engine.dispose()


def _call(runtime: Runtime) -> float:
    """Milliseconds of a call, the median of many; the phone is subscribed in the call itself."""
    took = []
    for _ in range(_CALLS):
        call = Call(runtime, "bookstore")
        subscribe(call, "bookstore.offers", _PHONE, "myGateway")
        began = time.perf_counter()
        result = invoke(call, "bookstore", "sendSMS", [_PHONE, "hello"])
        took.append((time.perf_counter() - began) * 1000)
        assert len(call.effects.texts) == 1, result
    return median(took)


def _memory(runtime: Runtime) -> float:
    """Megabytes that the child of the JavaScript bookstore holds."""
    script = runtime.adapters.by_name["bookstore"].script
    assert isinstance(script, Script)
    status = Path(f"/proc/{script.pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def _copies(folder: Path, count: int) -> Path:
    """So many bookstores under names of their own."""
    source = BOOKSTORES[_SCRIPT] / "bookstore"
    for number in range(count):
        name = f"bookstore{number}"
        (folder / name).mkdir()
        for suffix in (".xml", "-impl.js"):
            text = (source / f"bookstore{suffix}").read_text(encoding="utf-8")
            text = text.replace('name="bookstore"', f'name="{name}"').replace("bookstore.offers", f"{name}.offers")
            (folder / name / f"{name}{suffix}").write_text(text, encoding="utf-8")
    return folder


def _start(folder: Path, surroundings: Surroundings) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    adapter = load_adapter(folder, surroundings)
    took = time.perf_counter() - began
    adapter.close()
    return took * 1000


def _start_all(folder: Path, surroundings: Surroundings) -> float:
    """Seconds."""
    began = time.perf_counter()
    adapters = load_adapters(folder, surroundings)
    took = time.perf_counter() - began
    assert len(adapters.by_name) == _MANY, adapters.broken
    adapters.close()
    return took
