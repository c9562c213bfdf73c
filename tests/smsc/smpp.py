"""The SMSC that speaks SMPP: npm's smpp, in a process of its own, which `smpp.js` tells what to do."""

import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from tests.programs import Program, free_ports
from tests.smsc.peer import LATE, PASSWORD, REFUSED, UNREACHED, USER, Piece, Submitted

PACKAGE = "smpp@0.5.1"
SCRIPT = Path(__file__).with_name("smpp.js")
_INSTALL_SECONDS = 30


@cache
def npm_smpp() -> Path | None:
    """The folder with the package in its node_modules, fetched once into the user's cache; None where it cannot be."""
    if not (shutil.which("node") and shutil.which("npm")):
        return None
    cache_home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache_home / "sms-adapter-host" / PACKAGE.replace("@", "-")
    if not (folder / "node_modules" / "smpp" / "package.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = [
            "npm",
            "install",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--fetch-retries=0",
            "--prefix",
            str(folder),
            PACKAGE,
        ]
        try:
            subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=_INSTALL_SECONDS)
        except (subprocess.SubprocessError, OSError):
            return None
    return folder


class Smpp:
    """An SMSC as of :mod:`tests.smsc.peer`, and a context manager."""

    def __init__(self, directory: Path, package: Path) -> None:
        (self.port,) = free_ports(1)
        command = ["node", str(SCRIPT), str(self.port), USER, PASSWORD, UNREACHED, REFUSED, LATE]
        self.program = Program("smpp", command, directory, {"NODE_PATH": str(package / "node_modules")})

    @property
    def submitted(self) -> list[Submitted]:
        return [
            Submitted(sender, receiver, text, ucs2, bytes.fromhex(header))
            for sender, receiver, text, ucs2, header in self._said("submitted")
        ]

    @property
    def logins(self) -> int:
        return len(self._said("bound"))

    @property
    def errors(self) -> list[Any]:
        return self._said("error")

    def up(self) -> None:
        if not self.program.alive:
            self.program.__enter__()
        self._order("up")

    def down(self) -> None:
        self._order("down")

    def reach(self) -> None:
        """Say of the phones that end in LATE that they are reached."""
        self._tell({"reach": True})

    def bring(self, sender: str, receiver: str, piece: Piece) -> None:
        self._tell({"bring": [sender, receiver, piece.octets.hex(), piece.ucs2, piece.header.hex()]})

    def end(self) -> None:
        self.program.__exit__(None, None, None)

    def _order(self, order: str) -> None:
        before = len(self._said(order))
        self._tell({order: True})
        self.program.wait_for(lambda: len(self._said(order)) > before, f"the SMSC to be {order}")

    def _tell(self, what: dict[str, Any]) -> None:
        stdin = self.program.running.stdin
        assert stdin
        stdin.write(json.dumps(what).encode() + b"\n")

    def _said(self, what: str) -> list[Any]:
        log = self.program.log
        lines = log[: log.rfind("\n") + 1].splitlines()
        told = [json.loads(line) for line in lines if line.startswith("{")]
        return [each[what] for each in told if what in each]
