"""CIMD2 against Kannel's own simulator of an SMSC, `test_cimd2` of Debian's kannel-extras.

It takes logins and submits, ends with its connection, and sends no reports; its texts from phones are random octets.
"""

import contextlib
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.programs import Program, free_ports, wait_for
from tests.smsc.cimd2 import LOGIN, SUBMIT, read, submitted
from tests.smsc.framed import ETX, STX
from tests.smsc.others import require_peer
from tests.smsc.page import CREDENTIAL, NUMBER
from tests.smsc.peer import PASSWORD, USER, Piece, Submitted
from tests.smsc.world import WELCOME, World, world

pytestmark = pytest.mark.smsc

TEST_CIMD2 = "/usr/lib/kannel/test/test_cimd2"
INSIDE = "6789"
ANSWER = 50
PHONE = "+12025550101"


class KannelsOwn:
    """`test_cimd2` in a network namespace, because it listens on every interface; what passes is looked at."""

    def __init__(self, directory: Path) -> None:
        (self.port,) = free_ports(1)
        self.socket = directory / "cimd2.socket"
        simulator = [TEST_CIMD2, "--port", INSIDE, "--user", USER, "--password", PASSWORD, "--activity", "1"]
        enclosed = str(Path(__file__).with_name("enclosed.py"))
        command = ["unshare", "-rn", sys.executable, enclosed, str(self.socket), INSIDE, *simulator]
        self.program = Program("test_cimd2", command, directory)
        self.heard: list[str] = []
        self.said: list[str] = []
        self.errors: list[str] = []
        self._sockets: list[socket.socket] = []

    def up(self) -> None:
        self.socket.unlink(missing_ok=True)
        self.program.__enter__()
        self.program.wait_for(self.socket.exists, "the simulator to listen")
        server = socket.create_server(("127.0.0.1", self.port))
        self._sockets = [server]
        threading.Thread(target=self._serve, args=(server,), daemon=True).start()

    def down(self) -> None:
        for each in self._sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self.program.__exit__(None, None, None)

    def bring(self, sender: str, receiver: str, piece: Piece) -> None:
        raise NotImplementedError

    @property
    def submitted(self) -> list[Submitted]:
        """What it said yes to."""
        yes = [number for operation, number, given in map(read, self.said) if _is_yes(operation, SUBMIT, given)]
        asked = [(number, given) for operation, number, given in map(read, self.heard) if operation == SUBMIT]
        assert [number for number, _ in asked][: len(yes)] == yes
        return [submitted(given) for _, given in asked[: len(yes)]]

    @property
    def logins(self) -> int:
        return sum(_is_yes(operation, LOGIN, given) for operation, _, given in map(read, self.said))

    def _serve(self, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            outer, _ = server.accept()  # one connection: the simulator takes no more
            inner = socket.socket(socket.AF_UNIX)
            inner.connect(str(self.socket))
            self._sockets += [outer, inner]
            threading.Thread(target=_pass_on, args=(inner, outer, self.said), daemon=True).start()
            _pass_on(outer, inner, self.heard)


def _is_yes(operation: int, asked: int, given: dict[str, str]) -> bool:
    return operation == asked + ANSWER and "900" not in given


def _pass_on(source: socket.socket, target: socket.socket, seen: list[str]) -> None:
    rest = b""
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            *frames, rest = (rest + data).split(ETX)
            seen += [frame.partition(STX)[2].decode("latin-1") for frame in frames]
            target.sendall(data)


@pytest.fixture
def live(kannel_programs: None, tmp_path: Path) -> Iterator[World]:
    require_peer("test_cimd2 of kannel-extras", Path(TEST_CIMD2).exists())
    require_peer("unshare of util-linux, and leave to use it", _can_enclose())
    smsc = KannelsOwn(tmp_path)
    with world(tmp_path, "cimd2", smsc) as made:
        yield made
    smsc.down()


def _can_enclose() -> bool:
    return bool(shutil.which("unshare")) and subprocess.run(["unshare", "-rn", "true"], check=False).returncode == 0


def test_texts_arrive_and_wait_for_the_link(live: World) -> None:
    given = {"from": PHONE, "to": NUMBER, "text": "sub", "id": "1", "coding": "0", "charset": "UTF-8"}
    answer = requests.get(f"{live.host.receive_url}/operator", params=given, auth=CREDENTIAL, timeout=30)
    assert answer.status_code == 200
    sent = ["café [net] @", "Привет, РЫНОК", "All café prices off & more; " * 12, "Привет! " * 20]
    assert live.received(PHONE, 1) == [WELCOME]
    for each in sent:
        live.text(PHONE, each)
    assert live.received(PHONE, 5) == [WELCOME, *sent]
    live.smsc.down()
    waiting = ["one", "two", "three"]
    for each in waiting:
        live.text(PHONE, each)
    wait_for(lambda: live.states(PHONE) == ["SENT"] * 8, "Kannel to take them")
    live.smsc.up()
    live.wait_for_login(2)
    assert sorted(live.received(PHONE, 8)) == sorted([WELCOME, *sent, *waiting])
