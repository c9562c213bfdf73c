"""A Kannel and a host that know each other's ports, the host with the echo adapter."""

import json
import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.hosts import CREDENTIAL, Host, gateway
from tests.kannel.harness import Kannel, with_parameters
from tests.kannel.phone import FakePhone
from tests.kannel.relay import Relay
from tests.programs import wait_for

ADAPTERS = Path(__file__).parent / "adapters"
PROPERTIES = "smshost.sending.longestWaitSeconds=1\nsmshost.receive.maxBodyBytes=1024\n"


def callback(port: int, user: str = CREDENTIAL[0], secret: str = CREDENTIAL[1], path: str = "receiveSMS/kannel") -> str:
    """The host's address as Kannel asks it."""
    return f"http://{user}:{secret}@127.0.0.1:{port}/context/{path}"


def asks(url: str) -> str:
    """A get-url with what docs/how-to/connect-kannel.md has it carry."""
    return with_parameters(url, "from=%p&to=%P&text=%b&id=%I&ts=%T&smsc=%i&coding=%c&charset=%C")


def echoing_host(directory: Path, kannel: Kannel, port: int, password: str) -> Host:
    """A host with the echo adapter, sending through a Kannel with this password; not started."""
    parameters = (
        ("username", kannel.username),
        ("password", password),
        ("from", kannel.number),
        ("callback-url", callback(port)),
    )
    element = gateway("kannel", kannel.sendsms_port, *parameters, dialect="kannel", programName="cgi-bin/sendsms")
    properties = f"echo.seen={directory / 'seen'}\n{PROPERTIES}"
    return Host(directory, element, properties=properties, adapters=ADAPTERS, port=port)


@dataclass(frozen=True)
class World:
    """A host with the echo adapter, its Kannel, and a relay that Kannel can ask in place of the host."""

    host: Host
    kannel: Kannel
    relay: Relay

    def seen(self, phone: str) -> list[str]:
        """What the adapter saw of a phone, in order."""
        file = self.host.directory / "seen"
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        return [text for sender, text in map(json.loads, lines) if sender == phone]


def answer_to(host: Host, phone: str) -> str:
    """What the host calls the one text to a phone, once it is there."""
    return wait_for(lambda: ids(host, f"SELECT 'out-' || id FROM outbox WHERE receiver = '{phone}'"), "an answer")[0]


def ids(host: Host, query: str) -> list[str]:
    """The first column of a query of the host's database."""
    with closing(sqlite3.connect(host.directory / "smshost.db")) as connection:
        return [row[0] for row in connection.execute(query)]


def story(host: Host, name: str, ending: str) -> str:
    """A text's story without its times, once its last line has these words."""

    def told() -> str:
        output = host.run("story", name).output
        return output if ending in output.splitlines()[-1] else ""

    return re.sub(r"^\d{4}-\S+ \S+ +", "", wait_for(told, ending), flags=re.MULTILINE)


def texts(phone: FakePhone, number: str, count: int, deadline: float = 15) -> list[str]:
    """What a phone has received in all, once it is so many texts."""
    phone.wait_for(lambda received: sum(text.to == number for text in received) >= count, deadline)
    return [text.text for text in phone.settled() if text.to == number]
