"""Finding the rows that are due, in order and at a cost that no backlog and no planner spoils.

A row may go when it is among the first that wait for its phone, and none before it waits for another try. Asked of all
rows at once that is a join, which a planner without fresh statistics makes quadratic. So a window of rows is taken from
the index first, and each row's phone is then looked up by a scalar subquery, which no planner turns into a join.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    Table,
    and_,
    bindparam,
    case,
    func,
    select,
)

#: How many rows of one phone are due at a time; more than the engine takes of them, so that it learns of the rest.
PER_PHONE = 120
_SMALLEST_WINDOW = 250

#: A condition on the table, an alias of it, or rows of it.
Condition = Callable[[FromClause], ColumnElement[bool]]


@dataclass(frozen=True)
class Due:
    """The statements that find a table's due rows; built once, because that costs more than running them."""

    rows: Select[Any]
    end: Select[Any]

    def read(self, connection: Connection, given: Mapping[str, Any], after: int, most: int) -> Sequence[Row[Any]]:
        """At most so many due rows with an id above ``after``, oldest first; none only where there are none."""
        window = max(most, _SMALLEST_WINDOW)
        while True:
            place = {**given, "after": after, "window": window}
            rows = connection.execute(self.rows, {**place, "most": most}).all()
            end = None if rows else connection.execute(self.end, {**place, "last": window - 1}).scalar()
            if end is None:
                return rows
            after = end


def due_rows(table: Table, phone: tuple[str, ...], waits: Condition, mine: Condition) -> Due:
    """The statements for a table in which the columns ``phone`` name who keeps an order.

    ``waits``: the condition of the partial index on the phone and the id. ``mine``: with it, that of the one on the id,
    which must ask for more, or PostgreSQL would take that one for a phone's rows, in the order of their ids. Spelled as
    they are there, because SQLite uses partial indexes for no other.
    """
    now: BindParameter[int] = bindparam("now")
    after: BindParameter[int] = bindparam("after")
    ready = and_(waits(table), mine(table), table.c.due_at <= now, table.c.id > after)
    looked_at = select(table).where(ready).order_by(table.c.id).limit(bindparam("window")).subquery("looked_at")
    number = func.row_number().over(partition_by=[looked_at.c[name] for name in phone], order_by=looked_at.c.id)
    row = select(looked_at, number.label("number")).subquery("numbered")
    other = table.alias("other")
    its = and_(*(other.c[name] == row.c[name] for name in phone))
    same = select(other.c.id, other.c.due_at).where(waits(other), its).order_by(other.c.id).correlate(row)
    first = same.limit(PER_PHONE).subquery("first")
    score = case((first.c.id == row.c.id, 1), (and_(first.c.id < row.c.id, first.c.due_at > now), -1), else_=0)
    goes = select(func.sum(score)).correlate(row).scalar_subquery() == 1
    oldest = same.with_only_columns(other.c.id).limit(1).scalar_subquery()
    rows = select(*(row.c[column.name] for column in table.c), (oldest <= after).label("behind"))
    rows = rows.where(row.c.number <= PER_PHONE, goes).order_by(row.c.id).limit(bindparam("most"))
    return Due(rows, select(table.c.id).where(ready).order_by(table.c.id).limit(1).offset(bindparam("last")))
