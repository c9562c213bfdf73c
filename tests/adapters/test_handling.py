"""Handling texts, one attempt at a time, with a host at rest: what cannot be stored, and handlers that go."""

from collections.abc import Callable, Iterator
from datetime import UTC
from pathlib import Path

import pytest
from sqlalchemy import select, update

from host import dispatching, handling
from host.adapters import Adapters
from host.messages import Inbound
from host.receiving import accept
from host.runtime import Runtime
from host.store import inbox
from host.store.tables import metadata
from host.stories import story
from tests.adapters.folders import host_at_rest, write_adapter
from tests.programs import wait_for

CODE = r"""
def surrogate(event): raise ValueError("\ud800 and \0")
def fine(event): pass
def sends(event):
    subscription = WL.Server.subscribeSMS("a.news", event["from"], "web")
    WL.Server.notifyDeviceSubscription(subscription, WL.Server.createDefaultNotification("hi"))
WL.Server.createEventSource({"name": "news"})
WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({"keyword": name}, function) for name, function in
                            {"surrogate": surrogate, "fine": fine, "sends": sends}.items()])
"""
QUICK = (
    "smshost.handling.attempts=2\nsmshost.handling.firstWaitSeconds=0.01\nsmshost.handling.longestWaitSeconds=0.01\n"
)


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    write_adapter(tmp_path / "adapters", "a", CODE)
    with host_at_rest(tmp_path, QUICK) as runtime:
        assert runtime.adapters.broken == ()
        yield runtime


@pytest.fixture
def work(runtime: Runtime) -> Iterator[Callable[[str], None]]:
    """Bring a text, and let the engine work on it until it is finished."""
    dispatching.open_queue(runtime)
    runtime.engine.start()

    def bring(text: str) -> None:
        accept(runtime, runtime.gateways["web"], [Inbound("+15550001", text)])
        wait_for(lambda: finished(runtime), f"{text} to be finished")

    yield bring
    runtime.engine.stop()


def finished(runtime: Runtime) -> bool:
    return all(state != "RECEIVED" for state in states(runtime))


def states(runtime: Runtime) -> list[str]:
    table = metadata.tables["inbox"]
    with runtime.store.read() as connection:
        return list(connection.execute(select(table.c.state).order_by(table.c.id)).scalars())


def test_an_error_with_what_no_database_carries_is_told_and_ends(runtime: Runtime, work: Callable[[str], None]) -> None:
    work("surrogate")
    work("fine")
    assert states(runtime) == ["FAILED", "HANDLED"]
    with runtime.store.read() as connection:
        told = "\n".join(story(connection, UTC, "in-1"))
    assert "ValueError: \ufffd and \ufffd" in told


def test_effects_that_the_database_refuses_fail_the_attempt(runtime: Runtime, work: Callable[[str], None]) -> None:
    """A text whose cause is in the outbox already cannot be queued again; nothing of the attempt is stored."""
    work("fine")
    work("sends")
    with runtime.store.engine.begin() as connection:
        taken = update(metadata.tables["outbox"]).values(cause="in-3/a.sends/1")
        connection.execute(taken)
    work("sends")
    assert states(runtime) == ["HANDLED", "HANDLED", "FAILED"]


def test_a_handler_that_raised_and_is_gone_does_not_count_as_handled(runtime: Runtime) -> None:
    accept(runtime, runtime.gateways["web"], [Inbound("+15550001", "surrogate")])
    for _ in range(2):
        with runtime.store.read() as connection:
            (row,) = connection.execute(select(metadata.tables["inbox"])).all()
        runtime.store.write(inbox.finish, [handling.attempt(runtime, row)])
        runtime.adapters = Adapters()
    assert states(runtime) == ["FAILED"]
    with runtime.store.read() as connection:
        told = "\n".join(story(connection, UTC, "in-1"))
    assert "this handler raised before, and is no longer there: did its adapter not load?" in told


def test_a_text_for_nobody_names_what_is_not_loaded_in_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_adapter(tmp_path / "adapters", "fine", "")
    for name in ("torn", "worn"):
        write_adapter(tmp_path / "adapters", name, "1 / 0")
        (tmp_path / "adapters" / name / f"{name}.xml").write_text("<adapter><procedure/><procedure/></adapter>")
    with host_at_rest(tmp_path) as runtime:
        accept(runtime, runtime.gateways["web"], [Inbound("+15550001", "hello")])
        with runtime.store.read() as connection:
            (row,) = connection.execute(select(metadata.tables["inbox"])).all()
        caplog.clear()
        handling.attempt(runtime, row)
    (record,) = [each for each in caplog.records if "no handler is for it" in each.getMessage()]
    assert record.getMessage() == "in-1: no handler is for it, while adapters are not loaded: torn, worn"
