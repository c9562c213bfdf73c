"""kill -9 at random moments while texts arrive: every text handled, every effect inside the host exactly once.

``SMSHOST_TEST_KILLS`` and ``SMSHOST_TEST_TEXTS`` make a longer run, ``SMSHOST_TEST_SEED`` another one.
"""

import os
import random
import re
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from tests.faults.observing import count, faulty_host, out_of_order, rows, states, wait_until_settled
from tests.hosts import CREDENTIAL, Host
from tests.programs import wait_for
from tests.sink import Sink

KILLS = int(os.environ.get("SMSHOST_TEST_KILLS", "10"))
TEXTS = int(os.environ.get("SMSHOST_TEST_TEXTS", "1000"))
SEED = int(os.environ.get("SMSHOST_TEST_SEED", "26161"))
POSTERS = 8
PHONES_EACH = 3
SECONDS = 60 + 5 * KILLS

Text = tuple[str, int, str]  # phone, number, gateway message id


@dataclass
class Posters:
    """Gateways' posting threads: each repeats a text until it is answered 200, then posts the next."""

    host: Host
    up: threading.Event = field(default_factory=threading.Event)
    answered: list[Text] = field(default_factory=list)
    repeats: list[Text] = field(default_factory=list)

    def post_all(self, texts: list[Text]) -> None:
        with requests.Session() as session:
            for text in texts:
                self._post(session, text)

    def _post(self, session: requests.Session, text: Text) -> None:
        phone, number, id_ = text
        parameters = {"from": phone, "to": "26161", "text": f"echo {number}", "id": id_}

        def is_answered() -> bool:
            try:
                answer = session.post(self.host.receive_url, data=parameters, auth=CREDENTIAL, timeout=30)
            except requests.RequestException:
                self.repeats.append(text)
                self.up.wait(30)
                return False
            if answer.status_code != 200:
                self.repeats.append(text)
            return answer.status_code == 200

        wait_for(is_answered, f"{id_} to be answered", SECONDS)
        self.answered.append(text)


def texts_of(poster: int, chance: random.Random) -> list[Text]:
    """One poster's share: numbered texts of its phones, mixed, each phone's in order."""
    phones = [f"+1555{poster:03}{phone:04}" for phone in range(PHONES_EACH)]
    numbers: Counter[str] = Counter()
    texts = []
    for _ in range(TEXTS // POSTERS):
        phone = chance.choice(phones)
        numbers[phone] += 1
        texts.append((phone, numbers[phone], f"{phone}-{numbers[phone]}"))
    return texts


def test_texts_survive_kill_9_at_random_moments(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(SEED)
    shares = [texts_of(poster, chance) for poster in range(POSTERS)]
    posted = [text for share in shares for text in share]
    with Sink() as sink:
        host = faulty_host(tmp_path, sink.port, "smshost.sending.firstWaitSeconds=0.1")
        posters = Posters(host)
        threads = [threading.Thread(target=posters.post_all, args=(share,)) for share in shares]
        moments = sorted(chance.randrange(1, int(len(posted) * 0.95)) for _ in range(KILLS))
        with host:
            posters.up.set()
            for thread in threads:
                thread.start()
            for number, moment in enumerate(moments):
                progress = chance.choice([posters.answered, sink.taken])
                wait_for(lambda: len(progress) >= moment, f"moment {number} at {moment}", SECONDS)  # noqa: B023
                posters.up.clear()
                host.kill()
                host.start()
                posters.up.set()
            for thread in threads:
                thread.join(SECONDS)
            wait_until_settled(host, SECONDS)
        with capsys.disabled():
            print(f"\n{tell(host, sink, posters)}")  # noqa: T201
        check_inbox(host, posted)
        check_effects(host)
        check_gateway(host, sink)


def tell(host: Host, sink: Sink, posters: Posters) -> str:
    """The counts, for people."""
    stored = Counter(rows(host, "SELECT gateway_message_id FROM inbox"))
    accepted = Counter((each.to, each.text) for each in sink.taken)
    counts = {
        "posted": len(posters.answered),
        "repeats": len(posters.repeats),
        "repeats recognised": count(host, "inbox_repeat"),
        "kills": KILLS,
        "lost": sum(id_ not in stored for *_, id_ in posters.answered),
        "doubled": sum(times > 1 for times in stored.values()),
        "out of order": out_of_order(handled_in_order(host)),
        "held": states(host, "outbox").get("HELD", 0),
        "accepted twice by the gateway": sum(times > 1 for times in accepted.values()),
    }
    return f"seed {SEED}: " + ", ".join(f"{name} {number}" for name, number in counts.items())


def check_inbox(host: Host, posted: list[Text]) -> None:
    """Every text is there once and handled once, each phone's in the order it was posted."""
    assert sorted(rows(host, "SELECT gateway_message_id FROM inbox")) == sorted(id_ for *_, id_ in posted)
    assert states(host, "inbox") == {"HANDLED": len(posted)}
    assert rows(host, "SELECT inbox_id FROM handling WHERE outcome = 'HANDLED' ORDER BY inbox_id") == rows(
        host, "SELECT id FROM inbox ORDER BY id"
    )
    assert count(host, "handling", "outcome <> 'HANDLED'") == 0
    assert out_of_order(handled_in_order(host)) == 0


def handled_in_order(host: Host) -> list[tuple[str, int]]:
    """Phone and number of the texts from phones, as their handling was committed."""
    found = rows(host, "SELECT sender, text FROM handling JOIN inbox ON inbox.id = inbox_id ORDER BY handling.id")
    return [(sender, numbered(text)) for sender, text in found]


def check_effects(host: Host) -> None:
    """One subscription for each phone, and one reply for each text, in the order of the texts."""
    senders = rows(host, "SELECT DISTINCT sender FROM inbox ORDER BY sender")
    assert rows(host, "SELECT phone FROM subscription ORDER BY phone") == senders
    replies = rows(host, "SELECT receiver, text FROM outbox ORDER BY id")
    assert sorted(replies) == sorted(rows(host, "SELECT sender, 're ' || text FROM inbox"))
    assert count(host, "outbox", "cause IS NULL") == 0
    assert out_of_order((phone, numbered(text)) for phone, text in replies) == 0
    began = rows(
        host, "SELECT sender, started_at, ended_at FROM handling JOIN inbox ON inbox.id = inbox_id ORDER BY inbox.id"
    )
    ends: dict[str, int] = {}
    for sender, started_at, ended_at in began:
        assert started_at >= ends.get(sender, 0)
        ends[sender] = ended_at


def check_gateway(host: Host, sink: Sink) -> None:
    """The gateway took every reply once; of those HELD nobody knows, and they are at most one for each connection."""
    held = {(to, text) for to, text in rows(host, "SELECT receiver, text FROM outbox WHERE state = 'HELD'")}
    sent = rows(host, "SELECT receiver, text FROM outbox WHERE state = 'SENT'")
    accepted = Counter((each.to, each.text) for each in sink.taken if each.status == 200)
    assert states(host, "outbox") == {"SENT": len(sent), **({"HELD": len(held)} if held else {})}
    assert {text: times for text, times in accepted.items() if text not in held} == dict.fromkeys(sent, 1)
    assert {text: times for text, times in accepted.items() if times > 1} == {}
    assert len(held) <= KILLS * 4
    assert out_of_order((each.to, numbered(each.text)) for each in sink.taken) == 0


def numbered(text: str) -> int:
    """The number in a text."""
    found = re.search(r"\d+", text)
    assert found is not None
    return int(found.group())
