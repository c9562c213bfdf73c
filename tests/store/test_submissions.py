"""Offers written down before and after they are made, on both databases, also by processes that come too late."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine, insert, select, update

from host import clock
from host.errors import Unstorable
from host.messages import DeliveryReport, DeliveryStatus
from host.store import Store, reports
from host.store.recovery import Recover, recover
from host.store.reports import Reported
from host.store.states import OutboxState, Outcome
from host.store.submissions import Begun, Ended, Turn, parts_accepted, turn
from host.store.tables import metadata

OUTBOX, SUBMISSION = metadata.tables["outbox"], metadata.tables["submission"]


@pytest.fixture
def store(engine: Engine) -> Iterator[Store]:
    store = Store(engine)
    yield store
    store.stop()


def texts(store: Store, count: int = 1, **more: object) -> None:
    """So many texts in the outbox, waiting for their turn."""
    row = {"gateway": "g", "text": "x", "receiver": "+1", "event_source": "", "created_at": 1, "due_at": 1}
    with store.engine.begin() as connection:
        connection.execute(insert(OUTBOX), [{**row, "state": "QUEUED", "error": "", **more} for _ in range(count)])


def begun(number: int = 1, attempt: int = 1, part: int = 1, parts: int = 1, *, first: bool = True) -> Begun:
    return Begun(f"{number}/{attempt}/{part}", number, "g", part, parts, attempt, clock.now(), first)


def ended(offer: Begun, outcome: str = "ACCEPTED", state: str | None = "SENT", excused: int = 0) -> Ended:
    after = None if state is None else OutboxState(state)
    return Ended(offer, Outcome(outcome), "said", "", None, after, clock.now(), excused)


def outbox(store: Store, *columns: str) -> list[tuple[object, ...]]:
    return _rows(store, OUTBOX, columns)


def submissions(store: Store, *columns: str) -> list[tuple[object, ...]]:
    return _rows(store, SUBMISSION, columns)


def _rows(store: Store, table, columns: tuple[str, ...]) -> list[tuple[object, ...]]:  # type: ignore[no-untyped-def]
    with store.read() as connection:
        query = select(*(table.c[name] for name in columns)).order_by(*table.primary_key)
        return [tuple(row) for row in connection.execute(query)]


def said(store: Store, **values: object) -> None:
    """Somebody else changed the text."""
    with store.engine.begin() as connection:
        connection.execute(update(OUTBOX).values(**values))


def test_a_turn_ends_some_offers_and_begins_others(store: Store) -> None:
    texts(store, 3)
    first, second, third = (begun(number) for number in (1, 2, 3))
    assert store.write(turn, Turn(begun=[first, second])) == [{first.reference, second.reference}]
    given = Turn(ended=[ended(first), ended(second, "GAVE_UP", "FAILED")], begun=[third])
    assert store.write(turn, given) == [{third.reference}]
    assert outbox(store, "state", "attempts") == [("SENT", 1), ("FAILED", 1), ("SENDING", 1)]
    assert submissions(store, "outcome") == [("ACCEPTED",), ("GAVE_UP",), (None,)]


@pytest.mark.parametrize("state", ["SENT", "DELIVERED", "HELD", "DISCARDED", "FAILED", "SENDING"])
def test_what_was_settled_meanwhile_is_not_offered(store: Store, state: str) -> None:
    texts(store, state=state)
    assert store.write(turn, Turn(begun=[begun()])) == [set()]
    assert (outbox(store, "state", "attempts"), submissions(store, "outcome")) == ([(state, 0)], [])


def test_what_another_process_offered_meanwhile_is_not_offered(store: Store) -> None:
    texts(store, state="WAITING", attempts=2)
    assert store.write(turn, Turn(begun=[begun(attempt=2)])) == [set()]


def test_a_turn_that_is_written_twice_counts_once(store: Store) -> None:
    """The answer to a commit may get lost."""
    texts(store, 2)
    offers = [begun(1, parts=2), begun(2)]
    given = [Turn(begun=offers), Turn(ended=[ended(offers[0], state=None)], begun=[begun(1, part=2, first=False)])]
    for each in given:
        assert store.write(turn, each) == store.write(turn, each) == [{offer.reference for offer in each.begun}]
    assert outbox(store, "state", "attempts") == [("SENDING", 1)] * 2
    assert submissions(store, "outcome") == [("ACCEPTED",), (None,), (None,)]


def test_an_offer_that_was_not_made_leaves_no_trace(store: Store) -> None:
    texts(store)
    texts(store, state="WAITING", attempts=3, error="e")
    offers = [begun(1), begun(2, attempt=4)]
    store.write(turn, Turn(begun=offers))
    for _ in range(2):
        store.write(turn, Turn(withdrawn=offers))
    assert outbox(store, "state", "attempts", "excused") == [("QUEUED", 0, 0), ("WAITING", 3, 0)]
    assert submissions(store, "outcome") == []


@pytest.mark.parametrize(
    ("later", "state"),
    [({}, "HELD"), ({"receiver": "+2"}, "QUEUED"), ({"gateway": "h"}, "QUEUED"), ({"priority": 1}, "QUEUED")],
)
def test_an_offer_that_was_not_made_stays_held_where_its_phone_was_sent_a_later_text(
    store: Store, later: dict[str, object], state: str
) -> None:
    """A worker that stood still comes late: another one took the gateway over, and went on."""
    texts(store)
    texts(store, **later)
    first = begun(1)
    store.write(turn, Turn(begun=[first]))
    store.write(recover, Recover("g", "gone"))
    store.write(turn, Turn(begun=[begun(2)]))
    store.write(turn, Turn(withdrawn=[first]))
    assert outbox(store, "state")[0] == (state,)
    assert (first.reference,) in submissions(store, "reference") or state == "QUEUED"


def test_a_worker_that_lost_the_gateway_begins_nothing(store: Store) -> None:
    if store.engine.dialect.name == "sqlite":
        pytest.skip("on SQLite one worker sends")
    texts(store)
    texts(store)
    store.write(recover, Recover("g", "gone", owner=7))
    store.write(recover, Recover("g", "gone", owner=8))
    first, second = begun(1), begun(2)
    assert store.write(turn, Turn(begun=[first], owner=7), Turn(begun=[second], owner=8)) == [set(), {second.reference}]
    assert outbox(store, "state", "attempts") == [("QUEUED", 0), ("SENDING", 1)]


def test_an_offer_that_was_never_begun_takes_no_attempt_from_another_process(store: Store) -> None:
    """Nobody knows whether a begin was written that the database did not answer."""
    texts(store)
    theirs = begun()
    store.write(turn, Turn(begun=[theirs]))
    store.write(turn, Turn(withdrawn=[replace(theirs, reference="ours")]))
    assert outbox(store, "state", "attempts") == [("SENDING", 1)]
    assert submissions(store, "outcome") == [(None,)]


def test_a_further_part_that_was_not_offered_costs_no_attempt(store: Store) -> None:
    texts(store)
    first, second = begun(parts=2), begun(part=2, parts=2, first=False)
    store.write(turn, Turn(begun=[first]))
    store.write(turn, Turn(ended=[ended(first, state=None)], begun=[second]))
    store.write(turn, Turn(withdrawn=[second]))
    assert outbox(store, "state", "attempts", "excused") == [("WAITING", 1, 1)]
    with store.read() as connection:
        assert parts_accepted(connection, 1) == {1}


@pytest.mark.parametrize(
    ("meanwhile", "end", "state"),
    [
        ({}, ("ACCEPTED", "SENT"), "SENT"),
        ({}, ("TRY_LATER", "WAITING"), "WAITING"),
        ({}, ("GAVE_UP", "FAILED"), "FAILED"),
        ({"state": "WAITING"}, ("ACCEPTED", "SENT"), "SENT"),  # released, and not offered yet
        ({"state": "WAITING"}, ("GAVE_UP", "FAILED"), "WAITING"),
        ({"state": "SENDING", "attempts": 2}, ("ACCEPTED", "SENT"), "SENDING"),  # released, and offered again
        ({"state": "DISCARDED"}, ("TRY_LATER", "WAITING"), "DISCARDED"),
        ({"state": "DELIVERED"}, ("ACCEPTED", "SENT"), "DELIVERED"),
    ],
)
def test_an_end_that_comes_late_counts_where_nothing_was_decided(
    store: Store, meanwhile: dict[str, object], end: tuple[str, str], state: str
) -> None:
    texts(store)
    store.write(turn, Turn(begun=[begun()]))
    store.write(recover, Recover("g", "gone"))
    assert outbox(store, "state") == [("HELD",)]
    if meanwhile:
        said(store, **meanwhile)
    store.write(turn, Turn(ended=[ended(begun(), *end)]))
    assert (outbox(store, "state"), submissions(store, "outcome")) == ([(state,)], [(end[0],)])


def test_reports_that_came_first_make_several_texts_climb(store: Store) -> None:
    texts(store, 3)
    offers = [begun(number) for number in (1, 2, 3)]
    store.write(turn, Turn(begun=offers))
    for number, status in ((1, DeliveryStatus.DELIVERED), (2, DeliveryStatus.UNDELIVERED)):
        report = DeliveryReport(status, status.lower(), reference=offers[number - 1].reference)
        store.write(reports.store, Reported("g", report, clock.now()))
    early = DeliveryReport(DeliveryStatus.DELIVERED, "1", gateway_message_id="theirs-3")
    store.write(reports.store, Reported("g", early, clock.now()))
    ends = [ended(each) for each in offers]
    store.write(turn, Turn(ended=[*ends[:2], replace(ends[2], gateway_message_id="theirs-3")]))
    assert outbox(store, "state") == [("DELIVERED",), ("UNDELIVERED",), ("DELIVERED",)]


def test_a_part_is_accepted_once(store: Store) -> None:
    texts(store)
    store.write(turn, Turn(begun=[begun()]))
    store.write(recover, Recover("g", "gone", attempts=5))
    again = begun(attempt=2)
    store.write(turn, Turn(begun=[again]))
    store.write(turn, Turn(ended=[ended(again)]))
    with pytest.raises(Unstorable):
        store.write(turn, Turn(ended=[ended(begun())]))
    assert (outbox(store, "state"), submissions(store, "outcome")) == ([("SENT",)], [("UNKNOWN",), ("ACCEPTED",)])


def test_a_text_whose_parts_were_all_taken_is_sent(store: Store) -> None:
    texts(store, state="WAITING", attempts=1)
    store.write(turn, Turn(taken=[1]))
    assert outbox(store, "state") == [("SENT",)]


@pytest.mark.parametrize(
    ("attempts", "excused", "limit", "state"),
    [(1, 0, 0, "HELD"), (1, 0, 3, "WAITING"), (3, 0, 3, "HELD"), (5, 3, 3, "WAITING")],
)
def test_what_was_cut_off_is_held_or_offered_again(
    store: Store, attempts: int, excused: int, limit: int, state: str
) -> None:
    texts(store, attempts=attempts - 1, excused=excused)
    texts(store, gateway="other")
    texts(store, state="SENDING", attempts=1)  # between two parts
    store.write(turn, Turn(begun=[begun(attempt=attempts), begun(2)]))
    held = state == "HELD"
    assert store.write(recover, Recover("g", "gone", limit, 60_000)) == [(int(held), int(not held))]
    found = outbox(store, "state", "error", "attempts", "excused")
    assert found == [(state, "gone", attempts, excused), ("SENDING", "", 1, 0), ("WAITING", "", 1, 0)]
    assert [int(str(due)) > clock.steady() for (due,) in outbox(store, "due_at")] == [not held, False, False]
    assert submissions(store, "outcome") == [("UNKNOWN",), (None,)]
