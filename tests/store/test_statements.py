"""The statements over the tables, on both databases: texts stored once, reports matched whenever they come."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, select, text

from host import clock
from host.messages import DeliveryReport, DeliveryStatus, Inbound
from host.store import Store, inbox, outbox, reports, schema
from host.store.effects import Announced, Effects, Queued, Subscribed
from host.store.inbox import Arrival, Handled, Run
from host.store.outbox import Begun, Ended
from host.store.polls import commit
from host.store.reports import Reported
from host.store.tables import InboxState, OutboxState, Outcome, metadata
from tests.programs import wait_for


@pytest.fixture
def store(engine: Engine) -> Iterator[Store]:
    schema.upgrade(engine)
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
    store.write(inbox.store, arrival("a", "1"), arrival("a", "1"), arrival("a", "1", gateway="h"), arrival("a"))
    store.write(inbox.store, arrival("late", "1"), arrival("a"))
    assert [row[1] for row in rows(store, "inbox", "id", "gateway")] == ["g", "h", "g", "g"]
    assert [row[0] for row in rows(store, "inbox_repeat", "inbox_id")] == [1, 1]


def test_an_id_that_another_process_stores_at_this_moment_is_a_repeat(store: Store) -> None:
    fates: list[Exception | None] = []
    with store.engine.begin() as other:
        inbox.store(other, [arrival("a", "1")])
        store.submit(inbox.store, arrival("a", "1"), lambda _, error: fates.append(error))
        if other.dialect.name == "postgresql":
            waits = text("SELECT count(*) FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted")
            wait_for(lambda: other.execute(waits).scalar(), "the other one to wait")
    wait_for(lambda: fates, "the fate of the text")
    assert (fates, rows(store, "inbox", "id"), rows(store, "inbox_repeat", "inbox_id")) == ([None], [(1,)], [(1,)])


def due(store: Store, after: int = 0) -> list[int]:
    with store.read() as connection:
        return [row.id for row in inbox.due(connection, clock.now(), after, 100)]


def test_a_sender_whose_text_waits_is_not_overtaken(store: Store) -> None:
    store.write(inbox.store, arrival("a"), arrival("b"), arrival("c", sender="+2"))
    assert due(store) == [1, 2, 3]
    store.write(inbox.finish, [Handled(1, InboxState.RECEIVED, 1, clock.now() + 60_000, ())])
    assert due(store) == [3]
    store.write(inbox.finish, [Handled(1, InboxState.FAILED, 2, clock.now(), ())])
    assert (due(store), due(store, after=2)) == ([2, 3], [3])


def test_handled_and_its_effects_are_one(store: Store) -> None:
    """A handler that succeeded before cannot succeed again, and then nothing of the second run is stored."""
    store.write(inbox.store, arrival("a"))
    queued = Queued("g", "+1", "hello", "a.b", clock.now(), cause="in-1/a.h/1", inbox_id=1)
    run = Run("a.h", 1, 2, effects=Effects(texts=[queued]))
    store.write(inbox.finish, [Handled(1, InboxState.HANDLED, 1, 0, (run,))])
    with pytest.raises(Exception, match=r"UNIQUE|unique"):
        store.write(inbox.finish, [Handled(1, InboxState.HANDLED, 2, 0, (run,))])
    assert rows(store, "outbox", "text", "cause", "state") == [("hello", "in-1/a.h/1", "QUEUED")]
    assert rows(store, "inbox", "state", "attempts") == [("HANDLED", 1)]


def test_an_announcement_goes_to_each_subscription_once(store: Store) -> None:
    def effects(*phones: str) -> Effects:
        subscribed = {("a.b", phone): Subscribed("a.b", phone, phone, "g", 1) for phone in phones}
        return Effects(subscriptions=dict(subscribed), texts=[Announced("a.b", "offer", "o-1", 1, ("g",))])

    store.write(commit, effects("+1", "+2"))
    store.write(commit, effects("+3"))
    assert rows(store, "outbox", "receiver", "cause") == [
        ("+1", "a.b/o-1/1"),
        ("+2", "a.b/o-1/2"),
        ("+3", "a.b/o-1/3"),
    ]


def offered(store: Store, parts: int = 1) -> list[str]:
    """A text in the outbox whose parts are being offered; gives the references."""
    store.write(commit, Effects(texts=[Queued("g", "+1", "hello", "a.b", clock.now())]))
    begun = [Begun(f"ref-{number}", 1, "g", number, parts, 1, clock.now()) for number in range(1, parts + 1)]
    store.write(outbox.begin, *begun)
    return [each.reference for each in begun]


def ended(reference: str, outcome: Outcome, state: OutboxState | None, message_id: str | None = None) -> Ended:
    return Ended(reference, 1, outcome, "said, heard", "", "g", message_id, state, clock.now())


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
        store.write(outbox.end, end)
    for status in statuses:
        store.write(reports.store, report(status))
    if before:
        store.write(outbox.end, end)
    assert state(store) == final


def test_a_report_by_the_gateways_id_can_overtake_the_answer(store: Store) -> None:
    (reference,) = offered(store)
    store.write(reports.store, report("DELIVERED", None, "theirs"), report("DELIVERED", None, "somebody else's"))
    assert state(store) == "SENDING"
    store.write(outbox.end, ended(reference, Outcome.ACCEPTED, OutboxState.SENT, "theirs"))
    assert state(store) == "DELIVERED"
    assert rows(store, "delivery_report", "reference") == [("ref-1",), (None,)]


def test_a_long_text_is_delivered_with_its_last_part(store: Store) -> None:
    first, second = offered(store, parts=2)
    store.write(outbox.end, ended(first, Outcome.ACCEPTED, None))
    store.write(outbox.end, ended(second, Outcome.ACCEPTED, OutboxState.SENT))
    store.write(reports.store, report("DELIVERED", first))
    assert state(store) == "SENT"
    store.write(reports.store, report("DELIVERED", second))
    assert state(store) == "DELIVERED"


def test_a_report_clears_up_what_nobody_knew(store: Store) -> None:
    (reference,) = offered(store)
    store.write(outbox.end, ended(reference, Outcome.UNKNOWN, OutboxState.HELD))
    store.write(reports.store, report("DELIVERED"))
    assert state(store) == "DELIVERED"


def test_another_gateways_report_is_not_believed(store: Store) -> None:
    (reference,) = offered(store)
    store.write(outbox.end, ended(reference, Outcome.ACCEPTED, OutboxState.SENT))
    foreign = DeliveryReport(DeliveryStatus.UNDELIVERED, "2", reference)
    store.write(reports.store, Reported("other", foreign, clock.now()))
    assert (state(store), rows(store, "delivery_report", "reference")) == ("SENT", [(None,)])


def test_what_was_being_sent_when_the_host_died_is_held(store: Store) -> None:
    offered(store)
    store.write(commit, Effects(texts=[Queued("g", "+2", "waits", "a.b", clock.now())]))
    assert store.write(outbox.recover, outbox.Recover("g", "stopped")) == [1]
    assert rows(store, "outbox", "state", "error") == [("HELD", "stopped"), ("QUEUED", "")]
    assert rows(store, "submission", "outcome", "error") == [("UNKNOWN", "stopped")]
