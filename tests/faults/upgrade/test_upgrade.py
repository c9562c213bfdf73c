"""A database of the first revision opens, migrates, keeps every row, and what waited in it goes on."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, NullPool, create_engine, select

from host.store import schema
from tests.databases import new_postgresql
from tests.faults.counting import numbered
from tests.faults.observing import count, out_of_order, rows, states, wait_until_settled
from tests.faults.upgrade.first_revision import adapters, gateways, restore
from tests.hosts import Host
from tests.sink import Sink

Rows = dict[str, list[tuple[Any, ...]]]

pytestmark = pytest.mark.faults

FINAL = ("SENT", "DELIVERED", "UNDELIVERED", "FAILED", "HELD")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database as the first revision left it."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'smshost.db'}"
        restore("sqlite", url)
        yield url
        return
    with new_postgresql(f"upgrade_{tmp_path.name}") as url:
        restore("postgresql", url)
        yield url


def host_on(database: str, directory: Path, port: int = 9) -> Host:
    return Host(directory, gateways(port), adapters=adapters(directory), database=database)


def everything(database: str, columns: dict[str, list[str]] | None = None) -> Rows:
    """Every row of every table, or of these columns, in the order of its key."""
    engine = create_engine(database, poolclass=NullPool)
    metadata = MetaData()
    metadata.reflect(engine)
    found: Rows = {}
    with engine.connect() as connection:
        for name, table in metadata.tables.items():
            if name.startswith("procrastinate") or name == "alembic_version" or (columns and name not in columns):
                continue
            wanted = [table.c[column] for column in (columns or {}).get(name, table.c.keys())]
            query = select(*wanted).order_by(*table.primary_key)
            found[name] = [tuple(row) for row in connection.execute(query)]
    return found


def columns_of(database: str) -> dict[str, list[str]]:
    engine = create_engine(database, poolclass=NullPool)
    metadata = MetaData()
    metadata.reflect(engine)
    return {name: table.c.keys() for name, table in metadata.tables.items() if name != "alembic_version"}


def test_every_row_is_kept_byte_for_byte(tmp_path: Path, database: str) -> None:
    columns, before = columns_of(database), everything(database)
    assert min(len(kept) for kept in before.values()) >= 1, "a row of every table"
    ended = host_on(database, tmp_path).run("db", "upgrade")
    assert (ended.status, schema.NEWEST in ended.output) == (0, True), ended.output
    assert repr(sorted(everything(database, columns).items())) == repr(sorted(before.items()))


def test_what_waited_is_handled_and_sent(tmp_path: Path, database: str, capsys: pytest.CaptureFixture[str]) -> None:
    columns, before = columns_of(database), everything(database)
    with Sink() as sink:
        host = host_on(database, tmp_path, sink.port)
        expected = Counter(rows(host, "SELECT sender, 're ' || text FROM inbox WHERE state = 'RECEIVED'"))
        waiting = "SELECT receiver, text FROM outbox WHERE state IN ('QUEUED', 'WAITING')"
        expected += Counter(rows(host, waiting))
        on_their_way, held = count(host, "outbox", "state = 'SENDING'"), count(host, "outbox", "state = 'HELD'")
        assert min(len(expected), on_their_way, held) >= 1
        if not database.startswith("sqlite"):
            assert host.run("db", "upgrade").status == 0
        with host:
            wait_until_settled(host, 60)
        taken = [(each.to, each.text) for each in sink.taken]
        after = everything(database, columns)
    lost, doubled = expected - Counter(taken), Counter(taken) - expected
    disorder = out_of_order((to, numbered(text)) for to, text in taken)
    kept = sum(map(len, before.values()))
    kind = database.partition(":")[0].partition("+")[0]
    line = f"sent: lost {lost.total()}, doubled {doubled.total()}, out of order {disorder}; held {held + on_their_way}"
    with capsys.disabled():
        print(f"\nupgrade from 0001; {kind}: rows {kept}; {line}")  # noqa: T201
    assert (lost, doubled, disorder) == (Counter(), Counter(), 0)
    assert count(host, "outbox", "state = 'HELD'") == held + on_their_way
    assert states(host, "inbox").keys() == {"HANDLED", "UNMATCHED", "FAILED"}
    for name, old in before.items():
        assert set(final(columns[name], old)) <= set(after[name]), name
        assert {row[0] for row in old} <= {row[0] for row in after[name]}, name


def final(columns: list[str], rows_: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The rows that nobody has reason to change."""
    if "state" in columns and "attempts" in columns:
        return [row for row in rows_ if row[columns.index("state")] in (*FINAL, "HANDLED", "UNMATCHED")]
    if "outcome" in columns:
        return [row for row in rows_ if row[columns.index("outcome")] is not None]
    return [row for row in rows_ if "ended_at" not in columns]
