"""Many rows as one parameter: a set-wise statement is then one call into the database, however many rows it takes.

It matters most for SQLite in a process of many threads: the driver gives up Python's lock at every call and then queues
for it behind all the others, so a call per row would keep a commit open for as long as those are busy.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    JSON,
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    CursorResult,
    FromClause,
    Insert,
    Table,
    Text,
    Update,
    bindparam,
    cast,
    column,
    func,
    insert,
    select,
    update,
)

Row = Mapping[str, Any]
#: A condition on a table's rows, which may ask of the rows that are given.
Only = ColumnElement[bool] | Callable[[FromClause], ColumnElement[bool]]


def write(connection: Connection, statements: Mapping[str, Any], rows: Iterable[Row]) -> None:
    """Run a statement of :func:`insert_rows` or :func:`update_rows` with its rows; without rows, nothing.

    Text is not escaped to ASCII: so a lone surrogate is refused by the driver, and not stored as what nobody can read.
    """
    some = list(rows)
    if some:
        _execute(connection, statements, some)


def read(connection: Connection, queries: Mapping[str, Any], rows: Iterable[Row]) -> Sequence[Any]:
    """What a statement over :func:`given_rows` gives for its rows; without rows, nothing."""
    some = list(rows)
    return _execute(connection, queries, some).all() if some else ()


def _execute(connection: Connection, statements: Mapping[str, Any], rows: list[Row]) -> CursorResult[Any]:
    return connection.execute(statements[connection.dialect.name], {"rows": json.dumps(rows, ensure_ascii=False)})


def given_rows(table: FromClause, *names: str) -> dict[str, FromClause]:
    """The rows of the parameter as something to select from, by dialect; ``table`` knows their columns' types."""
    return {dialect: source(table, names) for dialect, source in _SOURCES.items()}


def insert_rows(table: Table, *names: str) -> dict[str, Insert]:
    """An insert of these columns, by dialect."""
    return {
        dialect: insert(table).from_select(names, select(*source.c[names]))
        for dialect, source in given_rows(table, *names).items()
    }


def update_rows(
    table: Table, key: str, *names: str, only: Only | None = None, also: tuple[str, ...] = (), gives: str = ""
) -> dict[str, Update]:
    """An update of these columns in the rows named by ``key``, by dialect.

    ``only``: the rows that it touches, asked of the rows of the parameter, which then have the columns ``also`` too.
    ``gives``: the column that is returned of each row it touched.
    """
    statements = {}
    for dialect, source in given_rows(table, key, *names, *also).items():
        values = {name: source.c[name] for name in names}
        named = update(table).values(values).where(table.c[key] == source.c[key])
        if only is not None:
            named = named.where(only(source) if callable(only) else only)
        statements[dialect] = named.returning(table.c[gives]) if gives else named
    return statements


def _sqlite(table: FromClause, names: tuple[str, ...]) -> FromClause:
    each = func.json_each(_ROWS).table_valued("value")
    return select(*(func.json_extract(each.c.value, f"$.{name}").label(name) for name in names)).subquery("given")


def _postgresql(table: FromClause, names: tuple[str, ...]) -> FromClause:
    typed: list[Column[Any]] = [column(name, table.c[name].type) for name in names]  # type: ignore[misc]
    return func.json_to_recordset(cast(_ROWS, JSON)).table_valued(*typed).render_derived("given", with_types=True)


_ROWS: BindParameter[str] = bindparam("rows", type_=Text)
_SOURCES = {"sqlite": _sqlite, "postgresql": _postgresql}
