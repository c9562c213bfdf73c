"""How worker processes hear of new rows on PostgreSQL, each within the transaction that commits them.

Texts from phones are anybody's work: a job of Procrastinate for each commit batch, which one worker takes. The other
queues belong to one worker each: a notification reaches its owner. Rows are the truth: a job or a notification that
comes twice, late or never does no harm but that of waiting for the next sweep.
"""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Set
from pathlib import Path
from typing import Any, LiteralString

from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, Engine, inspect, text

from host.store.locks import CHANNEL

log = logging.getLogger(__name__)
logging.getLogger("procrastinate").setLevel(logging.ERROR)  # it tells of every job

_TASK = "smshost.look"
_POLL_SECONDS = 5.0
_AGAIN_SECONDS = 1.0
# Those of workers that are no more, and those that waited while there was none: the first sweep finds all rows.
_FORGET: LiteralString = """DELETE FROM procrastinate_jobs WHERE queue_name = %(queue)s
    AND (status = 'todo' OR (status = 'doing' AND worker_id IS NULL))"""
_NOTIFY = text("SELECT pg_notify(:channel, :queue)")

_deferring = App(connector=SyncPsycopgConnector())  # never opened: it defers on the connections that it is given


def announce(connection: Connection, queues: Set[str], shared: Set[str]) -> None:
    """Tell workers of queues with new rows; ``shared``: those that are anybody's work."""
    for queue in sorted(queues & shared):
        driver = connection.connection.driver_connection
        _deferring.configure_task(_TASK, queue=queue, connection=driver, allow_unknown=True).defer()
    for queue in sorted(queues - shared):
        connection.execute(_NOTIFY, {"channel": CHANNEL, "queue": queue})


class Listener:
    """The worker of Procrastinate in this process, in a thread of its own: it calls ``look`` for each job."""

    def __init__(self, engine: Engine, queue: str, look: Callable[[], Awaitable[None]]) -> None:
        given = engine.dialect.create_connect_args(engine.url)[1]
        self._app = App(connector=PsycopgConnector(kwargs=given, min_size=1, max_size=3))
        self._app.task(name=_TASK, queue=queue)(look)
        self._queue = queue
        self._loop = asyncio.new_event_loop()
        self._work: asyncio.Task[None] | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="smshost-jobs", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Take no more jobs, and wait for that, at most so many seconds."""
        self._stopping.set()
        self._loop.call_soon_threadsafe(self._cancel)
        self._thread.join(seconds)

    def _cancel(self) -> None:
        if self._work is not None:
            self._work.cancel()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        while not self._stopping.is_set():
            try:
                self._loop.run_until_complete(self._listen())
            except asyncio.CancelledError:
                return
            except Exception as error:  # noqa: BLE001 - the sweep goes on meanwhile
                log.error("jobs cannot be listened to, the sweep alone finds what is new: %s", error)
                self._stopping.wait(_AGAIN_SECONDS)

    async def _listen(self) -> None:
        self._work = asyncio.current_task()
        async with self._app.open_async():
            await self._app.connector.execute_query_async(_FORGET, queue=self._queue)
            await self._app.run_worker_async(
                queues=[self._queue],
                concurrency=1,
                install_signal_handlers=False,
                fetch_job_polling_interval=_POLL_SECONDS,
                delete_jobs="always",
            )


def upgrade(connection: Connection) -> None:
    """Bring the tables of Procrastinate to the installed version, which brings its own revisions as files of SQL."""
    files = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    driver: Any = connection.connection.driver_connection
    if not inspect(connection).has_table("procrastinate_jobs"):
        driver.execute(SchemaManager.get_schema().encode())
        driver.execute(b"CREATE TABLE procrastinate_revision (name text PRIMARY KEY)")
        missing: list[Path] = []
    else:
        known = {name for (name,) in driver.execute(b"SELECT name FROM procrastinate_revision")}
        files = missing = [file for file in files if file.name not in known]
    for file in missing:
        driver.execute(file.read_bytes())
    for file in files:
        driver.execute(b"INSERT INTO procrastinate_revision VALUES (%s)", [file.name])
