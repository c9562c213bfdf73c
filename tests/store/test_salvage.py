"""What a process had under way when it ended, settled by another one: on both databases, and whatever came between."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, insert, select, update

from host.store import Store, health, inbox
from host.store.claims import Claim, claim
from host.store.health import Verdict
from host.store.inbox import Handled, Run
from host.store.recovery import Cut, End, Recover, cut_off, recover, take_back
from host.store.states import InboxState, OutboxState, Outcome
from host.store.submissions import Begun, Ended, Turn, turn
from host.store.tables import metadata

INBOX, HANDLING = metadata.tables["inbox"], metadata.tables["handling"]
OUTBOX, SUBMISSION = metadata.tables["outbox"], metadata.tables["submission"]
CUT_OFF = Run("a.handler", 5, 6, "its process ended")
RESTARTED = "the host stopped"


@pytest.fixture
def store(engine: Engine) -> Iterator[Store]:
    """With one text from a phone, and one to a phone."""
    store = Store(engine)
    received = {"gateway": "g", "sender": "+1", "receiver": "2", "text": "x", "keyword": "x", "parameters": "[]"}
    queued = {"gateway": "g", "text": "x", "receiver": "+1", "event_source": "", "created_at": 1}
    with engine.begin() as connection:
        connection.execute(insert(INBOX), {**received, "received_at": 7, "state": "RECEIVED", "due_at": 0})
        connection.execute(insert(OUTBOX), {**queued, "due_at": 1, "state": "QUEUED", "error": ""})
    yield store
    store.stop()


def row(store: Store, table, *columns: str) -> list[tuple[object, ...]]:  # type: ignore[no-untyped-def]
    with store.read() as connection:
        return [tuple(each) for each in connection.execute(select(*(table.c[name] for name in columns)))]


def begin(store: Store, reference: str, attempt: int = 1, part: int = 1) -> Begun:
    begun = Begun(reference, 1, "g", part, 2, attempt, 1, first=part == 1)
    assert store.write(turn, Turn(begun=[begun])) == [{reference}]
    return begun


def end(store: Store, begun: Begun, outcome: Outcome, state: OutboxState | None) -> None:
    store.write(turn, Turn([Ended(begun, outcome, "", "", None, state, 0, 0)]))


def outbox(store: Store) -> tuple[object, ...]:
    return row(store, OUTBOX, "state", "attempts", "excused")[0]


@pytest.mark.parametrize("recovered", [False, True])
def test_an_offer_that_was_not_made_leaves_no_trace(store: Store, recovered: bool) -> None:
    begin(store, "r1")
    if recovered:
        assert store.write(recover, Recover("g", RESTARTED)) == [(1, 0)]
    assert store.write(take_back, ["r1", "unknown"]) == [1]
    assert outbox(store) == ("QUEUED", 0, 0)
    assert row(store, SUBMISSION, "reference") == []
    assert store.write(recover, Recover("g", RESTARTED)) == [(0, 0)]


def test_an_offer_of_a_later_part_does_not_count(store: Store) -> None:
    end(store, begin(store, "r1"), Outcome.ACCEPTED, None)
    begin(store, "r2", part=2)
    assert store.write(take_back, ["r2"]) == [1]
    assert outbox(store) == ("WAITING", 1, 1)
    assert row(store, SUBMISSION, "reference", "outcome") == [("r1", "ACCEPTED")]


def test_where_another_part_may_be_under_way_the_text_stays_held(store: Store) -> None:
    begin(store, "r1")
    begin(store, "r2", part=2)
    assert store.write(take_back, ["r2"]) == [0]
    assert store.write(recover, Recover("g", RESTARTED)) == [(1, 0)]
    assert store.write(take_back, ["r2"]) == [0]
    assert outbox(store)[0] == "HELD"


def test_what_was_offered_again_since_stays_so(store: Store) -> None:
    begin(store, "r1")
    store.write(recover, Recover("g", RESTARTED, attempts=5))
    begin(store, "r2", attempt=2)
    store.write(take_back, ["r1"])
    assert outbox(store) == ("SENDING", 2, 0)
    assert row(store, SUBMISSION, "reference") == [("r2",)]


def test_what_a_person_discarded_since_stays_so(store: Store) -> None:
    begin(store, "r1")
    with store.engine.begin() as connection:
        connection.execute(update(OUTBOX).values(state="DISCARDED"))
    store.write(take_back, ["r1"])
    assert outbox(store)[0] == "DISCARDED"


def cut(attempts: int = 0, received_at: int = 7) -> End:
    return End([Cut(1, received_at, attempts, 99, CUT_OFF)], [Verdict("a", "it ended", 0)])


def test_an_attempt_that_ended_with_its_process_is_written_down_once(store: Store) -> None:
    assert store.write(cut_off, cut()) == [{1}]
    assert store.write(cut_off, cut()) == [set()]
    assert row(store, INBOX, "state", "attempts", "due_at") == [("RECEIVED", 1, 99)]
    assert row(store, HANDLING, "handler", "attempt", "outcome", "error") == [
        ("a.handler", 1, "UNKNOWN", "its process ended")
    ]
    with store.read() as connection:
        assert inbox.handlers_so_far(connection, 1).cut == ("a.handler",)
        assert [each.failures for each in health.read(connection)] == [1]


@pytest.mark.parametrize(
    ("since", "noted"),
    [
        (Handled(1, InboxState.HANDLED, 1, 0, ()), cut()),
        (Handled(1, InboxState.RECEIVED, 1, 50, ()), cut()),
        (Handled(1, InboxState.RECEIVED, 0, 50, ()), cut(received_at=8)),
    ],
    ids=["handled since", "tried since", "another database's text"],
)
def test_an_attempt_at_another_text_or_at_another_time_is_not(store: Store, since: Handled, noted: End) -> None:
    store.write(inbox.finish, [since])
    assert store.write(cut_off, noted) == [set()]
    assert row(store, INBOX, "state", "attempts") == [(since.state.value, since.attempt)]
    assert row(store, HANDLING, "id") == []


@pytest.mark.postgres
@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("run", "state"),
    [(Run("a.handler", 8, 9), InboxState.HANDLED), (Run("a.handler", 8, 9, "raised"), InboxState.RECEIVED)],
)
def test_who_handles_it_by_then_is_the_next_attempt(store: Store, run: Run, state: InboxState) -> None:
    """A worker of another machine took it before its process was started again."""
    worker = 3
    assert store.write(claim, Claim(worker, [1], [0], 100)) == [{1}]
    assert store.write(cut_off, cut()) == [{1}]
    assert store.write(inbox.finish, [Handled(1, state, 1, 50, (run,), claimed_by=worker)]) == [set()]
    assert row(store, INBOX, "state", "attempts") == [(state.value, 2)]
    outcome = Outcome.RAISED if run.error else Outcome.HANDLED
    assert row(store, HANDLING, "attempt", "outcome") == [(1, "UNKNOWN"), (2, outcome.value)]


@pytest.mark.postgres
@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_who_puts_it_aside_by_then_forgets_no_attempt(store: Store) -> None:
    assert store.write(claim, Claim(3, [1], [0], 100)) == [{1}]
    assert store.write(cut_off, cut()) == [{1}]
    store.write(inbox.finish, [Handled(1, InboxState.WAITING, 0, 0, (), claimed_by=3, waits_for="a")])
    assert row(store, INBOX, "attempts") == [(1,)]
