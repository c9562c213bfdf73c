"""Equal texts from a gateway that gives its texts no ids: which earlier one a text repeats, by its content."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, Text, column, select, table, text

from host.store.rows import given_rows, read
from host.store.states import InboxState
from host.store.tables import metadata

_inbox = metadata.tables["inbox"]
_names = ("number", "gateway", "sender", "receiver", "text", "earliest", "latest")
_kinds = (BigInteger, Text, Text, Text, Text, BigInteger, BigInteger)
_contents = table("contents", *(column(name, kind) for name, kind in zip(_names, _kinds, strict=True)))
_LOCK = text("SELECT count(pg_advisory_xact_lock(key)) FROM unnest(CAST(:keys AS bigint[])) AS key")


@dataclass(frozen=True)
class Content:
    """What makes two texts equal, and when they have to come to be taken for one: milliseconds, both included."""

    gateway: str
    sender: str
    receiver: str
    text: str
    earliest: int
    latest: int

    @property
    def name(self) -> tuple[str, str, str, str]:
        """What makes two texts equal."""
        return self.gateway, self.sender, self.receiver, self.text

    def is_near(self, moment: int | None) -> bool:
        """Whether an equal text of this moment is close enough."""
        return moment is not None and self.earliest <= moment <= self.latest


def _firsts() -> dict[str, Select[Any]]:
    queries: dict[str, Select[Any]] = {}
    for dialect, source in given_rows(_contents, *_names).items():
        same = [_inbox.c[name] == source.c[name] for name in ("gateway", "sender", "receiver", "text")]
        near = _inbox.c.received_at.between(source.c.earliest, source.c.latest)
        found = select(_inbox.c.id).where(_inbox.c.gateway_message_id.is_(None), near, *same)
        first = found.where(_inbox.c.state != InboxState.REPEAT).order_by(_inbox.c.received_at).limit(1)
        queries[dialect] = select(source.c.number, first.correlate(source).scalar_subquery())
    return queries


_FIRSTS = _firsts()


def first_ids(connection: Connection, contents: Sequence[Content | None]) -> list[int | None]:
    """The stored text that each of these repeats, or None; never one that is a repeat itself.

    On PostgreSQL other processes that store an equal text wait until this transaction ends: of two at the same time one
    could not see the other's.
    """
    some = {number: content for number, content in enumerate(contents) if content is not None}
    if not some:
        return [None] * len(contents)
    lock(connection, [content.name for content in some.values()])
    rows = ({"number": number, **vars(content)} for number, content in some.items())
    found = {row[0]: row[1] for row in read(connection, _FIRSTS, rows)}
    return [found.get(number) for number in range(len(contents))]


def lock(connection: Connection, names: Iterable[tuple[str, ...]]) -> None:
    """On PostgreSQL, have other processes that name one of these wait until this transaction ends."""
    keys = sorted(set(map(_key, names)))
    if keys and connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"keys": keys})


def _key(name: tuple[str, ...]) -> int:
    digest = hashlib.blake2b("\0".join(name).encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), signed=True)
