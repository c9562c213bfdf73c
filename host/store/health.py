"""How adapters do: texts that failed in a row, quarantine, and handlers that ran beyond their time limit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from host import clock
from host.store.rows import update_rows, write
from host.store.tables import metadata

_health, _inbox = metadata.tables["adapter_health"], metadata.tables["inbox"]
_JUDGED = update_rows(_health, "adapter", "failures", "quarantined_at", "reason")


@dataclass(frozen=True)
class Verdict:
    """What one text says of an adapter. ``reason``: how it failed with it, "" where it works again.

    ``most``: after how many failed texts in a row it is put in quarantine; 0 for never.
    """

    adapter: str
    reason: str
    most: int


@dataclass(frozen=True)
class Overran:
    """A handler of an adapter ran beyond its time limit."""

    adapter: str
    at: int


def read(connection: Connection) -> Sequence[Row[Any]]:
    """How every adapter does of which there is something to say."""
    return connection.execute(select(_health).order_by(_health.c.adapter)).all()


def judge(connection: Connection, verdicts: Sequence[Verdict]) -> None:
    """Count failures in a row, and put an adapter in quarantine that has too many; part of a larger transaction.

    One that is in quarantine stays there as it is.
    """
    if not verdicts:
        return
    names = sorted({verdict.adapter for verdict in verdicts})
    _ensure(connection, names)
    known = select(_health).where(_health.c.adapter.in_(names)).order_by(_health.c.adapter)
    at_large = [row for row in connection.execute(known.with_for_update()) if row.quarantined_at is None]
    write(connection, _JUDGED, (_judged(row, verdicts) for row in at_large))


def _judged(row: Row[Any], verdicts: Iterable[Verdict]) -> dict[str, object]:
    failures, reason = row.failures, row.reason
    for verdict in verdicts:
        if verdict.adapter != row.adapter:
            continue
        failures = failures + 1 if verdict.reason else 0
        if failures:
            reason = f"{failures} text(s) in a row failed, the last of them {verdict.reason}"
        if verdict.most and failures >= verdict.most:
            return {"adapter": row.adapter, "failures": failures, "quarantined_at": clock.now(), "reason": reason}
    return {"adapter": row.adapter, "failures": failures, "quarantined_at": None, "reason": reason}


def shut_among(connection: Connection, names: Iterable[str]) -> set[str]:
    """Those of these adapters that are in quarantine, and stay there until this transaction ends."""
    shut = select(_health.c.adapter).where(_health.c.adapter.in_(sorted(names)), _health.c.quarantined_at.is_not(None))
    return set(connection.execute(shut.order_by(_health.c.adapter).with_for_update(read=True)).scalars())


def lift(connection: Connection, adapter: str) -> bool:
    """End an adapter's quarantine, and forget its failures; gives whether it was in quarantine.

    What waited for it up to now is from then on to be made due (:mod:`host.store.waking`).
    Once this is committed nothing is parked for it any more: where :func:`shut_among` was first, this waits for it.
    """
    its = update(_health).where(_health.c.adapter == adapter)
    ended = its.where(_health.c.quarantined_at.is_not(None))
    values = {"quarantined_at": None, "resumed_at": clock.now(), "failures": 0, "reason": ""}
    if not connection.execute(ended.values(values)).rowcount:
        return False
    newest = select(func.coalesce(func.max(_inbox.c.id), 0)).scalar_subquery()  # afterwards: nothing is parked any more
    connection.execute(its.values(waking_after=0, waking_until=newest))
    return True


def count_overruns(connection: Connection, overruns: list[Overran]) -> Sequence[None]:
    """Count handlers that ran beyond their time limit."""
    _ensure(connection, sorted({each.adapter for each in overruns}))
    for each in sorted(overruns, key=lambda overran: overran.adapter):
        counted = update(_health).where(_health.c.adapter == each.adapter)
        connection.execute(counted.values(overruns=_health.c.overruns + 1, last_overrun_at=each.at))
    return [None] * len(overruns)


def _ensure(connection: Connection, names: Iterable[str]) -> None:
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    rows = [{"adapter": name, "failures": 0, "reason": "", "overruns": 0} for name in names]
    connection.execute(insert(_health).on_conflict_do_nothing(), rows)
