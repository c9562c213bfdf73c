"""What the SMSCs of these tests have in common, whatever they speak.

What becomes of a text is in the phone's number: one that ends in 98 is never reached (a report says so), one that ends
in 99 is refused at once, others are reached. The SMPP one reaches those that end in 97 once it is told to.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Protocol

from tests.smsc import gsm7

LATE, UNREACHED, REFUSED = "97", "98", "99"
USER, PASSWORD = "bookstore", "passw0rd"

_references = count(1)


@dataclass(frozen=True)
class Submitted:
    """One part as an SMSC took it. ``header``: its user data header, length octet and all; empty without."""

    sender: str
    receiver: str
    text: str
    ucs2: bool
    header: bytes = b""

    @property
    def place(self) -> tuple[int, int, int]:
        """(reference, total, number from 1); (0, 1, 1) of a text that is not in parts."""
        return (self.header[3], self.header[4], self.header[5]) if self.header[:3] == b"\x05\x00\x03" else (0, 1, 1)


@dataclass(frozen=True)
class Piece:
    """A text from a phone, or a part of it, as it is coded on the air."""

    octets: bytes
    ucs2: bool
    header: bytes = b""


class Smsc(Protocol):
    """``port``: where it is. ``submitted``: every part it took, in order. ``logins``: how often it was logged in to.

    ``errors``: what Kannel would not take.
    """

    port: int

    @property
    def submitted(self) -> list[Submitted]: ...

    @property
    def logins(self) -> int: ...

    @property
    def errors(self) -> Sequence[object]: ...

    def up(self) -> None:
        """Take connections."""

    def down(self) -> None:
        """Break every connection, and take none."""

    def bring(self, sender: str, receiver: str, piece: Piece) -> None:
        """A text from a phone, or a part of it, on its way to whoever is logged in."""


def send(smsc: Smsc, sender: str, receiver: str, text: str) -> None:
    """A text from a phone, in the parts a phone makes of it."""
    for piece in pieces(text):
        smsc.bring(sender, receiver, piece)


def pieces(text: str) -> Iterator[Piece]:
    """A text as it is coded on the air."""
    try:
        codes, ucs2, whole, part = [gsm7.encode(each) for each in text], False, 160, 153
    except KeyError:
        codes, ucs2, whole, part = [each.encode("utf-16-be") for each in text], True, 140, 134
    octets = b"".join(codes)
    if len(octets) <= whole:
        yield Piece(octets, ucs2)
        return
    cut = list(_cut(codes, part))
    reference = next(_references) % 256
    for number, each in enumerate(cut, start=1):
        yield Piece(each, ucs2, bytes([5, 0, 3, reference, len(cut), number]))


def _cut(codes: Iterable[bytes], most: int) -> Iterator[bytes]:
    part = b""
    for code in codes:
        if len(part) + len(code) > most:
            yield part
            part = b""
        part += code
    yield part


def texts(smsc: Smsc, receiver: str) -> list[str]:
    """The whole texts a phone got, in the order of their first parts; a part that came twice is there twice."""
    whole: dict[tuple[int, int], dict[int, str]] = {}
    singles = count()
    for each in list(smsc.submitted):
        if _national(each.receiver) == _national(receiver):
            reference, total, number = each.place
            key = (reference, total) if total > 1 else (-1 - next(singles), 1)
            parts = whole.setdefault(key, {})
            parts[number] = parts.get(number, "") + each.text
    joined = [[parts[number] for number in sorted(parts)] for (_, of), parts in whole.items() if len(parts) == of]
    # A surrogate pair may have been cut in two.
    return ["".join(parts).encode("utf-16", "surrogatepass").decode("utf-16") for parts in joined]


def _national(number: str) -> str:
    """A number without what protocols put before it."""
    return number.lstrip("+0")
