"""Stylesheets of an adapter's folder, applied to what strangers sent: within limits, without files and network.

One can run for ever, and nothing ends libxslt but the end of its process: each runs in a child of its own.
"""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from lxml import etree

from host.backends.xmljson import Unreadable
from host.errors import WLError

_CHILD = Path(__file__).with_name("child.py")
_LIBRARIES = Path(etree.__file__).parents[1]
_MEMORY = 512 << 20  # bytes of address space
_AT_ONCE = threading.BoundedSemaphore(8)
_ENVIRONMENT = {"TZ", "LD_LIBRARY_PATH"}


def apply(folder: Path, name: str, document: bytes, parser: tuple[str, dict[str, Any]], seconds: float) -> str:
    """What the folder's stylesheet makes of the document, within so many seconds.

    ``parser``: how the document was read, ``xml`` or ``html`` and the options. Raises :class:`WLError` for a file that
    is elsewhere or is no stylesheet, :class:`Unreadable` where it fails on the document or takes too long.
    """
    sheet = _sheet(folder, name)
    kind, options = parser
    wanted = {"kind": kind, "parser": options, "memory": _MEMORY, "seconds": seconds}
    head = json.dumps({**wanted, "sizes": [len(sheet), len(document)]}).encode()
    verdict, said = _asked(name, b"\n".join((head, sheet + document)), seconds)
    if verdict == "unusable":
        raise WLError(f"invokeHttp: {name} is no stylesheet that can be used: {said}")
    if verdict != "made":
        raise Unreadable(f"{name} failed on the answer: {said}")
    return said


def _sheet(folder: Path, name: str) -> bytes:
    inside = folder.resolve()
    try:
        file = (inside / name).resolve()
        if not file.is_relative_to(inside) or not file.is_file():
            raise WLError(f"invokeHttp: there is no stylesheet {name!r:.200} in the adapter's folder")
        return file.read_bytes()
    except (OSError, ValueError) as error:
        raise WLError(f"invokeHttp: {name!r:.200} is no stylesheet that can be used: {error}") from error


def _asked(name: str, given: bytes, seconds: float) -> tuple[str, str]:
    """The child's answer."""
    end = time.monotonic() + seconds
    if seconds <= 0 or not _AT_ONCE.acquire(timeout=seconds):
        raise Unreadable(f"{name} was not applied: no time was left for the stylesheet")
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-I", "-S", str(_CHILD), str(_LIBRARIES)],
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=end - time.monotonic(),
            check=False,
            cwd="/",
            env={name: value for name, value in os.environ.items() if name in _ENVIRONMENT},
        )
    except subprocess.TimeoutExpired as error:
        raise Unreadable(f"{name}: the stylesheet took longer than {seconds:.3g} s") from error
    finally:
        _AT_ONCE.release()
    if done.returncode:
        return "failed", f"its process ended with status {done.returncode}, at most {_MEMORY >> 20} MB of memory"
    verdict, said = json.loads(done.stdout)
    return verdict, said
