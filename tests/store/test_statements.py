"""The statements over the tables, on both databases: texts stored once, reports matched whenever they come."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, select, text, update

from host import clock
from host.messages import DeliveryReport, DeliveryStatus, Inbound
from host.store import Store, arrivals, inbox, reports
from host.store.arrivals import Arrival
from host.store.effects import Effects, Queued
from host.store.inbox import Handled, Run
from host.store.polls import commit
from host.store.recovery import Recover, recover
from host.store.reports import Reported
from host.store.states import InboxState, OutboxState, Outcome
from host.store.submissions import Begun, Ended, Turn, turn
from host.store.tables import metadata
from tests.programs import wait_for


@pytest.fixture
def store(engine: Engine) -> Iterator[Store]:
    store = Store(engine)
    yield store
    store.stop()


def arrival(text: str, id_: str | None = None, gateway: str = "g", sender: str = "+1") -> Arrival:
    return Arrival(gateway, sender, "26161", text, Inbound(sender, text, gateway_message_id=id_), clock.now())


def rows(store: Store, table: str, *columns: str) -> list[tuple[object, ...]]:
    which = metadata.tables[table]
    with store.read() as connection:
        query = select(*(which.c[name] for name in columns)).order_by(*which.primary_key)
        return [tuple(row) for row in connection.execute(query)]


def test_a_gateways_id_is_stored_once_however_it_repeats(store: Store) -> None:
    store.write(arrivals.store, arrival("a", "1"), arrival("a", "1"), arrival("a", "1", gateway="h"), arrival("a"))
    store.write(arrivals.store, arrival("late", "1"), arrival("a"))
    assert [row[1] for row in rows(store, "inbox", "id", "gateway")] == ["g", "h", "g", "g"]
    assert [row[0] for row in rows(store, "inbox_repeat", "inbox_id")] == [1, 1]


def test_an_id_that_another_process_stores_at_this_moment_is_a_repeat(store: Store) -> None:
    fates: list[Exception | None] = []
    with store.engine.begin() as other:
        arrivals.store(other, [arrival("a", "1")])
        store.submit(arrivals.store, arrival("a", "1"), lambda _, error: fates.append(error))
        if other.dialect.name == "postgresql":
            waits = text("SELECT count(*) FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted")
            wait_for(lambda: other.execute(waits).scalar(), "the other one to wait")
    wait_for(lambda: fates, "the fate of the text")
    assert (fates, rows(store, "inbox", "id"), rows(store, "inbox_repeat", "inbox_id")) == ([None], [(1,)], [(1,)])


def due(store: Store, after: int = 0) -> list[int]:
    with store.read() as connection:
        return [row.id for row in inbox.due(connection, clock.now(), after, 100)]


def test_a_sender_whose_text_waits_is_not_overtaken(store: Store) -> None:
    store.write(arrivals.store, arrival("a"), arrival("b"), arrival("c", sender="+2"))
    assert due(store) == [1, 2, 3]
    store.write(inbox.finish, [Handled(1, InboxState.RECEIVED, 1, clock.now() + 60_000, ())])
    assert due(store) == [3]
    store.write(inbox.finish, [Handled(1, InboxState.FAILED, 2, clock.now(), ())])
    assert (due(store), due(store, after=2)) == ([2, 3], [3])


def test_handled_and_its_effects_are_one(store: Store) -> None:
    """A handler that succeeded before cannot succeed again, and then nothing of the second run is stored."""
    store.write(arrivals.store, arrival("a"))
    queued = Queued("g", "+1", "hello", "a.b", clock.now(), cause="in-1/a.h/1", inbox_id=1)
    run = Run("a.h", 1, 2, effects=Effects(texts=[queued]))
    store.write(inbox.finish, [Handled(1, InboxState.HANDLED, 1, 0, (run,))])
    with pytest.raises(Exception, match=r"UNIQUE|unique"):
        store.write(inbox.finish, [Handled(1, InboxState.HANDLED, 2, 0, (run,))])
    assert rows(store, "outbox", "text", "cause", "state") == [("hello", "in-1/a.h/1", "QUEUED")]
    assert rows(store, "inbox", "state", "attempts") == [("HANDLED", 1)]


def offered(store: Store, parts: int = 1) -> list[str]:
    """A text in the outbox whose parts are being offered; gives the references."""
    store.write(commit, Effects(texts=[Queued("g", "+1", "hello", "a.b", clock.now())]))
    begun = [submission(f"ref-{number}", 1, number, parts) for number in range(1, parts + 1)]
    store.write(turn, Turn(begun=begun))
    return [each.reference for each in begun]


def submission(reference: str, number: int = 1, part: int = 1, parts: int = 1, attempt: int = 1) -> Begun:
    return Begun(reference, number, "g", part, parts, attempt, 1, part == 1)


def ended(
    reference: str, outcome: Outcome, state: OutboxState | None, message_id: str | None = None, attempt: int = 1
) -> Turn:
    begun = submission(reference, parts=1 if state else 2, attempt=attempt)
    return Turn(ended=[Ended(begun, outcome, "said, heard", "", message_id, state, 0, 0)])


def report(status: str, reference: str | None = "ref-1", message_id: str | None = None) -> Reported:
    return Reported("g", DeliveryReport(DeliveryStatus(status), status.lower(), reference, message_id), clock.now())


def state(store: Store) -> object:
    ((found,),) = rows(store, "outbox", "state")
    return found


@pytest.mark.parametrize(
    ("statuses", "final"),
    [
        ([], "SENT"),
        (["ACCEPTED"], "SENT"),
        (["BUFFERED", "ACCEPTED"], "SENT"),
        (["UNKNOWN"], "SENT"),
        (["DELIVERED"], "DELIVERED"),
        (["DELIVERED", "ACCEPTED"], "DELIVERED"),  # Kannel's order is not fixed
        (["UNDELIVERED"], "UNDELIVERED"),
        (["DELIVERED", "UNDELIVERED"], "DELIVERED"),  # a final word stays
        (["UNDELIVERED", "DELIVERED"], "UNDELIVERED"),
    ],
)
@pytest.mark.parametrize("before", [True, False], ids=["reports first", "answer first"])
def test_reports_make_a_text_climb_whenever_they_come(
    store: Store, statuses: list[str], final: str, before: bool
) -> None:
    (reference,) = offered(store)
    end = ended(reference, Outcome.ACCEPTED, OutboxState.SENT)
    if not before:
        store.write(turn, end)
    for status in statuses:
        store.write(reports.store, report(status))
    if before:
        store.write(turn, end)
    assert state(store) == final


def test_a_report_by_the_gateways_id_can_overtake_the_answer(store: Store) -> None:
    (reference,) = offered(store)
    store.write(reports.store, report("DELIVERED", None, "theirs"), report("DELIVERED", None, "somebody else's"))
    assert state(store) == "SENDING"
    store.write(turn, ended(reference, Outcome.ACCEPTED, OutboxState.SENT, "theirs"))
    assert state(store) == "DELIVERED"
    assert rows(store, "delivery_report", "reference") == [("ref-1",), (None,)]


def test_a_long_text_is_delivered_with_its_last_part(store: Store) -> None:
    first, second = offered(store, parts=2)
    store.write(turn, ended(first, Outcome.ACCEPTED, None))
    store.write(turn, ended(second, Outcome.ACCEPTED, OutboxState.SENT))
    store.write(reports.store, report("DELIVERED", first))
    assert state(store) == "SENT"
    store.write(reports.store, report("DELIVERED", second))
    assert state(store) == "DELIVERED"


def test_a_report_clears_up_what_nobody_knew(store: Store) -> None:
    (reference,) = offered(store)
    store.write(turn, ended(reference, Outcome.UNKNOWN, OutboxState.HELD))
    store.write(reports.store, report("DELIVERED"))
    assert state(store) == "DELIVERED"


def test_another_gateways_report_is_not_believed(store: Store) -> None:
    (reference,) = offered(store)
    store.write(turn, ended(reference, Outcome.ACCEPTED, OutboxState.SENT))
    foreign = DeliveryReport(DeliveryStatus.UNDELIVERED, "2", reference)
    store.write(reports.store, Reported("other", foreign, clock.now()))
    assert (state(store), rows(store, "delivery_report", "reference")) == ("SENT", [(None,)])


def test_reports_of_one_batch_climb_together(store: Store) -> None:
    """Thousands at once, of which several are on the same text, in whatever order."""
    many = 3000
    store.write(commit, Effects(texts=[Queued("g", f"+{number}", "hello", "a.b", 1) for number in range(many)]))
    for start in range(0, many, 300):
        numbers = range(start + 1, start + 301)
        store.write(turn, Turn(begun=[submission(f"ref-{number}", number) for number in numbers]))
        store.write(turn, Turn(ended=[accepted(number) for number in numbers]))
    by_reference = [report("ACCEPTED", f"ref-{number}") for number in range(1, many, 2)]
    by_id = [report("BUFFERED", None, f"theirs-{number}") for number in range(2, many + 1, 2)]
    both = [report("DELIVERED", None, f"theirs-{number}") for number in range(1, many + 1)]
    late = [report("ACCEPTED", f"ref-{number}", f"theirs-{number}") for number in range(1, many + 1)]
    with store.engine.begin() as connection:
        reports.store(connection, [*by_reference, *by_id, *both, *late, report("DELIVERED", "stranger", "stranger")])
    assert set(rows(store, "outbox", "state")) == {("DELIVERED",)}
    assert set(rows(store, "submission", "delivery")) == {("DELIVERED",)}
    assert [row for row in rows(store, "delivery_report", "reference", "named") if row[0] is None] == [
        (None, "stranger")
    ]


def accepted(number: int) -> Ended:
    message_id = f"theirs-{number}"
    return Ended(submission(f"ref-{number}", number), Outcome.ACCEPTED, "", "", message_id, OutboxState.SENT, 0, 0)


def test_an_answer_matches_every_report_that_waits_for_it(store: Store) -> None:
    """More answers in a batch than an expression can be deep, and two reports that wait for one of them."""
    many = 1500
    store.write(commit, Effects(texts=[Queued("g", f"+{number}", "hello", "a.b", 1) for number in range(many)]))
    with store.engine.begin() as connection:
        turn(connection, [Turn(begun=[submission(f"ref-{number}", number) for number in range(1, many + 1)])])
    store.write(reports.store, report("ACCEPTED", None, "theirs-7"), report("DELIVERED", None, "theirs-7"))
    store.write(reports.store, report("UNDELIVERED", None, "theirs-1500"))
    with store.engine.begin() as connection:
        turn(connection, [Turn(ended=[accepted(number) for number in range(1, many + 1)])])
    found = rows(store, "outbox", "id", "state")
    assert [row for row in found if row[1] != "SENT"] == [(7, "DELIVERED"), (1500, "UNDELIVERED")]


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("first", "then"),
    [(("DELIVERED", "ref-1"), ("DELIVERED", "ref-2")), (("DELIVERED", "ref-1"), ("ACCEPTED", "ref-1"))],
)
def test_two_processes_may_settle_reports_on_one_text(
    store: Store, first: tuple[str, str], then: tuple[str, str]
) -> None:
    for reference, outbox_state in zip(offered(store, parts=2), (None, OutboxState.SENT), strict=True):
        store.write(turn, ended(reference, Outcome.ACCEPTED, outbox_state))
    with store.engine.connect() as other, other.begin():
        reports.store(other, [report(*first)])
        settled: list[Exception | None] = []
        store.submit(reports.store, report(*then), lambda _, error: settled.append(error))
        wait_for(lambda: waits_for_a_lock(store), "the second to wait for the first")
    wait_for(lambda: settled, "the second to end")
    assert settled == [None]
    words = rows(store, "submission", "reference", "delivery")
    assert dict(words)["ref-1"] == "DELIVERED"
    assert state(store) == ("DELIVERED" if then[1] == "ref-2" else "SENT")


def waits_for_a_lock(store: Store) -> bool:
    with store.read() as connection:
        query = text(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return bool(connection.execute(query).scalar())


def look(store: Store, since: int = 0, most: int = 100, place: reports.Place = reports.NEWEST) -> list[reports.Match]:
    with store.read() as connection:
        return reports.look(connection, since, place, most)[0]


@pytest.mark.parametrize("by", ["reference", "id"])
def test_a_report_that_neither_saw_its_submission_nor_was_seen_by_it_is_matched_later(store: Store, by: str) -> None:
    """As where two processes commit at the same moment, or the database comes back from a copy."""
    store.write(reports.store, report("DELIVERED", "ref-1") if by == "reference" else report("DELIVERED", None, "id-1"))
    store.write(reports.store, report("DELIVERED", "nobody's", "nobody's"))
    (reference,) = offered(store)
    store.write(turn, ended(reference, Outcome.ACCEPTED, OutboxState.SENT))
    with store.engine.begin() as connection:
        connection.execute(metadata.tables["submission"].update().values(gateway_message_id="id-1"))
    found = look(store)
    assert found == [reports.Match(1, "ref-1")]
    store.write(reports.rematch, *found)
    assert (state(store), look(store)) == ("DELIVERED", [])
    assert rows(store, "delivery_report", "reference") == [("ref-1",), (None,)]


def test_unmatched_reports_are_looked_at_page_by_page_and_not_for_ever(store: Store) -> None:
    (reference,) = offered(store)
    for number, when in enumerate((10, 20, 20, 20, 30)):
        told = DeliveryReport(DeliveryStatus.ACCEPTED, "1", f"early-{number}", None)
        store.write(reports.store, Reported("g", told, when))
    with store.engine.begin() as connection:
        connection.execute(metadata.tables["delivery_report"].update().values(named=reference))
    pages = []
    place: reports.Place | None = reports.NEWEST
    with store.read() as connection:
        while place is not None:
            found, place = reports.look(connection, 20, place, 2)
            pages.append([each.report for each in found])
        assert pages == [[5, 4], [3, 2], []]
        assert reports.unmatched(connection) == 5


def test_the_phone_has_it_when_either_attempt_brought_it_there(store: Store) -> None:
    """A text that was HELD, offered again, and refused then because the phone had it."""
    (reference,) = offered(store)
    store.write(turn, ended(reference, Outcome.UNKNOWN, OutboxState.HELD))
    with store.engine.begin() as connection:
        connection.execute(update(metadata.tables["outbox"]).values(state="WAITING"))
    store.write(turn, Turn(begun=[submission("ref-2", attempt=2)]))
    store.write(reports.store, report("UNDELIVERED", "ref-2"), report("DELIVERED", "ref-1"))
    store.write(turn, ended("ref-2", Outcome.ACCEPTED, OutboxState.SENT, attempt=2))
    assert state(store) == "DELIVERED"


def test_what_was_being_sent_when_the_host_died_is_held(store: Store) -> None:
    offered(store)
    store.write(commit, Effects(texts=[Queued("g", "+2", "waits", "a.b", clock.now())]))
    assert store.write(recover, Recover("g", "stopped")) == [(1, 0)]
    assert rows(store, "outbox", "state", "error") == [("HELD", "stopped"), ("QUEUED", "")]
    assert rows(store, "submission", "outcome", "error") == [("UNKNOWN", "stopped")]
