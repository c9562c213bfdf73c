"""What a broadcast is compared with: a loop over subscriptions as objects that queues a text for each, in chunks.

A process of its own: ``python -m bench.ormloop DATABASE NAME``; prints texts a second.
"""

import sys
import time

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from host.store.database import engine_options, prepare
from host.store.states import OutboxState
from host.store.surroundings import Subscription
from host.store.texts import Outbox

_CHUNK = 1000


def queue(url: str, name: str) -> float:
    """Queue a text for every subscription, a commit for each thousand; gives texts a second."""
    engine = create_engine(url, **engine_options(url))
    prepare(engine)
    count = 0
    started = time.perf_counter()
    with Session(engine) as reading, Session(engine) as writing:
        everybody = reading.scalars(select(Subscription).order_by(Subscription.id).execution_options(yield_per=_CHUNK))
        for chunk in everybody.partitions():
            writing.add_all(_text(name, subscription) for subscription in chunk)
            writing.commit()
            count += len(chunk)
    return count / (time.perf_counter() - started)


def _text(name: str, subscription: Subscription) -> Outbox:
    return Outbox(
        cause=f"{name}/{subscription.id}",
        event_source=subscription.event_source,
        gateway=subscription.gateway,
        receiver=subscription.phone,
        text="hello n1",
        state=OutboxState.QUEUED,
        attempts=0,
        created_at=0,
        due_at=0,
        error="",
        priority=1,
    )


if __name__ == "__main__":
    print(queue(*sys.argv[1:]))
