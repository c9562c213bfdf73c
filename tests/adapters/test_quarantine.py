"""Quarantine, one attempt at a time, with hosts at rest over one database: what they know, and when it is too old."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, select, update

from host import handling, quarantine
from host.app import assemble
from host.messages import Inbound
from host.options import Options
from host.receiving import accept
from host.runtime import Known, Runtime
from host.store import inbox, interventions, waking
from host.store.tables import metadata
from tests.adapters.folders import host_at_rest, write_adapter

INBOX, HANDLING = metadata.tables["inbox"], metadata.tables["handling"]
CODE = """
from pathlib import Path
MENDED = Path({mended!r})
def handle(event):
    if "poison" in event["text"] or not (MENDED.exists() or event["text"].startswith("well")):
        raise ValueError("not mended")
def also(event):
    pass
handlers = [WL.Server.createSMSEventHandler({{"keyword": ["{name}", "both", "well{name}", "poison{name}"]}}, handle)]
handlers += [WL.Server.createSMSEventHandler({{"keyword": "{name}also"}}, each) for each in (handle, also)]
WL.Server.setEventHandlers(handlers)
"""
QUICK = "smshost.quarantine.texts=3\nsmshost.handling.attempts=2\n"


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    """A host with the adapters a, which fails until it is mended, and b, which works."""
    for name, mended in (("a", "a-mended"), ("b", ".")):
        write_adapter(tmp_path / "adapters", name, CODE.format(name=name, mended=str(tmp_path / mended)))
    with host_at_rest(tmp_path, QUICK) as runtime:
        assert runtime.adapters.broken == ()
        quarantine.refresh(runtime)
        yield runtime


@pytest.fixture
def other(runtime: Runtime, tmp_path: Path) -> Iterator[Runtime]:
    """Another process on the same database."""
    _, other = assemble(Options(tmp_path / "config", tmp_path / "adapters", f"sqlite:///{tmp_path}/host.db"))
    with ExitStack() as closing:
        closing.callback(other.store.engine.dispose)
        closing.callback(other.store.stop)
        quarantine.refresh(other)
        yield other


def bring(runtime: Runtime, *texts: str, phone: str = "+15550001") -> None:
    for text in texts:
        accept(runtime, runtime.gateways["web"], [Inbound(phone, text)])


def row(runtime: Runtime, number: int) -> Row[Any]:
    with runtime.store.read() as connection:
        return connection.execute(select(INBOX).where(INBOX.c.id == number)).one()


def work(runtime: Runtime, *texts: int | Row[Any]) -> None:
    """Handle texts, as a thread of the pool does it; a row was read some time before."""
    for text in texts:
        handled = handling.attempt(runtime, row(runtime, text) if isinstance(text, int) else text)
        runtime.store.write(inbox.finish, [handled])
        quarantine.heard(runtime, [handled])


def states(runtime: Runtime) -> list[str]:
    with runtime.store.read() as connection:
        return list(connection.execute(select(INBOX.c.state).order_by(INBOX.c.id)).scalars())


def runs(runtime: Runtime) -> list[tuple[int, str, str]]:
    with runtime.store.read() as connection:
        found = connection.execute(select(HANDLING).order_by(HANDLING.c.id))
        return [(run.inbox_id, run.handler, run.outcome) for run in found]


def put_in_quarantine(runtime: Runtime) -> None:
    """Three texts fail in a row in adapter a: texts 1 to 3."""
    for phone in "789":
        bring(runtime, "a", phone=f"+1555000{phone}")
    work(runtime, 1, 2, 3)


def resume(runtime: Runtime, adapter: str) -> None:
    """As the command does it, and then housekeeping; this process learns of it later."""
    runtime.store.write(interventions.resume, adapter)
    while wake(runtime):
        pass


def wake(runtime: Runtime, most: int = 2) -> bool:
    return runtime.store.write(waking.wake, most)[0]


def test_the_texts_of_an_adapter_in_quarantine_wait_and_the_others_go_on(runtime: Runtime) -> None:
    put_in_quarantine(runtime)
    bring(runtime, "a", "b", "both", "aalso")
    work(runtime, 1, 4, 5, 6, 7)
    assert states(runtime) == ["WAITING", "RECEIVED", "RECEIVED", "WAITING", "HANDLED", "WAITING", "WAITING"]
    assert [run for run in runs(runtime) if run[0] not in {1, 2, 3}] == [
        (5, "b.handle", "HANDLED"),
        (6, "b.handle", "HANDLED"),
    ]
    assert [row(runtime, number).attempts for number in (1, 4, 6)] == [1, 0, 1]


def test_when_it_resumes_each_handler_that_waited_runs_and_no_other(runtime: Runtime, tmp_path: Path) -> None:
    put_in_quarantine(runtime)
    bring(runtime, "both")
    work(runtime, 4)
    (tmp_path / "a-mended").touch()
    resume(runtime, "a")
    quarantine.refresh(runtime)
    work(runtime, 4)
    assert states(runtime)[3] == "HANDLED"
    assert runs(runtime)[3:] == [(4, "b.handle", "HANDLED"), (4, "a.handle", "HANDLED")]


@pytest.mark.parametrize(
    ("texts", "failures", "shut"),
    [
        (["a", "a"], 2, False),
        (["a", "a", "a"], 3, True),
        (["a", "b", "a", "b", "a"], 3, True),
        (["a", "a", "wella", "a"], 1, False),
        (["a", "a", "aalso", "a"], 1, False),  # one of its handlers works
        (["poisona"] * 2, 2, False),
        (["both", "both", "both"], 3, True),
        (["unknown"] * 3, None, False),
    ],
)
def test_what_counts_as_a_failure_in_a_row(
    runtime: Runtime, texts: list[str], failures: int | None, shut: bool
) -> None:
    for number, text in enumerate(texts, start=1):
        bring(runtime, text)
        work(runtime, number)
    with runtime.store.read() as connection:
        found = {each.adapter: each for each in quarantine.health.read(connection)}
    assert list(found) == ([] if failures is None else ["a"])
    assert failures is None or found["a"].failures == failures
    assert list(quarantine.look(runtime).shut) == (["a"] if shut else [])


def test_one_text_that_fails_again_and_again_puts_nobody_in_quarantine(runtime: Runtime) -> None:
    bring(runtime, "a")
    for _ in range(5):
        work(runtime, 1)
        with runtime.store.engine.begin() as connection:
            connection.execute(update(INBOX).values(state="RECEIVED"))
    assert (row(runtime, 1).attempts, quarantine.look(runtime).shut) == (5, {})


def test_it_is_logged_and_named_with_what_to_do(runtime: Runtime, caplog: pytest.LogCaptureFixture) -> None:
    put_in_quarantine(runtime)
    bring(runtime, "a")
    work(runtime, 4)
    (said,) = [record.getMessage() for record in caplog.records if "QUARANTINE" in record.getMessage()]
    assert said == (
        "adapter a is in QUARANTINE, its texts wait: 3 text(s) in a row failed, the last of them in-3 in a.handle: "
        "ValueError: not mended. Mend it, then say: smshost resume a"
    )


def test_a_text_is_not_parked_for_a_quarantine_that_ended_unnoticed(runtime: Runtime) -> None:
    put_in_quarantine(runtime)
    bring(runtime, "both")
    quarantine.refresh(runtime)
    resume(runtime, "a")
    work(runtime, 4)
    assert states(runtime)[3] == "RECEIVED"
    quarantine.refresh(runtime)
    work(runtime, 4)
    assert runs(runtime)[3:] == [(4, "b.handle", "HANDLED"), (4, "a.handle", "RAISED")]


def test_a_text_in_hand_does_not_overtake_those_of_its_phone_that_waited(runtime: Runtime, tmp_path: Path) -> None:
    put_in_quarantine(runtime)
    bring(runtime, "a first", "a second", "b third")
    read_before = row(runtime, 5)
    work(runtime, 4)
    (tmp_path / "a-mended").touch()
    resume(runtime, "a")
    quarantine.refresh(runtime)
    work(runtime, read_before)
    assert (states(runtime)[3:5], row(runtime, 5).attempts) == (["RECEIVED", "RECEIVED"], 0)
    work(runtime, 4, 5, 6, 1, 2, 3)
    assert set(states(runtime)) == {"HANDLED"}
    assert [run[0] for run in runs(runtime) if run[0] > 3] == [4, 5, 6]
    quarantine.refresh(runtime)
    assert quarantine.look(runtime).until == 0


def test_a_process_that_never_saw_the_quarantine_keeps_the_order_too(
    runtime: Runtime, other: Runtime, tmp_path: Path
) -> None:
    """It took the phone's second text when the first waited in vain, and looks again only when all is over."""
    put_in_quarantine(runtime)
    bring(runtime, "a first", "a second")
    work(runtime, 4)
    read_before = row(other, 5)
    (tmp_path / "a-mended").touch()
    resume(runtime, "a")
    quarantine.refresh(other)
    work(other, read_before)
    assert states(runtime)[3:] == ["RECEIVED", "RECEIVED"]


def test_no_text_overtakes_one_of_its_phone_that_is_not_due_again_yet(
    runtime: Runtime, other: Runtime, tmp_path: Path
) -> None:
    """A backlog is made due one by one; ``other`` knows nothing of adapters before that began."""
    put_in_quarantine(runtime)
    bring(runtime, "a", "a", "a")
    work(runtime, 4, 5, 6)
    (tmp_path / "a-mended").touch()
    runtime.store.write(interventions.resume, "a")
    bring(runtime, "a newest")
    other.ward.known = Known()
    for done in range(3):
        for each in (runtime, other):
            quarantine.refresh(each)
            work(each, 7)
        assert states(runtime)[3:] == ["HANDLED"] * done + ["WAITING"] * (3 - done) + ["RECEIVED"]
        assert wake(runtime, 1)
        quarantine.refresh(other)
        work(other, 7, 4 + done)
    assert (row(runtime, 7).state, row(runtime, 7).attempts) == ("RECEIVED", 0)
    quarantine.refresh(runtime)
    work(runtime, 7)
    assert [run[0] for run in runs(runtime) if run[0] > 3] == [4, 5, 6, 7]
    assert [wake(runtime, 1), wake(runtime, 1)] == [True, False]


def test_a_text_comes_after_an_earlier_one_that_waits_for_both_and_is_not_due_again_yet(runtime: Runtime) -> None:
    put_in_quarantine(runtime)
    with runtime.store.engine.begin() as connection:
        quarantine.health.judge(connection, [quarantine.Verdict("b", "in-1 in b.handle: oh", 1)])
    quarantine.refresh(runtime)
    bring(runtime, "both", "b")
    work(runtime, 4)
    runtime.store.write(interventions.resume, "b")
    quarantine.refresh(runtime)
    work(runtime, 5)
    assert states(runtime)[3:] == ["WAITING", "RECEIVED"]
    quarantine.wake(runtime)
    work(runtime, 4, 5)
    assert runs(runtime)[3:] == [(4, "b.handle", "HANDLED"), (5, "b.handle", "HANDLED")]


def test_what_one_process_finds_the_others_learn(runtime: Runtime, other: Runtime) -> None:
    put_in_quarantine(runtime)
    bring(other, "a")
    quarantine.refresh(other)
    work(other, 4)
    assert states(runtime)[3] == "WAITING"
    resume(runtime, "a")
    for each in (runtime, other):
        quarantine.refresh(each)
        assert (dict(quarantine.look(each).shut), quarantine.look(each).until) == ({}, 4)


def test_a_handler_that_failed_works_while_the_text_waits_for_another(runtime: Runtime, tmp_path: Path) -> None:
    """Also where its attempts are used up meanwhile, the other one gets the text."""
    put_in_quarantine(runtime)
    bring(runtime, "both poison", "both")
    runtime.ward.stale = False
    shut, runtime.ward.known = runtime.ward.known, Known(ended={})
    work(runtime, 5)
    assert runs(runtime)[3:] == [(5, "a.handle", "RAISED"), (5, "b.handle", "HANDLED")]
    runtime.ward.known = shut
    work(runtime, 4, 4, 5)
    assert [row(runtime, number).state for number in (4, 5)] == ["WAITING", "WAITING"]
    assert [row(runtime, number).attempts for number in (4, 5)] == [2, 1]
    (tmp_path / "a-mended").touch()
    resume(runtime, "a")
    quarantine.refresh(runtime)
    work(runtime, 4, 5)
    assert [row(runtime, number).state for number in (4, 5)] == ["FAILED", "HANDLED"]


def test_a_text_for_two_adapters_in_quarantine_waits_for_one_after_the_other(runtime: Runtime, tmp_path: Path) -> None:
    put_in_quarantine(runtime)
    with runtime.store.engine.begin() as connection:
        quarantine.health.judge(connection, [quarantine.Verdict("b", "in-1 in b.handle: oh", 1)])
    quarantine.refresh(runtime)
    bring(runtime, "both", "b")
    work(runtime, 4, 5)
    assert [row(runtime, number).waits_for for number in (4, 5)] == ["a", "b"]
    resume(runtime, "b")
    quarantine.refresh(runtime)
    work(runtime, 4, 5)
    assert runs(runtime)[3:] == [(4, "b.handle", "HANDLED"), (5, "b.handle", "HANDLED")]
    assert states(runtime)[3:] == ["WAITING", "HANDLED"]
