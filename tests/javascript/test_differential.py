"""The same adapter in Python and in JavaScript: the same conversation has the same effects, all of them.

`pairs/<name>/py` and `pairs/<name>/js` are adapters folders, `conversation.txt` what is said to a host with each:

    +15550001 > a text ? parameter=value&another=value
    other +15550001 > a text through gateway "other"
    poll adapter.eventSource
    call adapter.procedure [parameters]

After each line the host is idle again. Then every row of every table is compared, what procedures gave, and what the
adapters logged. Only times are left out, and of a traceback all but what was raised.
"""

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from sqlalchemy import select

from host import dispatching
from host.broadcasting import FIRST, advance
from host.errors import HostError
from host.messages import Inbound
from host.receiving import accept
from host.runtime import Runtime
from host.sources import call_procedure, poll
from host.store.tables import metadata
from tests.javascript.scripts import rows, scripts_at_rest
from tests.programs import wait_for

PAIRS = Path(__file__).with_name("pairs")
NAMES = sorted(each.name for each in PAIRS.iterdir())
QUICK = """
smshost.handling.attempts=2
smshost.handling.firstWaitSeconds=0.01
smshost.handling.longestWaitSeconds=0.01
smshost.quarantine.texts=1000
"""
LINE = re.compile(r"(?:(?P<gateway>\w+) )?(?P<phone>\+?[\d -]+) > (?P<text>.*?)(?: \? (?P<parameters>\S+))?")
Effects = dict[str, Any]


def test_there_are_a_dozen_pairs() -> None:
    assert len(NAMES) >= 12
    for name in NAMES:
        folders = [sorted(each.name for each in (PAIRS / name / language).iterdir()) for language in ("py", "js")]
        assert folders[0] == folders[1]


@pytest.mark.parametrize("name", NAMES)
def test_both_do_the_same(tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str) -> None:
    effects = {}
    for language in ("py", "js"):
        caplog.clear()
        effects[language] = played(tmp_path / language, PAIRS / name, language, caplog)
    for what in effects["py"]:
        assert effects["js"][what] == effects["py"][what], what
    assert any(effects["py"][what] for what in ("log", "outbox", "results"))


def played(directory: Path, pair: Path, language: str, caplog: pytest.LogCaptureFixture) -> Effects:
    """Everything that a conversation has led to."""
    caplog.set_level(logging.DEBUG, "adapter")
    directory.mkdir()
    (directory / "adapters").symlink_to(pair / language)
    own = pair / "worklight.properties"
    results: list[Any] = []
    with scripts_at_rest(directory, QUICK + (own.read_text() if own.is_file() else "")) as runtime, at_work(runtime):
        for line in (pair / "conversation.txt").read_text("utf-8").splitlines():
            results += said(runtime, line)
            wait_for(lambda: not waiting(runtime), f"{line!r} to be handled")
            announce(runtime)
        return {"results": results, "log": logged(caplog), **stored(runtime)}


@contextmanager
def at_work(runtime: Runtime) -> Iterator[None]:
    """The engine at work on texts; nothing is sent."""
    dispatching.open_queue(runtime)
    runtime.engine.start()
    try:
        yield
    finally:
        runtime.engine.stop()


def said(runtime: Runtime, line: str) -> Iterator[Any]:
    """Say a line to the host; gives what a procedure gave, or why there is none."""
    command, _, rest = line.partition(" ")
    if command == "poll":
        poll(runtime, runtime.adapters.event_source(rest))
    elif command == "call":
        procedure, _, arguments = rest.partition(" ")
        try:
            yield json.loads(json.dumps(call_procedure(runtime, *procedure.split("."), json.loads(arguments))))  # type: ignore[call-arg,arg-type]
        except HostError as error:
            yield f"{type(error).__name__}: {error}"
    else:
        found = LINE.fullmatch(line)
        assert found is not None, line
        pairs = tuple(parse_qsl(found["parameters"] or "", keep_blank_values=True))
        keyword = dict(pairs).get("keyword", "")
        text = Inbound(found["phone"], found["text"], keyword=keyword, parameters=pairs)
        accept(runtime, runtime.gateways[found["gateway"] or "web"], [text])


def waiting(runtime: Runtime) -> bool:
    return any(state == "RECEIVED" for (state,) in rows(runtime, "inbox", "state"))


def announce(runtime: Runtime) -> None:
    """Queue what was announced."""
    most = FIRST
    while most:
        most = advance(runtime, most)


def stored(runtime: Runtime) -> Effects:
    """Every row of every table, without times."""
    found = {}
    with runtime.store.read() as connection:
        for name, table in metadata.tables.items():
            columns = [each for each in table.columns if not each.name.endswith("_at")]
            query = select(*columns).order_by(*table.primary_key.columns)
            found[name] = [
                {column: WORDED.get(column, same)(value) for column, value in row._mapping.items()}
                for row in connection.execute(query)
            ]
    return found


def raised(error: str) -> str:
    """What was raised, without where."""
    if not error.startswith("Traceback"):
        return error.partition("\n")[0]
    return plain([line for line in error.splitlines() if line and not line.startswith(" ")][-1])


def plain(said: str) -> str:
    """An error's name without its module."""
    return re.sub(r"\b(?:\w+\.)+(\w*Error: )", r"\1", said)


def same(value: object) -> object:
    return value


WORDED = {"error": raised, "reason": plain}


def logged(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, str]]:
    return [
        (each.name, each.levelname, each.getMessage()) for each in caplog.records if each.name.startswith("adapter.")
    ]
