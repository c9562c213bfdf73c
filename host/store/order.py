"""Transactions of the processes on one PostgreSQL database, one after the other where their order matters."""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, func, select

Write = TypeVar("Write", bound=Callable[..., Any])

_KEY = 0x736D76  # the advisory lock that they queue for; one for all, so that no two wait for each other
_QUEUE = select(func.pg_advisory_xact_lock(_KEY))


def one_by_one(connection: Connection) -> None:
    """Wait until no other transaction is between this and its end.

    So what one does is seen by the next, and ids ascend in the order in which they are committed: those that read new
    rows by their ids miss none. On SQLite every transaction that writes is alone.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_QUEUE)


#: The set-wise functions whose transactions come one after the other.
ORDERED: set[Callable[..., Any]] = set()


def ordered(write: Write) -> Write:
    """Have the writer begin a transaction in which this function takes part with :func:`one_by_one`.

    At its beginning, so that of two transactions none has locked a row that the other one needs.
    """
    ORDERED.add(write)
    return write
