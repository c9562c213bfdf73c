"""Broadcasts on both databases: noted with what made them, queued in chunks, each subscription once."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, insert, select, text

from host.store import Store, broadcasts
from host.store.broadcasts import Announced, Chunk, Progress
from host.store.effects import Effects, Subscribed
from host.store.polls import commit
from host.store.tables import metadata
from tests.programs import wait_for

TEXTS = ("receiver", "cause", "state", "priority", "broadcast_id")


@pytest.fixture
def store(engine: Engine) -> Iterator[Store]:
    store = Store(engine)
    yield store
    store.stop()


def rows(store: Store, table: str, *columns: str) -> list[tuple[object, ...]]:
    which = metadata.tables[table]
    with store.read() as connection:
        query = select(*(which.c[name] for name in columns)).order_by(which.c.id)
        return [tuple(row) for row in connection.execute(query)]


def subscribe(store: Store, *phones: str, source: str = "a.b", gateway: str = "g") -> None:
    made = {(source, phone): Subscribed(source, phone, phone, gateway, 1) for phone in phones}
    store.write(commit, Effects(subscriptions=dict(made)))


def unsubscribe(store: Store, phone: str) -> None:
    store.write(commit, Effects(subscriptions={("a.b", phone): None}))


def announce(store: Store, text: str = "offer", key: str | None = None, source: str = "a.b") -> None:
    store.write(commit, Effects(texts=[Announced(source, text, key, 7)]))


def running(store: Store) -> list[int]:
    with store.read() as connection:
        return list(broadcasts.running(connection))


def chunk(store: Store, number: int, most: int = 100, gateways: tuple[str, ...] = ("g",)) -> tuple[int, bool]:
    """What one chunk made, and whether it was the last."""
    (progress,) = store.write(broadcasts.advance, Chunk(number, most, gateways))
    return progress.queued, progress.finished


def finish(store: Store) -> None:
    for _ in range(100):
        for number in running(store):
            chunk(store, number)
    assert running(store) == []


def test_a_broadcast_is_queued_range_by_range(store: Store) -> None:
    subscribe(store, "+1", "+2", "+3", "+4", "+5")
    subscribe(store, "+9", source="a.c")
    announce(store)
    assert (running(store), rows(store, "outbox", *TEXTS)) == ([1], [])
    assert [chunk(store, 1, most=2) for _ in range(4)] == [(2, False), (2, False), (1, True), (0, True)]
    assert rows(store, "outbox", *TEXTS) == [
        (f"+{number}", f"broadcast-1/{number}", "QUEUED", 1, 1) for number in range(1, 6)
    ]
    assert rows(store, "outbox", "text", "event_source", "gateway", "created_at", "due_at", "finished_at") == (
        [("offer", "a.b", "g", 7, 0, None)] * 5
    )
    assert rows(store, "broadcast", "after_subscription", "last_subscription", "queued") == [(5, 5, 5)]
    assert running(store) == []


@pytest.mark.parametrize("subscribers", [0, 2])
def test_the_last_chunk_is_known_as_the_last(store: Store, subscribers: int) -> None:
    subscribe(store, *(f"+{number}" for number in range(subscribers)))
    announce(store)
    assert chunk(store, 1, most=2) == (subscribers, True)


def test_it_goes_to_those_who_are_subscribed_when_it_begins_and_still_when_it_comes_to_them(store: Store) -> None:
    subscribe(store, "+1", "+2", "+3")
    announce(store)
    subscribe(store, "+4")
    assert chunk(store, 1, most=2) == (2, False)
    subscribe(store, "+5")
    unsubscribe(store, "+3")
    unsubscribe(store, "+1")
    subscribe(store, "+1")
    finish(store)
    assert [row[0] for row in rows(store, "outbox", "receiver")] == ["+1", "+2", "+4"]


def test_what_died_after_a_chunk_goes_on_and_repeats_nothing(store: Store) -> None:
    """A chunk and the place to go on from are one: without the place, the causes would still hold."""
    subscribe(store, *(f"+{number}" for number in range(10)))
    announce(store)
    assert chunk(store, 1, most=4) == (4, False)
    with store.engine.begin() as connection:
        connection.execute(metadata.tables["broadcast"].update().values(after_subscription=0, queued=0))
    finish(store)
    assert [row[0] for row in rows(store, "outbox", "receiver")] == [f"+{number}" for number in range(10)]


def test_a_broadcast_belongs_to_the_commit_that_makes_it(store: Store) -> None:
    """Whoever unsubscribes in it is not told, whoever subscribes is."""
    subscribe(store, "+1")
    made = {("a.b", "+1"): None, ("a.b", "+2"): Subscribed("a.b", "+2", "+2", "g", 1)}
    store.write(commit, Effects(subscriptions=made, texts=[Announced("a.b", "offer", None, 7)]))
    finish(store)
    assert rows(store, "outbox", "receiver") == [("+2",)]


def test_with_a_key_each_subscription_is_told_once_ever(store: Store) -> None:
    subscribe(store, "+1", "+2")
    announce(store, key="o-1")
    announce(store, key="o-1")
    finish(store)
    unsubscribe(store, "+1")
    subscribe(store, "+1", "+3")
    announce(store, "the same, told otherwise", key="o-1")
    announce(store, key="o-2")
    finish(store)
    assert rows(store, "outbox", "receiver", "cause") == [
        ("+1", "a.b/o-1/1"),
        ("+2", "a.b/o-1/2"),
        ("+1", "a.b/o-1/3"),
        ("+3", "a.b/o-1/4"),
        *((phone, f"a.b/o-2/{number}") for phone, number in (("+2", 2), ("+1", 3), ("+3", 4))),
    ]


def test_a_key_that_everybody_had_makes_no_broadcast(store: Store) -> None:
    subscribe(store, "+1")
    announce(store, key="o-1")
    finish(store)
    for _ in range(3):
        announce(store, key="o-1")
    assert rows(store, "broadcast", "id", "queued") == [(1, 1)]
    subscribe(store, "+2")
    announce(store, key="o-1")
    assert chunk(store, 2, most=1) == (1, True)
    assert rows(store, "outbox", "cause") == [("a.b/o-1/1",), ("a.b/o-1/2",)]


def test_what_the_version_before_announced_is_not_announced_again(store: Store) -> None:
    subscribe(store, "+1", "+2")
    told = {"event_source": "a.b", "gateway": "g", "text": "offer", "state": "SENT", "created_at": 1, "due_at": 1}
    with store.engine.begin() as connection:
        connection.execute(insert(metadata.tables["outbox"]).values(cause="a.b/o-1/1", receiver="+1", error="", **told))
    announce(store, key="o-1")
    assert chunk(store, 1) == (1, True)
    assert rows(store, "outbox", "receiver", "cause") == [("+1", "a.b/o-1/1"), ("+2", "a.b/o-1/2")]


def test_a_gateway_that_is_gone_is_said(store: Store) -> None:
    subscribe(store, "+1")
    subscribe(store, "+2", gateway="gone")
    announce(store)
    assert chunk(store, 1) == (2, True)
    assert rows(store, "outbox", "receiver", "state", "error", "finished_at") == [
        ("+1", "QUEUED", "", None),
        ("+2", "FAILED", "SMSConfig.xml has no gateway of this id", 7),
    ]


def test_event_sources_take_turns_and_each_keeps_the_order_of_its_own(store: Store) -> None:
    subscribe(store, "+1", "+2")
    subscribe(store, "+1", "+2", source="a.c")
    announce(store, "first")
    announce(store, "second")
    announce(store, "other", source="a.c")
    order: list[list[int]] = []
    while now := running(store):
        order.append(now)
        for number in now:
            chunk(store, number, most=1)
    assert order == [[1, 3], [1, 3], [2], [2]]
    said = rows(store, "outbox", "receiver", "text")
    assert [text for phone, text in said if phone == "+1" and text != "other"] == ["first", "second"]


def test_a_broadcast_is_told_with_the_states_of_its_texts(store: Store) -> None:
    subscribe(store, "+1", "+2", "+3", "+4")
    announce(store, key="o-1")
    announce(store, "waits")
    chunk(store, 1, most=3)
    with store.engine.begin() as connection:
        for number, state in enumerate(("SENT", "DELIVERED", "HELD"), start=1):
            connection.execute(text("UPDATE outbox SET state = :state WHERE id = :id"), {"state": state, "id": number})
    with store.read() as connection:
        told = [(each.row.id, each.states, each.left) for each in broadcasts.standing(connection, 10)]
        newest = [each.row.id for each in broadcasts.standing(connection, 1)]
    assert told == [(1, {"SENT": 1, "DELIVERED": 1, "HELD": 1}, 1), (2, {}, None)]
    assert newest == [2]


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_number_that_is_committed_late_is_not_skipped(store: Store) -> None:
    """A subscription with a lower number than another's can be committed after it, and after a broadcast began."""
    subscribe(store, "+1")
    announce(store, key="o-1")
    with store.engine.connect() as late, late.begin():
        broadcasts.hold_numbers(late)
        late.execute(insert(metadata.tables["subscription"]), vars(Subscribed("a.b", "+2", "+2", "g", 1)))
        subscribe(store, "+3")
        ended: list[Progress] = []
        store.submit(broadcasts.advance, Chunk(1, 10, ("g",)), heard(ended))
        wait_until_locked(store)
    store.write(broadcasts.advance, Chunk(1, 10, ("g",)))
    assert [(each.queued, each.finished) for each in ended] == [(3, True)]
    assert [row[0] for row in rows(store, "outbox", "receiver")] == ["+1", "+2", "+3"]


def heard(into: list[Progress]) -> Callable[[Progress | None, Exception | None], None]:
    def then(result: Progress | None, error: Exception | None) -> None:
        assert result is not None, error
        into.append(result)

    return then


def wait_until_locked(store: Store) -> None:
    query = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")

    def is_waiting() -> bool:
        with store.read() as connection:
            return bool(connection.execute(query).scalar())

    wait_for(is_waiting, "the broadcast to wait for the subscription")
