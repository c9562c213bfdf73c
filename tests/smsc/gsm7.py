"""The GSM 7-bit alphabet as SMSC protocols carry it: an octet a septet (3GPP TS 23.038, 6.2.1)."""

from tests.kannel.fakesmsc import GSM7_BASIC

BASIC = GSM7_BASIC[:10] + "\n" + GSM7_BASIC[10:12] + "\r" + GSM7_BASIC[12:25] + "\x1b" + GSM7_BASIC[25:]
EXTENSION = {10: "\f", 20: "^", 40: "{", 41: "}", 47: "\\", 60: "[", 61: "~", 62: "]", 64: "|", 101: "€"}
ESCAPE = 0x1B
_CODES = {character: bytes([code]) for code, character in enumerate(BASIC)}
_CODES |= {character: bytes([ESCAPE, code]) for code, character in EXTENSION.items()}


def encode(text: str) -> bytes:
    """Raises KeyError for what the alphabet has not."""
    return b"".join(_CODES[character] for character in text)


def decode(octets: bytes) -> str:
    """The text; a code of no character raises."""
    text, codes = "", iter(octets)
    for code in codes:
        text += EXTENSION[next(codes)] if code == ESCAPE else BASIC[code]
    return text
