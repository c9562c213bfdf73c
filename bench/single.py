"""What batches are compared with: a job of Procrastinate for every text, which handles it as a worker of the host does.

A process of its own: ``python -m bench.single CONFIG ADAPTERS DATABASE AFTER``, for the texts with an id above AFTER.
"""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from procrastinate import App, PsycopgConnector
from sqlalchemy import select

from host.app import assemble
from host.handling import attempt
from host.options import Options
from host.runtime import Runtime
from host.store import inbox
from host.store.inbox import Handled
from host.store.tables import metadata

_inbox = metadata.tables["inbox"]
_TASK, _QUEUE = "bench.handle", "bench"
_DEFERRED_AT_ONCE = 1000


async def work(runtime: Runtime, after: int) -> None:
    """Defer the jobs, then run them in as many threads as the host handles texts in."""
    threads = runtime.configuration.settings.handling_threads
    given = runtime.store.engine.dialect.create_connect_args(runtime.store.engine.url)[1]
    app = App(connector=PsycopgConnector(kwargs=given, min_size=1, max_size=threads + 2))

    @app.task(name=_TASK, queue=_QUEUE)
    def handle(number: int) -> None:
        with runtime.store.read() as connection:
            row = connection.execute(select(_inbox).where(_inbox.c.id == number)).one()
        done = attempt(runtime, row)
        handled: Sequence[Handled] = [] if done is None else [done]
        runtime.store.write(inbox.finish, handled)

    with runtime.store.read() as connection:
        numbers = connection.execute(select(_inbox.c.id).where(_inbox.c.id > after)).scalars().all()
    async with app.open_async():
        for start in range(0, len(numbers), _DEFERRED_AT_ONCE):
            some = numbers[start : start + _DEFERRED_AT_ONCE]
            await handle.batch_defer_async(*({"number": number} for number in some))
        await app.run_worker_async(queues=[_QUEUE], concurrency=threads, wait=False, delete_jobs="always")


def main(config: str, adapters: str, database: str, after: str) -> None:
    """Work until no job is left."""
    _, runtime = assemble(Options(Path(config), Path(adapters), database))
    asyncio.run(work(runtime, int(after)))
    runtime.store.stop()
    runtime.store.engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
