"""Texts that come again and again, texts that no handler can bear, and workers that want the same texts."""

import random
import threading
from itertools import product

import pytest
import requests

from tests.faults.conftest import Tell
from tests.faults.counting import settled
from tests.faults.observing import count, rows
from tests.faults.posting import PATIENCE_SECONDS, Load, Text, echo, offer, posting
from tests.faults.world import KILLS, World
from tests.programs import wait_for

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

TEXTS = 1000 if KILLS else 60
TIMES = 6  # each text is posted so often with each of its ids, at the same time
POISONED = 5  # which of a phone's texts is the poison


def test_duplicate_storm(world: World, tell: Tell) -> None:
    """Half with the same id, which are one text; half with a new id and the same text, which are two."""
    fault = "duplicate storm"
    load = Load(world, world.chance(fault), echo, world.phones(10))
    texts = [
        Text(phone, number, f"{phone}-{number}-{twin}", f"echo {number}")
        for number, phone, twin in product(range(1, TEXTS // 10 + 1), load.phones, ("a", "b"))
    ]
    again = post_often(load, texts)
    tell(settled(world, load, fault), again=again)
    numbers = {"first": load.phones[0], "last": load.phones[-1]}
    query = "SELECT count(*) FROM inbox_repeat JOIN inbox ON inbox.id = inbox_id WHERE sender BETWEEN :first AND :last"
    assert rows(world.host, query, **numbers) == [again]


def test_duplicate_storm_without_ids(world: World, tell: Tell) -> None:
    """Within the gateway's repeatWindow, texts with the same words are one."""
    fault = "duplicate storm without ids"
    load = Load(world, world.chance(fault), echo, world.phones(10))
    texts = [Text(phone, number, "", f"echo {number}") for number in range(1, TEXTS // 10 + 1) for phone in load.phones]
    again = post_often(load, texts)
    tell(settled(world, load, fault), again=again)
    query = "SELECT state, count(*) FROM inbox WHERE sender BETWEEN :first AND :last GROUP BY state"
    found = dict(map(tuple, rows(world.host, query, first=load.phones[0], last=load.phones[-1])))
    assert found == {"HANDLED": len(texts), "REPEAT": again}


def post_often(load: Load, texts: list[Text]) -> int:
    """Post each text some times at the same time; gives how many of those were repeats."""
    threads = [threading.Thread(target=post_all, args=(load, texts, number), daemon=True) for number in range(TIMES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert load.refused == []
    again = len(load.answered) - len(texts)
    load.answered = texts
    return again


def post_all(load: Load, texts: list[Text], number: int) -> None:
    """Post each text once, a few at a time in any order, so that the same ones are posted at the same time."""
    chance = random.Random(number)
    with requests.Session() as session:
        for first in range(0, len(texts), 4):
            for text in chance.sample(texts[first : first + 4], k=len(texts[first : first + 4])):
                status = offer(session, chance.choice(load.world.webs), text)
                if status == 200:
                    load.answered.append(text)
                else:
                    load.refused.append(status)


def test_poison(world: World, tell: Tell) -> None:
    """A handler that always raises for one text of some phones: those wait until it is FAILED, the others go on."""
    fault = "poison"

    def words(phone: str, number: int) -> str:
        return f"{'raise' if is_poisoned(phone) and number == POISONED else 'echo'} {number}"

    with posting(world, world.chance(fault), words) as load:
        phones = [phone for phone in load.phones if is_poisoned(phone)]
        wait_for(lambda: failed(world, phones) == 2, "the poison to have FAILED", PATIENCE_SECONDS)
        load.wait_for_more(50)
    tell(settled(world, load, fault), failed=2)
    (first, last) = rows(
        world.host,
        """SELECT min(started_at), max(ended_at) FROM handling JOIN inbox ON inbox.id = inbox_id
           WHERE sender IN (:one, :other) AND outcome = 'RAISED'""",
        one=phones[0],
        other=phones[1],
    )[0]
    others = count(world.host, "handling", f"started_at BETWEEN {first} AND {last} AND outcome = 'HANDLED'")
    assert others > 20


def is_poisoned(phone: str) -> bool:
    """Two of the phones of a load."""
    return int(phone) % 12 == 0


def failed(world: World, phones: list[str]) -> int:
    query = "SELECT count(*) FROM inbox WHERE state = 'FAILED' AND sender IN (:one, :other)"
    (number,) = rows(world.host, query, one=phones[0], other=phones[1])
    return int(number)
