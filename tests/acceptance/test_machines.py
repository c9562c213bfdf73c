"""Two `smshost serve` and two `smshost worker` on one PostgreSQL database, as if on machines of their own.

Workers are killed and started at random: every text is handled once, each sender's in order, and polls run once.
"""

import shutil
from pathlib import Path

import pytest

from tests.databases import new_postgresql
from tests.faults.conftest import Tell, tell  # noqa: F401 - a fixture
from tests.faults.counting import settled
from tests.faults.observing import ADAPTERS, count, rows, states
from tests.faults.posting import posting
from tests.faults.world import KILLS, running
from tests.programs import wait_for

pytestmark = [pytest.mark.faults, pytest.mark.postgres, pytest.mark.timeout(1800)]

TEXTS, SENDERS = (10_000, 500) if KILLS else (2_000, 100)
INTERVAL = 1  # seconds between runs of the poll
LISTENER = "+15559999999"
TICKER = f"""
from host.wl import WL

def tick():
    subscription = WL.Server.subscribeSMS("ticker.phones", "{LISTENER}", "web")
    WL.Server.notifyDeviceSubscription(subscription, WL.Server.createDefaultNotification("tick"))
    WL.Server.notifyEventSource("ticker.phones", WL.Server.createDefaultNotification("once"), key="once")

WL.Server.createEventSource({{"name": "phones", "poll": {{"interval": {INTERVAL}, "onPoll": tick}}}})
"""


def test_many_processes_on_one_database(tmp_path: Path, tell: Tell) -> None:  # noqa: F811
    adapters = tmp_path / "adapters"
    shutil.copytree(ADAPTERS, adapters)
    (adapters / "ticker").mkdir()
    (adapters / "ticker" / "__init__.py").write_text(TICKER, encoding="utf-8")
    fault = f"two web processes, two workers killed at random, {SENDERS} senders"
    with new_postgresql(f"machines_{tmp_path.name}") as url, running(tmp_path, url, adapters=adapters) as world:
        chance = world.chance(fault)
        kills = 0
        with posting(world, chance, texts=TEXTS, phones=SENDERS) as load:
            while count(world.host, "inbox", "state = 'HANDLED'") < TEXTS * 0.9:
                goal = len(world.sink.taken) + chance.randrange(1, TEXTS // 10)
                wait_for(lambda: len(world.sink.taken) >= goal, f"{goal} texts to be taken", 120)  # noqa: B023
                for worker in chance.sample(world.workers, k=chance.choice((1, 1, 2))):
                    worker.running.kill()
                    worker.finish()
                    kills += 1
                world.start_workers()
        tally = settled(world, load, fault)
        ticks = rows(world.host, "SELECT created_at FROM outbox WHERE text = 'tick' ORDER BY id")
        elapsed = (ticks[-1] - ticks[0]) / 1000
        tell(tally, kills=kills, polls=len(ticks), seconds=round(elapsed))
        assert tally.posted == TEXTS
        assert states(world.host, "inbox") == {"HANDLED": TEXTS}
        assert 1 <= len(ticks) <= round(elapsed / INTERVAL) + 1
        assert count(world.host, "outbox", "text = 'once'") == 1
