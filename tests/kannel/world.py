"""A Kannel and a host that know each other's ports, the host with the echo adapter."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from tests.hosts import CREDENTIAL, Host, gateway
from tests.kannel.harness import Kannel, with_parameters
from tests.kannel.phone import FakePhone
from tests.programs import free_ports, wait_for

ADAPTERS = Path(__file__).parent / "adapters"
ASKS = "from=%p&to=%P&text=%b&id=%I&ts=%T&smsc=%i&coding=%c&charset=%C"
PASSWORD = "the-password-of-sendsms"
QUICK = "smshost.sending.longestWaitSeconds=1\n"


def callback(port: int, user: str = CREDENTIAL[0], secret: str = CREDENTIAL[1], path: str = "receiveSMS/kannel") -> str:
    """The host's address as Kannel asks it."""
    return f"http://{user}:{secret}@127.0.0.1:{port}/context/{path}"


@dataclass
class World:
    """`kannel` and `host`, neither of them started."""

    directory: Path
    password: str = PASSWORD
    retries: int = 30
    properties: str = QUICK

    def __post_init__(self) -> None:
        (self.port,) = free_ports(1)
        self.kannel = Kannel(self.directory / "kannel", with_parameters(callback(self.port), ASKS), retries=self.retries)
        self.kannel.password = PASSWORD
        self.host = self.configured(self.password)

    def configured(self, password: str) -> Host:
        """The host, its SMSConfig.xml saying this password."""
        parameters = (
            ("username", self.kannel.username),
            ("password", password),
            ("from", self.kannel.number),
            ("callback-url", callback(self.port)),
        )
        return Host(
            self.directory / "host",
            gateway(
                "kannel", self.kannel.sendsms_port, *parameters, dialect="kannel", programName="cgi-bin/sendsms"
            ),
            properties=f"echo.seen={self.directory / 'seen'}\n{self.properties}",
            adapters=ADAPTERS,
            port=self.port,
        )

    def seen(self, phone: str) -> list[str]:
        """What the adapter saw of a phone, in order."""
        file = self.directory / "seen"
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        return [text for sender, text in map(json.loads, lines) if sender == phone]

    def said(self, message: str) -> str:
        """A text's story, without its times."""
        told = self.host.run("story", message)
        assert told.status == 0, told.output
        return re.sub(r"^\d{4}-\S+ \S+ +", "", told.output, flags=re.MULTILINE)

    def wait_for_story(self, message: str, ending: str) -> str:
        """A text's story, once it ends in this way."""
        return wait_for(lambda: story if (story := self.said(message)).rstrip().endswith(ending) else "", ending)


def texts(phone: FakePhone, number: str, count: int, deadline: float = 15) -> list[str]:
    """What a phone has received in all, once it is so many texts."""
    phone.wait_for(lambda received: sum(text.to == number for text in received) >= count, deadline)
    return [text.text for text in phone.settled() if text.to == number]
