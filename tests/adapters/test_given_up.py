"""What is decided of a text that has seen the end of its process, with a host at rest."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, select, update

from host import handling
from host.messages import Inbound
from host.receiving import accept
from host.runtime import Runtime
from host.store import inbox
from host.store.inbox import Run
from host.store.recovery import Cut, End, cut_off
from host.store.tables import metadata
from tests.adapters.folders import host_at_rest, write_adapter

INBOX, HANDLING = metadata.tables["inbox"], metadata.tables["handling"]
CODE = """
def works(event): pass
def raises(event): raise ValueError
WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({"keyword": name}, function)
                            for name, function in {"works": works, "raises": raises}.items()])
"""
LIMITS = "smshost.handling.attempts=4\nsmshost.handling.firstWaitSeconds=0.01\n"
NOT_RUN = ("a.works", "RAISED")
RUN = ("a.works", "HANDLED")


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    write_adapter(tmp_path / "adapters", "a", CODE)
    with host_at_rest(tmp_path, LIMITS) as runtime:
        yield runtime


def text(runtime: Runtime) -> Row[Any]:
    with runtime.store.read() as connection:
        return connection.execute(select(INBOX)).one()


def bring(runtime: Runtime, words: str, *ends: str) -> None:
    """A text, in whose handling processes ended while these handlers ran."""
    accept(runtime, runtime.gateways["web"], [Inbound("+15550001", words)])
    for handler in ends:
        row = text(runtime)
        end = End([Cut(row.id, row.received_at, row.attempts, 1, Run(handler, 1, 2, "ended"))])
        assert runtime.store.write(cut_off, end) == [{row.id}]


def handle(runtime: Runtime) -> str:
    """Handle the text; gives its state."""
    runtime.store.write(inbox.finish, [handling.attempt(runtime, text(runtime))])
    return str(text(runtime).state)


def runs(runtime: Runtime) -> list[tuple[str, str]]:
    """The handlers that ran since, and how that ended."""
    with runtime.store.read() as connection:
        query = select(HANDLING.c.handler, HANDLING.c.outcome).where(HANDLING.c.outcome != "UNKNOWN")
        return [(row[0], row[1]) for row in connection.execute(query.order_by(HANDLING.c.id))]


@pytest.mark.parametrize(
    ("ends", "state", "ran"),
    [
        (["a.works"] * 3, "HANDLED", [RUN]),
        (["a.works"] * 4, "FAILED", [NOT_RUN]),
        (["a.works"] * 5, "FAILED", [NOT_RUN]),
        (["a.works", "a.gone", "a.gone", "a.gone"], "HANDLED", [RUN]),
        (["a.works", *["a.gone"] * 4], "FAILED", [RUN, ("a.gone", "RAISED")]),
        (["host"] * 4, "FAILED", [("host", "RAISED")]),
    ],
)
def test_a_handler_whose_process_ends_at_every_try_is_given_up(
    runtime: Runtime, ends: list[str], state: str, ran: list[tuple[str, str]]
) -> None:
    bring(runtime, "works", *ends)
    assert (handle(runtime), runs(runtime)) == (state, ran)


def test_a_person_may_have_it_tried_once_more(runtime: Runtime) -> None:
    bring(runtime, "works", *["a.works"] * 4)
    with runtime.store.engine.begin() as connection:
        connection.execute(update(INBOX).values(due_at=0))
    assert (handle(runtime), runs(runtime)) == ("HANDLED", [RUN])


def test_ends_of_processes_take_no_attempts_from_a_handler_that_raises(runtime: Runtime) -> None:
    bring(runtime, "raises", *["a.raises"] * 3)
    assert [handle(runtime) for _ in range(4)] == ["RECEIVED", "RECEIVED", "RECEIVED", "FAILED"]
    assert runs(runtime) == [("a.raises", "RAISED")] * 4


def test_a_text_that_saw_two_ends_is_handled_alone(runtime: Runtime) -> None:
    bring(runtime, "works", *["a.works"] * 2)
    assert runtime.alone.enter(60.0)
    assert handling.attempt(runtime, text(runtime)) is None
    runtime.alone.leave(60.0)
    assert handle(runtime) == "HANDLED"
