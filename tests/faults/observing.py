"""What the fault tests look at: the host's database, read from outside, and texts as posters count them."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

from tests.hosts import Host, gateway
from tests.programs import wait_for

ADAPTERS = Path(__file__).parent / "adapters"


def faulty_host(directory: Path, port: int, properties: str = "", **attributes: str) -> Host:
    """A host with this folder's adapters and one gateway, `web`, which names its texts."""
    return Host(directory, web_gateway(port, **attributes), properties=properties, adapters=ADAPTERS)


def web_gateway(port: int, **attributes: str) -> str:
    """The gateway `web`, which names its texts `id`."""
    return gateway("web", port, **{"idParamName": "id", **attributes})


def rows(host: Host, query: str, *values: object) -> list[Any]:
    """What a query gives; single columns as plain values."""
    with closing(sqlite3.connect(f"file:{host.directory / 'smshost.db'}?mode=ro", uri=True, timeout=10)) as connection:
        found = connection.execute(query, values).fetchall()
    return [row[0] if len(row) == 1 else row for row in found]


def count(host: Host, table: str, where: str = "1") -> int:
    """How many rows of a table fulfil a condition."""
    return int(rows(host, f"SELECT count(*) FROM {table} WHERE {where}")[0])


def states(host: Host, table: str) -> dict[str, int]:
    """How many rows of `inbox` or `outbox` are in which state."""
    return dict(rows(host, f"SELECT state, count(*) FROM {table} GROUP BY state"))


def wait_until_handled(host: Host, deadline: float = 10.0) -> None:
    """Wait until no text from a phone waits for a handler."""
    wait_for(lambda: count(host, "inbox", "state = 'RECEIVED'") == 0, "every text to be handled", deadline)


def wait_until_sent(host: Host, deadline: float = 10.0) -> None:
    """Wait until no text to a phone waits for its gateway."""
    waiting = "state IN ('QUEUED', 'WAITING', 'SENDING')"
    wait_for(lambda: count(host, "outbox", waiting) == 0, "every text to be sent", deadline)


def wait_until_settled(host: Host, deadline: float = 10.0) -> None:
    """Wait until nothing waits, neither for a handler nor for a gateway."""
    wait_until_handled(host, deadline)
    wait_until_sent(host, deadline)


def out_of_order(said: Iterable[tuple[str, int]]) -> int:
    """How often a phone's number is not above its last one, of (phone, number) pairs in the order they happened."""
    by_phone = groupby(sorted(said, key=lambda each: each[0]), key=lambda each: each[0])  # sorted() keeps the order
    wrong = 0
    for _, pairs in by_phone:
        numbers = [number for _, number in pairs]
        wrong += sum(later <= earlier for earlier, later in pairwise(numbers))
    return wrong
