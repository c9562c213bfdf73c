"""Slates: what a process has under way, written down where that outlives the process and costs no system call.

A slate is a file that its process has mapped into memory, and locked (flock) for as long as it lives. Whatever ends the
process, the next one can read what it wrote last. A slate does not outlive the machine, and a copy of it is old; so it
is believed only within the boot, and in the very file, in which it was begun. Else nobody knows more than without it.
"""

import fcntl
import hashlib
import logging
import mmap
import os
import secrets
import stat
import struct
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Engine

log = logging.getLogger(__name__)

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_WORD = "smshost-slate-1"
_SLOT = 256  # bytes; the first one is the head
SLOTS = 2048
_SIZE = _SLOT * (SLOTS + 1)
_RECORD = struct.Struct("<IH")  # what a slot begins with: its words' checksum, and their length; 0 where it is free
_MOST = _SLOT - _RECORD.size
_FREE = bytes(_RECORD.size)


class Slate:
    """What this process has under way. Without ``pages`` it is blank, and stays so.

    ``place``: what the paths of all the slates of this database on this machine begin with.
    """

    def __init__(self, place: str = "", path: str = "", pages: mmap.mmap | None = None) -> None:
        self.place = place
        self._path = path
        self._pages = pages
        self._slots: dict[str, int] = {}
        self._free = [] if pages is None else [_SLOT * number for number in range(SLOTS, 0, -1)]

    def note(self, key: str, *words: object) -> None:
        """Write down that something is under way, in place of what was said of it before.

        Where there is no room, or it is too long, it is as with everything that nobody has noted.
        """
        said = " ".join((key, *map(str, words))).encode(errors="replace")
        if self._pages is None or len(said) > _MOST:
            return
        try:
            at = self._slots.get(key) or self._free.pop()
        except IndexError:
            return
        self._slots[key] = at
        record = _RECORD.pack(zlib.crc32(said), len(said)) + said
        self._pages[at : at + len(record)] = record

    def strike(self, key: str) -> None:
        """It is under way no more."""
        at = self._slots.pop(key, None)
        if at is not None and self._pages is not None:
            self._pages[at : at + len(_FREE)] = _FREE
            self._free.append(at)

    def close(self) -> None:
        """The process ends in good order, and leaves nothing to be told."""
        if self._path:
            with suppress(OSError):
                os.unlink(self._path)


def place_for(engine: Engine) -> str:
    """Where the slates of a database are: beside SQLite's file; else in a folder of this user's, by the URL's hash.

    "" where there is no such place.
    """
    if engine.dialect.name == "sqlite":
        return f"{engine.url.database}.slate."
    folder = Path(tempfile.gettempdir()) / f"smshost-{os.geteuid()}"
    with suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077:
            return f"{folder / hashlib.sha256(engine.url.render_as_string().encode()).hexdigest()[:16]}.slate."
    log.warning("%s is no folder of this user's alone: what is under way is not kept there", folder)
    return ""


def begin(place: str) -> Slate:
    """A slate for this process; a blank one where none can be kept."""
    boot = _boot()
    if not place or not boot:
        return Slate()
    path = f"{place}{secrets.token_hex(4)}"
    try:
        file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            os.posix_fallocate(file, 0, _SIZE)  # a full disk is told here, and not by a signal later
            pages = mmap.mmap(file, _SIZE)  # it has the file, and so the lock, for as long as the process lives
            head = _head(file, boot)
            pages[: len(head)] = head
        finally:
            os.close(file)
    except OSError as error:
        log.warning("%s cannot be kept (%s): what is under way when this process dies is not known", path, error)
        with suppress(OSError):
            os.unlink(path)
        return Slate(place)
    return Slate(place, path, pages)


def left_behind(place: str) -> Iterator[list[str]]:
    """What each process that is no more had under way; its slate is removed once the next one is asked for."""
    for path in _paths(place) if place else ():
        try:
            file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError:  # another process has read it
            continue
        except OSError as error:
            log.warning("a slate cannot be read: %s", error)
            continue
        try:
            if _is_left(file):
                yield _said(path, file)
                os.unlink(path)
        finally:
            os.close(file)


def _paths(place: str) -> list[str]:
    folder, name = os.path.split(place)
    try:
        return sorted(os.path.join(folder, each) for each in os.listdir(folder) if each.startswith(name))
    except OSError as error:
        log.warning("slates cannot be looked for: %s", error)
        return []


def _is_left(file: int) -> bool:
    """Whether its process is no more, and no other one has read it; from then on none does."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return os.fstat(file).st_nlink > 0


def _said(path: str, file: int) -> list[str]:
    content = os.pread(file, _SIZE + 1, 0)
    head = _head(file, _boot())
    if len(content) != _SIZE or not content.startswith(head):
        log.warning("%s is not believed: the machine was started since, or it is a copy, or broken", path)
        return []
    slots = (content[at : at + _SLOT] for at in range(_SLOT, _SIZE, _SLOT))
    return [words for slot in slots if (words := _words(slot))]


def _words(slot: bytes) -> str:
    """What a slot says; "" where it is free, or its process died in the midst of writing it."""
    checksum, length = _RECORD.unpack_from(slot)
    said = slot[_RECORD.size : _RECORD.size + length]
    return said.decode() if length and zlib.crc32(said) == checksum else ""


def _head(file: int, boot: str) -> bytes:
    found = os.fstat(file)
    return f"{_WORD} {boot} {found.st_dev}:{found.st_ino}\n".encode()


def _boot() -> str:
    """What tells this boot of the machine from others; "" on systems that do not say."""
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return ""
