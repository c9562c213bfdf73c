"""A real host with one gateway, `phone`, that is a phone with SMSsync; and what is to be found in its database."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from tests.databases import new_postgresql
from tests.faults.observing import rows
from tests.hosts import Host, gateway
from tests.programs import wait_for
from tests.smssync.phone import Message, Phone

SECRET = "s3cret of the phone"
ACCESS = """<loginConfiguration>
  <staticResources><resource id="receive" securityTest="phones"><urlPatterns>/receiveSMS/phone*</urlPatterns></resource>
  </staticResources>
  <securityTests><customSecurityTest name="phones"><test realm="phones" isInternalUserID="true"/></customSecurityTest>
  </securityTests>
  <realms><realm name="phones" loginModule="phones">
    <className>com.worklight.core.auth.ext.HeaderAuthenticator</className></realm></realms>
  <loginModules><loginModule name="phones"><className>smshost.GatewaySignatureLoginModule</className></loginModule>
  </loginModules>
</loginConfiguration>"""
MOVING = "state IN ('QUEUED', 'WAITING', 'SENDING')"


SHARED = ACCESS.replace(
    "<className>smshost.GatewaySignatureLoginModule</className>",
    "<className>smshost.SharedSecretLoginModule</className>"
    f'<parameter name="parameter" value="secret"/><parameter name="secret" value="{SECRET}"/>',
)


def open_host(
    directory: Path, *parameters: tuple[str, str], database: str = "", access: str = ACCESS, **attributes: str
) -> Host:
    """A host at rest; its parameters are those of the gateway `phone`."""
    element = gateway("phone", 80, ("secret", SECRET), *parameters, **{"dialect": "smssync", **attributes})
    element = element.replace('hostname="127.0.0.1" port="80"', 'hostname=""')
    patient = "smshost.reply.waitSeconds=50\n"  # however busy the machine is
    host = Host(directory, element, access, properties=patient, database=database)
    if database.startswith("postgresql"):
        ended = host.run("db", "upgrade")
        assert ended.status == 0, ended.output
    return host


@contextmanager
def database_on(kind: str, directory: Path) -> Iterator[str]:
    """The URL of a new database."""
    if kind == "sqlite":
        yield f"sqlite:///{mkdtemp(dir=directory)}/smshost.db"
        return
    with new_postgresql(f"smssync_{directory.name}") as url:
        yield url


def phone_of(host: Host, version: str, query: str = "", **more: object) -> Phone:
    return Phone(f"{host.receive_url}/phone{query}", SECRET, version, **more)  # type: ignore[arg-type]


def poll_until(phone: Phone, count: int) -> list[Message]:
    """Poll until the radio has sent so many texts; gives all that it sent."""
    wait_for(lambda: (phone.poll(), len(phone.radio) >= count)[1], f"{count} text(s)", 30)
    return phone.radio


def outbox(host: Host) -> list[tuple[str, str, str]]:
    """Receiver, text and state of every text to a phone."""
    return [tuple(row) for row in rows(host, "SELECT receiver, text, state FROM outbox ORDER BY id")]


def state_of(host: Host, text: str) -> str:
    """The state of the text that begins so."""
    found = rows(host, "SELECT state FROM outbox WHERE text LIKE :start ORDER BY id", start=f"{text}%")
    return str(found[0])


def balance(host: Host, *phones: Phone) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    """What the host takes for sent and no phone sent, and what phones sent more often than the host has it."""
    texts = outbox(host)
    sent = Counter((each.to, each.message) for phone in phones for each in phone.radio)
    taken = Counter((to, text) for to, text, state in texts if state in {"SENT", "DELIVERED", "UNDELIVERED"})
    return taken - sent, sent - Counter((to, text) for to, text, _ in texts)
