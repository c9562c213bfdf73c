"""The alphabets of SMS and how a text is cut into parts.

3GPP TS 23.038, table at https://www.unicode.org/Public/MAPPINGS/ETSI/GSM0338.TXT
"""

from collections.abc import Iterator
from enum import Enum

_GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENSION = frozenset("\f^{}\\[~]|€")  # each costs an escape septet
_GSM7 = _GSM_BASIC | _GSM_EXTENSION


class Alphabet(Enum):
    """An alphabet and its room, in its own units: septets for GSM-7, UTF-16 units for UCS-2.

    ``single``: units in a text of one part. ``part``: units in each part of a longer one.
    """

    GSM7 = (160, 153)
    UCS2 = (70, 67)

    def __init__(self, single: int, part: int) -> None:
        self.single = single
        self.part = part

    @classmethod
    def of(cls, text: str) -> "Alphabet":
        """The narrowest alphabet that carries this text."""
        return cls.GSM7 if _GSM7.issuperset(text) else cls.UCS2

    def width(self, character: str) -> int:
        """How many units one character takes."""
        if self is Alphabet.GSM7:
            return 2 if character in _GSM_EXTENSION else 1
        return 2 if ord(character) > 0xFFFF else 1  # noqa: PLR2004 - past the basic plane UTF-16 needs a pair

    def length(self, text: str) -> int:
        """How many units a text takes."""
        return sum(self.width(character) for character in text)


def split(text: str) -> list[str]:
    """A text as the parts it is sent in; escape and surrogate pairs stay whole. An empty text is one empty part."""
    alphabet = Alphabet.of(text)
    if alphabet.length(text) <= alphabet.single:
        return [text]
    return list(_parts(text, alphabet))


def _parts(text: str, alphabet: Alphabet) -> Iterator[str]:
    start, used = 0, 0
    for position, character in enumerate(text):
        width = alphabet.width(character)
        if used + width > alphabet.part:
            yield text[start:position]
            start, used = position, 0
        used += width
    yield text[start:]


def clean(text: str) -> str:
    """A text that any database and any gateway can carry: NUL and lone surrogates become U+FFFD."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\0", "\N{REPLACEMENT CHARACTER}")


def first_word(text: str) -> str:
    """What a text starts with: its keyword, where the gateway does not name one."""
    return next(iter(text.split()), "")
