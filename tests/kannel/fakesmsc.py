"""The line protocol of Kannel's fake SMSC: what fakesmsc is told on its standard input and what it prints.

A line is `from to type text`. As tried with Debian's 1.4.5-12 (its usage text and the user guide differ in part):

type      | to Kannel (MO)                                         | from Kannel (MT)
text      | literal UTF-8, coding 0                                | literal UTF-8; a newline in it starts a new line
data      | percent-encoded octets, coding 1                       | the same
ucs2      | percent-encoded UTF-16BE, coding 2                     | is called `ucs-2`
udh-text  | percent-encoded header, then literal UTF-8, coding 0   | never
udh-data  | percent-encoded header and octets, coding 1            | never
udh       | as udh-data                                            | header, the word `data` for every coding, octets
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote_from_bytes, unquote_to_bytes

# 3GPP TS 23.038, 6.2.1 and 6.2.1.1, without LF, CR and ESC: the protocol ends its lines with the first two.
GSM7_BASIC = (
    "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_EXTENSION = "^{}\\[~]|€"
PART_SEPTETS = 153

_PRINTED = re.compile(r"Got message \d+: <(?P<line>.*)>$")
_LINE = re.compile(r"(?P<sender>\S+) (?P<to>\S+) (?P<kind>text|data|ucs-2|udh) (?P<rest>.*)", re.DOTALL)


@dataclass(frozen=True)
class Part:
    """One message as fakesmsc printed it; `header` is the user data header, empty without concatenation."""

    sender: str
    to: str
    kind: str
    octets: bytes
    header: bytes = b""

    @property
    def place(self) -> tuple[int, int, int] | None:
        """(reference, total, index from 1) of an 8-bit concatenation header; None for a text of one part."""
        return (self.header[3], self.header[4], self.header[5]) if self.header[:3] == b"\x05\x00\x03" else None


@dataclass(frozen=True)
class Text:
    """One MT as a person sees it: parts joined by their header, decoded. `kind` is text, ucs-2, data or udh."""

    sender: str
    to: str
    text: str
    kind: str
    parts: int = 1


def fits_gsm7(text: str) -> bool:
    """Whether fakesmsc can send the text as GSM-7, on one line."""
    return set(text) <= set(GSM7_BASIC + GSM7_EXTENSION)


def mo_line(sender: str, to: str, text: str) -> str:
    """An MO of any length in one piece: `text` where GSM-7 and the line allow it, else `ucs2`."""
    if fits_gsm7(text):
        return f"{sender} {to} text {text}"
    return f"{sender} {to} ucs2 {quote_from_bytes(text.encode('utf-16-be'), safe='')}"


def mo_data_line(sender: str, to: str, octets: bytes) -> str:
    """A binary MO: the host sees `coding=1&charset=8-BIT`."""
    return f"{sender} {to} data {quote_from_bytes(octets, safe='')}"


def mo_part_lines(sender: str, to: str, text: str, reference: int = 1) -> list[str]:
    """A GSM-7 MO in the parts a phone makes of it; bearerbox joins them into one (combining is on by default)."""
    pieces = list(_septet_pieces(text))
    headers = [bytes([5, 0, 3, reference, len(pieces), index]) for index in range(1, len(pieces) + 1)]
    return [
        f"{sender} {to} udh-text {quote_from_bytes(header, safe='')} {piece}"
        for header, piece in zip(headers, pieces, strict=True)
    ]


def _septet_pieces(text: str) -> Iterator[str]:
    piece, used = "", 0
    for character in text:
        cost = 2 if character in GSM7_EXTENSION else 1
        if used + cost > PART_SEPTETS:
            yield piece
            piece, used = "", 0
        piece, used = piece + character, used + cost
    yield piece


def printed_parts(log: str) -> list[Part]:
    """The MTs in fakesmsc's own log, in order; a line still being written is left for the next look."""
    complete = log[: log.rfind("\n") + 1]
    lines: list[str] = []
    for match in filter(None, map(_PRINTED.search, complete.split("\n"))):
        if _LINE.fullmatch(match["line"]):
            lines.append(match["line"])
        elif lines:
            lines[-1] += "\n" + match["line"]
    return [_part(line) for line in lines]


def _part(line: str) -> Part:
    match = _LINE.fullmatch(line)
    assert match, line
    header, octets = b"", match["rest"]
    if match["kind"] == "udh":
        header_text, _, octets = match["rest"].split(" ", 2)
        header = _unquoted(header_text)
    payload = octets.encode() if match["kind"] == "text" else _unquoted(octets)
    return Part(match["sender"], match["to"], match["kind"], payload, header)


def _unquoted(encoded: str) -> bytes:
    return unquote_to_bytes(encoded.replace("+", " "))


def joined(parts: Iterable[Part]) -> list[Text]:
    """Whole texts in the order they were completed; an incomplete one is not among them."""
    texts: list[Text] = []
    waiting: dict[tuple[str, str, int], dict[int, Part]] = {}
    for part in parts:
        if part.place is None:
            texts.append(_text([part]))
            continue
        reference, total, index = part.place
        key = (part.sender, part.to, reference)
        pieces = waiting.setdefault(key, {})
        pieces[index] = part
        if len(pieces) == total:
            texts.append(_text([pieces[place] for place in sorted(waiting.pop(key))]))
    return texts


def _text(parts: list[Part]) -> Text:
    first = parts[0]
    octets = b"".join(part.octets for part in parts)
    text = octets.decode("utf-16-be", "surrogatepass") if first.kind == "ucs-2" else _guessed(octets)
    return Text(first.sender, first.to, text, first.kind, len(parts))


def _guessed(octets: bytes) -> str:
    """Fakesmsc does not print the coding of a concatenated part: UTF-8 (GSM-7) without control octets, else UTF-16BE.

    Wrong only for concatenated UCS-2 all of whose octets happen to be printable ASCII, such as 乐 (4E 50) alone.
    """
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        text = "\0"
    if all(character >= " " or character in "\n\r\t\f" for character in text):
        return text
    return octets.decode("utf-16-be", "surrogatepass") if len(octets) % 2 == 0 else octets.decode("latin-1")
