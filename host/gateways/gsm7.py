"""GSM-7 code points, one to a byte, as text: what some gateways hand over without translating it.

3GPP TS 23.038, table at https://www.unicode.org/Public/MAPPINGS/ETSI/GSM0338.TXT
"""

import re

_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_ESCAPE = 0x1B
_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = dict(zip(b"\x0a\x14\x28\x29\x2f\x3c\x3d\x3e\x40\x65", "\f^{}\\[~]|€", strict=True))
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def is_evident(data: bytes) -> bool:
    """Whether these can be nothing else: seven bits, and among them such as are control characters everywhere else."""
    return data.isascii() and _CONTROL.search(data) is not None


def decode(data: bytes) -> str:
    """The text; bytes past the alphabet, and an escape that escapes nothing, become U+FFFD."""
    characters, codes = [], iter(data)
    for code in codes:
        if code == _ESCAPE:
            characters.append(_EXTENSION.get(next(codes, -1), _REPLACEMENT))
        else:
            characters.append(_BASIC[code] if code < len(_BASIC) else _REPLACEMENT)
    return "".join(characters)
