"""Workers that want the same texts at the same time, and one that loses its session with texts in hand."""

import random
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert

from host import clock
from host.store import Store, claims, inbox, schema
from host.store.claims import Claim
from host.store.database import engine_options
from host.store.inbox import Handled, Run
from host.store.locks import SessionLocks
from host.store.states import InboxState
from host.store.tables import metadata
from tests.databases import new_postgresql
from tests.faults.observing import engine_of, out_of_order
from tests.faults.world import KILLS, SEED

pytestmark = [pytest.mark.faults, pytest.mark.postgres, pytest.mark.timeout(600)]

TEXTS = 20_000 if KILLS else 1500
SENDERS = 40
WORKERS = 4


@dataclass
class Worker:
    """Claims what is due, in competition with the others, and handles it; one of them dies with texts in hand."""

    url: str
    chance: random.Random
    dies: bool
    claimed: list[int] = field(default_factory=list)
    died_with: set[int] = field(default_factory=set)
    rounds: int = 0

    def work(self) -> None:
        engine = create_engine(self.url, **engine_options(self.url))
        store, locks = Store(engine), SessionLocks(engine)
        assert locks.join()
        assert locks.number is not None
        try:
            while self.round(store, locks, locks.number):
                self.rounds += 1
        finally:
            locks.leave()
            store.stop()
            engine.dispose()

    def round(self, store: Store, locks: SessionLocks, number: int) -> bool:
        """Claim some texts and handle them; whether there may be more."""
        with store.read() as connection:
            due = inbox.due(connection, clock.steady(), 0, 60, worker=number)
            left = connection.execute(inbox_left).scalar()
        wanted = due[: self.chance.randrange(1, 60)]
        if not wanted:
            return bool(left)
        claim = Claim(number, [row.id for row in wanted], [row.attempts for row in wanted], clock.steady())
        ours = store.write(claims.claim, claim)[0]
        self.claimed += ours
        now = clock.now()
        handled = [
            Handled(row.id, InboxState.HANDLED, 1, 0, (Run("test.handler", now, now),), claimed_by=number)
            for row in wanted
            if row.id in ours
        ]
        if self.dies and len(self.claimed) > TEXTS // 10 and ours:
            locks.leave()
            store.write(claims.free, None)
            self.died_with = store.write(inbox.finish, handled)[0]
            assert self.died_with == ours
            return False
        if handled:
            assert store.write(inbox.finish, handled) == [set()]
        return True


inbox_left = metadata.tables["inbox"].select().where(metadata.tables["inbox"].c.state == "RECEIVED").limit(1)


def test_workers_that_claim_the_same_texts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(SEED)
    row = {"gateway": "web", "receiver": "", "keyword": "", "parameters": "[]", "received_at": 0, "state": "RECEIVED"}
    texts = [{**row, "sender": f"+{chance.randrange(SENDERS)}", "text": str(number)} for number in range(TEXTS)]
    with new_postgresql(f"claims_{tmp_path.name}") as url:
        engine = create_engine(url, **engine_options(url))
        schema.upgrade(engine)
        with engine.begin() as connection:
            connection.execute(
                insert(metadata.tables["inbox"]), [{**text, "attempts": 0, "due_at": 0} for text in texts]
            )
        engine.dispose()
        workers = [Worker(url, random.Random(chance.random()), dies=number == 0) for number in range(WORKERS)]
        threads = [threading.Thread(target=worker.work, daemon=True) for worker in workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(300)
        assert not any(thread.is_alive() for thread in threads)
        with engine_of(url).connect() as connection:
            query = "SELECT sender, inbox_id FROM handling JOIN inbox ON inbox.id = inbox_id ORDER BY handling.id"
            runs = [tuple(run) for run in connection.exec_driver_sql(query)]
    handled = Counter(number for _, number in runs)
    claimed = Counter(number for worker in workers for number in worker.claimed)
    freed = workers[0].died_with
    lost, doubled, disorder = TEXTS - len(handled), sum(times > 1 for times in handled.values()), out_of_order(runs)
    with capsys.disabled():
        line = f"handled: lost {lost}, doubled {doubled}, out of order {disorder}"
        print(f"\n{WORKERS} workers claim the same texts; postgresql, seed {SEED}: texts {TEXTS}; {line}")  # noqa: T201
    assert (lost, doubled, disorder) == (0, 0, 0)
    assert {number for number, times in claimed.items() if times > 1} == freed != set()
    assert sum(worker.rounds > 0 for worker in workers) == WORKERS
