"""A real host for tests: the configuration written to files, `smshost serve` as its own process, real HTTP to it."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self
from xml.sax.saxutils import quoteattr

import requests

from tests.programs import Program, free_ports, wait_for

REPOSITORY = Path(__file__).parent.parent
#: The bookstore's adapters folder in each language.
BOOKSTORES = {
    "Python": REPOSITORY / "adapters",
    "JavaScript": REPOSITORY / "examples" / "bookstore-js" / "adapters",
}
CREDENTIAL = ("gw", "a-secret-of-the-tests")

OPEN = f"""<loginConfiguration>
  <staticResources><resource id="receive" securityTest="gateway">
    <urlPatterns>/receiveSMS*</urlPatterns></resource></staticResources>
  <securityTests><customSecurityTest name="gateway"><test realm="gateway" isInternalUserID="true"/></customSecurityTest>
  </securityTests>
  <realms><realm name="gateway" loginModule="gateway">
    <className>com.worklight.core.auth.ext.BasicAuthenticator</className></realm></realms>
  <loginModules><loginModule name="gateway"><className>smshost.SharedSecretLoginModule</className>
    <parameter name="user" value="{CREDENTIAL[0]}"/><parameter name="secret" value="{CREDENTIAL[1]}"/>
  </loginModule></loginModules>
</loginConfiguration>"""


BASIC = "com.worklight.core.auth.ext.BasicAuthenticator"
HEADER = "com.worklight.core.auth.ext.HeaderAuthenticator"
#: An authenticator, a login module, and its parameters.
Door = tuple[str, str, dict[str, str]]


def opened(doors: Mapping[str, Door | None]) -> str:
    """authenticationConfig.xml that has each of these gateways heard at its own path, through its own door."""
    given = {name: door for name, door in doors.items() if door is not None}
    resources, tests, realms, modules = (
        "".join(each.format(name, *door[:2], _parameters(door[2])) for name, door in given.items()) for each in _DOOR
    )
    return f"""<loginConfiguration><staticResources>{resources}</staticResources><securityTests>{tests}</securityTests>
<realms>{realms}</realms><loginModules>{modules}</loginModules></loginConfiguration>"""


_DOOR = (
    '<resource id="{0}" securityTest="{0}"><urlPatterns>/receiveSMS/{0}</urlPatterns></resource>',
    '<customSecurityTest name="{0}"><test realm="{0}" isInternalUserID="true"/></customSecurityTest>',
    '<realm name="{0}" loginModule="{0}"><className>{1}</className></realm>',
    '<loginModule name="{0}"><className>{2}</className>{3}</loginModule>',
)


def _parameters(given: Mapping[str, str]) -> str:
    return "".join(f"<parameter name={quoteattr(name)} value={quoteattr(value)}/>" for name, value in given.items())


def gateway(id_: str, port: int, *parameters: tuple[str, str], **attributes: str) -> str:
    """A `<gateway>` on 127.0.0.1, for :class:`Host`."""
    given = {"id": id_, "hostname": "127.0.0.1", "port": str(port), **attributes}
    inner = _parameters(dict(parameters))
    return f"<gateway {' '.join(f'{name}={quoteattr(value)}' for name, value in given.items())}>{inner}</gateway>"


@dataclass
class Host:
    """`smshost serve` in a folder of its own. `start` and `kill` as often as wanted; a context manager.

    `gateways`: `<gateway>` elements; `access`: authenticationConfig.xml; `properties`: worklight.properties; `adapters`:
    the folder of adapter folders; `project`: a folder in IBM's layout, instead of all these; `workers`: how many it runs beside itself on PostgreSQL; `environment`: variables for
    its processes.
    """

    directory: Path
    gateways: str = ""
    access: str = OPEN
    properties: str = ""
    adapters: Path = REPOSITORY / "adapters"
    project: Path | None = None
    database: str = ""
    arguments: tuple[str, ...] = ()
    workers: int = 1
    environment: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=lambda: free_ports(1)[0])

    def __post_init__(self) -> None:
        self.places = ["--project", str(self.project)] if self.project else self._written()
        self.database = self.database or f"sqlite:///{self.directory / 'smshost.db'}"
        self.places += ["--database", self.database]
        beside = self.workers and self.database.startswith("postgresql")
        workers = ["--workers", str(self.workers)] if beside else []
        self.program = self._program("smshost", "serve", "--port", str(self.port), *workers, *self.arguments)

    def _written(self) -> list[str]:
        config = self.directory / "config"
        config.mkdir(parents=True, exist_ok=True)
        (config / "SMSConfig.xml").write_text(f"<config>{self.gateways}</config>", encoding="utf-8")
        (config / "authenticationConfig.xml").write_text(self.access, encoding="utf-8")
        (config / "worklight.properties").write_text(self.properties, encoding="utf-8")
        return ["--config", str(config), "--adapters", str(self.adapters)]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _program(self, name: str, command: str, *arguments: str) -> Program:
        line = [sys.executable, "-W", "error", "-m", "host", command, *self.places, *arguments]
        return Program(name, line, self.directory, self.environment)

    def worker(self, name: str) -> Program:
        """An `smshost worker` on the same configuration and database."""
        return self._program(name, "worker")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def receive_url(self) -> str:
        return f"{self.url}/context/receiveSMS"

    def start(self) -> None:
        """Start it and wait until it is ready."""
        self.program.__enter__()
        self.program.wait_for(self.is_ready, "the host to be ready", deadline=30)

    def is_ready(self) -> bool:
        try:
            return requests.get(f"{self.url}/health/ready", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        self.program.terminate()
        self.program.finish()

    def kill(self) -> None:
        """SIGKILL to the host and to the processes it started, at once."""
        process = self.program.running
        children = children_of(process.pid)
        for pid in (process.pid, *map(int, children)):
            _kill(pid)
        self.program.finish()
        wait_for(lambda: all(map(is_gone, children)), "its processes to be gone")

    def post(self, path: str = "", **parameters: str) -> requests.Response:
        """A text as a gateway brings it, with the credential that OPEN asks for."""
        return requests.post(self.receive_url + path, data=parameters, auth=CREDENTIAL, timeout=30)

    def run(self, *arguments: str) -> "Finished":
        """Another `smshost` command on the same configuration and database."""
        words = 2 if arguments[0] == "db" else 1
        places = [*arguments[:words], *self.places, *arguments[words:]]
        command = [sys.executable, "-W", "error", "-m", "host", *places]
        environment = {**os.environ, **self.environment}
        ended = subprocess.run(
            command, cwd=self.directory, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        return Finished(ended.returncode, ended.stdout + ended.stderr)


@dataclass(frozen=True)
class Finished:
    """A command that ended: its exit status and what it printed."""

    status: int
    output: str


def children_of(pid: int) -> list[str]:
    """The processes that a process's threads have started."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [child for task in tasks for child in task.read_text().split()]


def is_gone(pid: str) -> bool:
    """Whether all its threads have ended; whoever inherited it may take a second to bury it."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state == "Z" and os.listdir(f"/proc/{pid}/task") == [pid]
    except (FileNotFoundError, ProcessLookupError):
        return True


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
