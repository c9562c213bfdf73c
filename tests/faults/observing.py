"""What the fault tests look at: a host's database, read from outside, and texts as posters count them."""

from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, NullPool, create_engine, text

from tests.hosts import Host, gateway
from tests.programs import DEADLINE_SECONDS, wait_for

ADAPTERS = Path(__file__).parent / "adapters"


def faulty_host(directory: Path, port: int, properties: str = "", **attributes: str) -> Host:
    """A host with this folder's adapters and one gateway, `web`, which names its texts."""
    return Host(directory, web_gateway(port, **attributes), properties=properties, adapters=ADAPTERS)


def web_gateway(port: int, **attributes: str) -> str:
    """The gateway `web`, which names its texts `id`."""
    return gateway("web", port, **{"idParamName": "id", **attributes})


@lru_cache
def engine_of(database: str) -> Engine:
    """Connections to a database, each for one look; SQLite's cannot write."""
    if database.startswith("sqlite"):
        path = database.removeprefix("sqlite:///")
        return create_engine(
            f"sqlite:///file:{path}?mode=ro&uri=true", connect_args={"timeout": 10}, poolclass=NullPool
        )
    return create_engine(database, poolclass=NullPool)


def rows(host: Host, query: str, **values: object) -> list[Any]:
    """What a query gives; single columns as plain values."""
    with engine_of(host.database).connect() as connection:
        found = connection.execute(text(query), values).all()
    return [row[0] if len(row) == 1 else row for row in found]


def count(host: Host, table: str, where: str = "1 = 1") -> int:
    """How many rows of a table fulfil a condition."""
    return int(rows(host, f"SELECT count(*) FROM {table} WHERE {where}")[0])


def states(host: Host, table: str) -> dict[str, int]:
    """How many rows of `inbox` or `outbox` are in which state."""
    return dict(rows(host, f"SELECT state, count(*) FROM {table} GROUP BY state"))


def wait_until_handled(host: Host, deadline: float = DEADLINE_SECONDS) -> None:
    """Wait until no text from a phone waits for a handler."""
    wait_for(lambda: count(host, "inbox", "state = 'RECEIVED'") == 0, "every text to be handled", deadline)


def wait_until_sent(host: Host, deadline: float = DEADLINE_SECONDS) -> None:
    """Wait until no text to a phone waits for its gateway."""
    waiting = "state IN ('QUEUED', 'WAITING', 'SENDING')"
    wait_for(lambda: count(host, "outbox", waiting) == 0, "every text to be sent", deadline)


def wait_until_settled(host: Host, deadline: float = DEADLINE_SECONDS) -> None:
    """Wait until nothing waits, neither for a handler nor for a gateway."""
    wait_until_handled(host, deadline)
    wait_until_sent(host, deadline)


def out_of_order(said: Iterable[tuple[str, int]]) -> int:
    """How often a phone's number is below its last one, of (phone, number) pairs in the order they happened."""
    by_phone = groupby(sorted(said, key=lambda each: each[0]), key=lambda each: each[0])  # sorted() keeps the order
    wrong = 0
    for _, pairs in by_phone:
        numbers = [number for _, number in pairs]
        wrong += sum(later < earlier for earlier, later in pairwise(numbers))
    return wrong
