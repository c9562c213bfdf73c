"""Long texts that come in parts: joined once, in order, whatever comes twice, late, never or at the same moment."""

import itertools
import threading
from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy import Engine, delete, select

from host.messages import Inbound, Piece
from host.store import Store, parts
from host.store.arrivals import Arrival
from host.store.parts import Arrived
from host.store.tables import metadata

INBOX = metadata.tables["inbox"]
PART = metadata.tables["inbox_part"]
START, SECOND = 1_800_000_000_000, 1000
WAIT = 600
WORDS = {1: "one ", 2: "two ", 3: "three"}


@pytest.fixture
def store(engine: Engine) -> Iterator[Store]:
    store = Store(engine)
    yield store
    store.stop()


def part(number: int, at: float = 0, said: str | None = None, **different: object) -> Arrived:
    """A part of three that comes so many seconds after the start; without an id where ``id`` is None."""
    given = {"gateway": "g", "sender": "+1", "receiver": "26161", "reference": "r", "of": 3, **different}
    text = WORDS[number] if said is None else said
    named = given.pop("id", f"id-{number}")
    reference, of = given.pop("reference"), given.pop("of")
    inbound = Inbound("+1", text, gateway_message_id=named, parameters=(("part", str(number)),))  # type: ignore[arg-type]
    now = START + int(at * SECOND)
    arrival = Arrival(keyword="", inbound=inbound, received_at=now, **given)  # type: ignore[arg-type]
    return Arrived(arrival, Piece(str(reference), number, int(str(of))), now + WAIT * SECOND)


def texts(store: Store) -> list[tuple[str, str | None, str]]:
    with store.read() as connection:
        rows = connection.execute(select(INBOX).order_by(INBOX.c.id)).all()
    return [(row.text, row.gateway_message_id, row.keyword) for row in rows]


WHOLE = ("one two three", "id-1", "one")
TABLE: dict[str, tuple[Sequence[Arrived], list[tuple[str, str | None, str]]]] = {
    **{
        f"in the order {order}": ([part(number) for number in order], [WHOLE])
        for order in itertools.permutations((1, 2, 3))
    },
    "none is complete": ([part(1), part(2)], []),
    "each twice": ([part(1), part(1), part(2), part(2), part(3), part(3)], [WHOLE]),
    "all again when it is joined": ([part(1), part(2), part(3), part(2), part(1), part(3)], [WHOLE]),
    "again a day later": ([part(1), part(2), part(3), part(3, 86_400)], [WHOLE]),
    "the same words under another id": ([part(1), part(1, id="x"), part(2), part(3)], [WHOLE]),
    "one of one": ([part(1, of=1)], [("one ", "id-1", "one")]),
    "without ids, each twice": (
        [part(number, id=None) for number in (3, 3, 1, 2, 1, 2, 3)],
        [("one two three", None, "one")],
    ),
    "without ids, the same words after the limit": (
        [part(number, at, id=None) for at in (0, WAIT + 1) for number in (1, 2, 3)],
        [("one two three", None, "one")] * 2,
    ),
    "one id for all": ([part(number, id="x") for number in (1, 2, 3, 2)], [("one two three", "x", "one")]),
    "a reference that is used again": (
        [part(1), part(2), part(3), *(part(number, 5, f"{number}.", id=f"new-{number}") for number in (1, 2, 3))],
        [WHOLE, ("1.2.3.", "new-1", "1.2.3.")],
    ),
    "a reference that is used again, before all came": (
        [part(1), part(3), *(part(number, 5, f"{number}.", id=f"new-{number}") for number in (3, 1, 2))],
        [("one three", "id-1", "one"), ("1.2.3.", "new-1", "1.2.3.")],
    ),
    "two phones": (
        [part(number, sender=phone, id=f"{phone}-{number}") for number in (1, 2, 3) for phone in ("+1", "+2")],
        [("one two three", "+1-1", "one"), ("one two three", "+2-1", "one")],
    ),
    "two receivers, gateways, references and lengths": (
        [part(1), part(2, receiver="x"), part(2, gateway="h"), part(2, reference="s", id="y"), part(2, of=4, id="z")],
        [],
    ),
}


@pytest.mark.parametrize("apart", [True, False], ids=["one by one", "in one transaction"])
def test_parts_are_joined_once_and_in_order(store: Store, apart: bool) -> None:
    joined = {}
    for name, (given, _) in TABLE.items():
        for some in [[each] for each in given] if apart else [given]:
            store.write(parts.store, *some)
        joined[name] = texts(store)
        with store.engine.begin() as connection:
            connection.execute(delete(PART))
            connection.execute(delete(INBOX))
    assert joined == {name: expected for name, (_, expected) in TABLE.items()}


def test_what_came_with_the_parts_stays_in_order(store: Store) -> None:
    numbers = store.write(parts.store, part(3), part(1), part(2), part(1))
    assert numbers == [None, None, 1, 1]
    with store.read() as connection:
        assert connection.execute(select(INBOX.c.parameters)).scalars().all() == [
            '[["part", "1"], ["part", "2"], ["part", "3"]]'
        ]
        came = connection.execute(select(PART.c.number, PART.c.came, PART.c.inbox_id).order_by(PART.c.number)).all()
    assert [tuple(row) for row in came] == [(1, 2, 1), (2, 1, 1), (3, 1, 1)]


def test_what_lacks_a_part_is_handed_on_when_its_time_has_come(store: Store) -> None:
    store.write(parts.store, part(1), part(3, 300), part(2, 301, sender="+2", id="y"))
    moments = [START + seconds * SECOND for seconds in (WAIT - 1, WAIT, WAIT)]
    with store.read() as connection:
        assert [parts.are_any_overdue(connection, moment) for moment in moments[:2]] == [False, True]
    assert [store.write(parts.hand_on, moment)[0] for moment in moments] == [0, 1, 0]
    assert texts(store) == [("one three", "id-1", "one")]
    with store.read() as connection:
        assert connection.execute(select(INBOX.c.parameters)).scalars().all() == [
            '[["part", "1"], ["part", "3"], ["missingParts", "2"]]'
        ]
        assert parts.waiting(connection) == 1
    store.write(parts.store, part(2, WAIT + 5), part(1, WAIT + 5))  # late, and a repeat
    assert store.write(parts.hand_on, START + (2 * WAIT + 5) * SECOND) == [2]
    assert [text for text, _, _ in texts(store)] == ["one three", "two ", "two "]


def test_nothing_waits_beyond_the_longest_wait_whatever_the_clock_was(store: Store) -> None:
    store.write(parts.store, part(1, at=10 * 86_400))
    assert store.write(parts.hand_on, START) == [1]


def test_the_last_two_parts_at_the_same_moment_make_one_text(engine: Engine) -> None:
    stores = [Store(engine), Store(engine)]
    for number in range(20):
        pieces = [part(each, reference=str(number), id=f"{number}-{each}") for each in (1, 2, 3)]
        stores[0].write(parts.store, pieces[0])
        both = threading.Barrier(2)

        def bring(store: Store, piece: Arrived, both: threading.Barrier = both) -> None:
            both.wait()
            store.write(parts.store, piece)

        threads = [threading.Thread(target=bring, args=pair) for pair in zip(stores, pieces[1:], strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert texts(stores[0]) == [("one two three", f"{number}-1", "one") for number in range(20)]
    for store in stores:
        store.stop()
