"""Equal texts of a gateway without ids: within its window the later ones are repeats of the first, on both databases."""

import threading
from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy import Engine, func, select, update

from host.messages import Inbound
from host.store import Store, arrivals
from host.store.arrivals import Arrival
from host.store.tables import metadata

INBOX = metadata.tables["inbox"]
START, SECOND = 1_800_000_000_000, 1000


@pytest.fixture
def store(engine: Engine) -> Iterator[Store]:
    store = Store(engine)
    yield store
    store.stop()


def text(at: float, said: str = "sub", **different: object) -> Arrival:
    """A text that comes so many seconds after the start, through a gateway with a window of a minute."""
    given = {"gateway": "g", "sender": "+1", "receiver": "26161", "window": 60 * SECOND, **different}
    inbound = Inbound("+1", said, gateway_message_id=given.pop("id", None), raw=given.pop("raw", None))  # type: ignore[arg-type]
    return Arrival(keyword=said, inbound=inbound, received_at=START + int(at * SECOND), **given)  # type: ignore[arg-type]


def repeats(store: Store) -> list[int | None]:
    """What each text repeats, in the order of their times; None for none."""
    with store.read() as connection:
        found = connection.execute(select(INBOX).order_by(INBOX.c.received_at, INBOX.c.id)).all()
    first = {row.id: place for place, row in enumerate(found)}
    assert [row.state for row in found] == ["RECEIVED" if row.repeat_of is None else "REPEAT" for row in found]
    return [None if row.repeat_of is None else first[row.repeat_of] for row in found]


TABLE: dict[str, tuple[Sequence[Arrival], list[int | None]]] = {
    "twice": ([text(0), text(5)], [None, 0]),
    "three times": ([text(0), text(5), text(10)], [None, 0, 0]),
    "the edge": ([text(0), text(60)], [None, 0]),
    "past the edge": ([text(0), text(60.001)], [None, None]),
    "a drip does not go on for ever": ([text(0), text(40), text(80), text(120)], [None, 0, None, 2]),
    "another text": ([text(0), text(5, "unsub")], [None, None]),
    "another case": ([text(0), text(5, "Sub")], [None, None]),
    "another blank": ([text(0), text(5, "sub ")], [None, None]),
    "another sender": ([text(0), text(5, sender="+2")], [None, None]),
    "another receiver": ([text(0), text(5, receiver="26162")], [None, None]),
    "another gateway": ([text(0), text(5, gateway="h")], [None, None]),
    "a gateway without a window": ([text(0, window=0), text(5, window=0)], [None, None]),
    "ids of the gateway's own": ([text(0, id="1"), text(5, id="2")], [None, None]),
    "an id and none": ([text(0, id="1"), text(5)], [None, None]),
    "bytes kept beside the text": ([text(0, raw=b"\xff"), text(5, raw=b"\xfe"), text(6)], [None, 0, 0]),
    "every script": ([text(0, "Grüße 𝄞 ' \\ \" \t"), text(5, "Grüße 𝄞 ' \\ \" \t")], [None, 0]),
}


@pytest.mark.parametrize("case", TABLE)
def test_an_equal_text_within_the_window_is_a_repeat_of_the_first(store: Store, case: str) -> None:
    texts, expected = TABLE[case]
    for each in texts:
        store.write(arrivals.store, each)
    assert repeats(store) == expected


@pytest.mark.parametrize("case", TABLE)
def test_so_it_is_among_those_that_are_stored_together(store: Store, case: str) -> None:
    texts, expected = TABLE[case]
    with store.engine.begin() as connection:
        assert arrivals.store(connection, list(texts)) == [None] * len(texts)
    assert repeats(store) == expected


@pytest.mark.parametrize(("back", "repeat"), [(30, True), (60, True), (61, False), (86_400, False)])
def test_a_clock_that_jumps_back_makes_no_text_a_repeat_of_one_that_is_further_off_than_the_window(
    store: Store, back: int, repeat: bool
) -> None:
    store.write(arrivals.store, text(0))
    store.write(arrivals.store, text(-back))
    with store.read() as connection:
        assert connection.execute(select(INBOX.c.repeat_of).order_by(INBOX.c.id)).scalars().all() == [
            None,
            1 if repeat else None,
        ]


def test_one_that_was_released_is_a_text_of_its_own(store: Store) -> None:
    store.write(arrivals.store, text(0))
    store.write(arrivals.store, text(50))
    with store.engine.begin() as connection:
        connection.execute(update(INBOX).where(INBOX.c.id == 2).values(state="HANDLED"))
    store.write(arrivals.store, text(100))
    with store.read() as connection:
        assert connection.execute(select(INBOX.c.repeat_of).order_by(INBOX.c.id)).scalars().all() == [None, 1, 2]


def test_of_equal_texts_that_two_processes_store_at_the_same_time_one_is_handled(engine: Engine) -> None:
    stores = [Store(engine), Store(engine)]
    together = threading.Barrier(2)

    def bring(store: Store, first: int) -> None:
        for number in range(20):
            together.wait(10)
            store.write(arrivals.store, *(text(first, f"{each}") for each in (number, -number)))

    threads = [threading.Thread(target=bring, args=(store, place)) for place, store in enumerate(stores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with engine.connect() as connection:
        handled = connection.execute(select(INBOX.c.text).where(INBOX.c.state == "RECEIVED")).scalars().all()
        assert connection.execute(select(func.count()).select_from(INBOX)).scalar() == 80
    assert sorted(handled) == sorted({str(each) for number in range(20) for each in (number, -number)})
    for store in stores:
        store.stop()
