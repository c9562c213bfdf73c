"""The real host as it is measured: `smshost serve`, and `smshost worker` on PostgreSQL, set up as anybody would."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import NullPool, create_engine, make_url, text

from bench.measuring import until
from tests.hosts import Host
from tests.hosts import gateway as gateway_element

ADAPTERS = Path(__file__).with_name("adapters")
GATEWAY = "bench"


def gateway(id_: str = GATEWAY, port: int = 9, **attributes: str) -> str:
    """A gateway that names its texts ``id``."""
    return gateway_element(id_, port, idParamName="id", **attributes)


def quiet() -> str:
    """A gateway through which next to nothing goes: what is queued for it costs no sending."""
    return gateway("quiet", rate="0.001", concurrency="1")


def host(
    directory: Path,
    *,
    adapter: str,
    database: str = "",
    gateways: str = "",
    properties: str = "",
    workers: int = 0,
    arguments: tuple[str, ...] = (),
    before: tuple[str, ...] = (),
) -> Host:
    """A host with one of the adapters of this package.

    ``database``: a URL, "" for an SQLite file of its own; ``workers``: worker processes where it is PostgreSQL's.
    ``before``: words before its command.
    """
    if database:
        arguments = (*arguments, "--workers", str(workers))
    made = Host(
        directory,
        gateways or gateway(),
        properties=properties,
        adapters=ADAPTERS / adapter,
        database=database,
        arguments=arguments,
    )
    made.program.arguments[:0] = before
    upgraded = made.run("db", "upgrade")
    if upgraded.status:
        raise RuntimeError(upgraded.output)
    return made


def processes(made: Host) -> list[int]:
    """Every process of a host: the one that was started, and those that it started."""
    found = [made.program.running.pid]
    for process in found:  # it grows meanwhile
        tasks = Path(f"/proc/{process}/task").glob("*/children")
        found += [int(child) for task in tasks for child in task.read_text(encoding="ascii").split()]
    return found


@dataclass(frozen=True)
class Rows:
    """A host's database, from outside."""

    url: str

    @classmethod
    def of(cls, made: Host) -> "Rows":
        return cls(made.places[made.places.index("--database") + 1])

    @property
    def dialect(self) -> str:
        """SQLAlchemy's name of the kind of database."""
        return make_url(self.url).get_backend_name()

    def one(self, query: str, **values: object) -> Any:
        """The only value that a query gives."""
        with create_engine(self.url, poolclass=NullPool).connect() as connection:
            return connection.execute(text(query), values).scalar_one()

    def run(self, statement: str, **values: object) -> None:
        """A statement in a transaction of its own."""
        with create_engine(self.url, poolclass=NullPool).begin() as connection:
            connection.execute(text(statement), values)

    def waiting(self) -> int:
        """How many texts from phones are still to be handled."""
        return int(self.one("SELECT count(*) FROM inbox WHERE state = 'RECEIVED'"))

    def settle(self) -> None:
        """Wait until every text from a phone is handled."""
        until(lambda: self.waiting() == 0, "every text to be handled")
