"""Gateways that post: each repeats a text until it is answered 200, then posts the next."""

import math
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import requests

from tests.faults.world import World
from tests.hosts import CREDENTIAL, Host
from tests.programs import wait_for

POSTERS = 8
PATIENCE_SECONDS = 120.0  # until a text must be answered, and until progress must be seen
AGAIN_SECONDS = 0.05
PAUSE_SECONDS = 0.02


@dataclass(frozen=True)
class Text:
    """A text from a phone, its phone's so-and-so-manieth, with the gateway's id, or none."""

    phone: str
    number: int
    id: str
    words: str


#: What a phone's text of this number says.
Words = Callable[[str, int], str]


def echo(_: str, number: int) -> str:
    return f"echo {number}"


@dataclass
class Load:
    """Texts that are posted until it is told to end. `refused`: statuses other than 200, of processes that listened.

    `most`: how many texts each poster has.
    """

    world: World
    chance: random.Random
    words: Words
    phones: list[str]
    most: float = math.inf
    answered: list[Text] = field(default_factory=list)
    repeats: list[Text] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def go_on(self, most: int = 80) -> None:
        """Wait until some texts more were answered, or taken by the gateway; chance decides how many."""
        progress = self.chance.choice([self.answered, self.world.sink.taken])
        self.wait_for_more(self.chance.randrange(1, most), progress)

    def wait_for_more(self, texts: int, progress: list[object] | None = None) -> None:
        """Wait until so many texts more were answered."""
        seen = self.answered if progress is None else progress
        goal = len(seen) + texts
        wait_for(lambda: len(seen) >= goal or self.failures, f"{texts} more texts", PATIENCE_SECONDS)
        assert not self.failures

    def post(self, phones: list[str], chance: random.Random) -> None:
        """Post texts of these phones, mixed, each phone's in order, until all is to end."""
        numbers: Counter[str] = Counter()
        try:
            with requests.Session() as session:
                while not self.ended.is_set() and numbers.total() < self.most:
                    phone = chance.choice(phones)
                    numbers[phone] += 1
                    words = self.words(phone, numbers[phone])
                    text = Text(phone, numbers[phone], f"{phone}-{numbers[phone]}", words)
                    wait_for(lambda: self._try(session, text, chance), f"{text.id} to be answered", PATIENCE_SECONDS)  # noqa: B023
                    self.answered.append(text)
                    self.ended.wait(PAUSE_SECONDS)
        except BaseException as error:  # noqa: BLE001 - told by the thread that waits for this one
            self.failures.append(error)

    def _try(self, session: requests.Session, text: Text, chance: random.Random) -> bool:
        """Post it to any of the processes that receive; whether it was taken."""
        host = chance.choice(self.world.webs)
        try:
            status = offer(session, host, text)
        except requests.RequestException:
            status = 0
        if status == 200:
            return True
        self.repeats.append(text)
        if status:
            self.refused.append(status)
        self.ended.wait(AGAIN_SECONDS)
        return False


def offer(session: requests.Session, host: Host, text: Text) -> int:
    """Post a text once; gives the status it is answered with. One without an id comes through the gateway `plain`."""
    parameters = {"from": text.phone, "to": "26161", "text": text.words, **({"id": text.id} if text.id else {})}
    url = f"{host.receive_url}/{'web' if text.id else 'plain'}"
    return session.post(url, data=parameters, auth=CREDENTIAL, timeout=30).status_code


@contextmanager
def posting(
    world: World, chance: random.Random, words: Words = echo, *, texts: int = 0, phones: int = 24
) -> Iterator[Load]:
    """A load that goes on until the context ends, or all its `texts` are posted; every text begun is answered then."""
    load = Load(world, chance, words, world.phones(phones), texts // POSTERS or math.inf)
    shares = [load.phones[first::POSTERS] for first in range(POSTERS)]
    threads = [
        threading.Thread(target=load.post, args=(share, random.Random(chance.random())), daemon=True)
        for share in shares
    ]
    for thread in threads:
        thread.start()
    try:
        yield load
        if not texts:
            load.ended.set()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)
    finally:
        load.ended.set()
    assert load.failures == []
    assert not any(thread.is_alive() for thread in threads)
