"""Phone numbers in one spelling, so that one adapter serves every gateway.

E.164 through https://github.com/daviddrysdale/python-phonenumbers; what is not a phone number stays as it came.
"""

import re
from functools import lru_cache

import phonenumbers

_SHORT_CODE = re.compile(r"\d{1,6}")  # GSMA: own short codes have 3 to 6 digits; "8338" would parse as +44 8338


@lru_cache(maxsize=16_384)  # reading a number costs more than most of what is done with it
def normalise(raw: str, region: str | None = None) -> str:
    """A number in E.164 (``+15550100``), or, where it is none, the raw spelling without outer blanks.

    ``region``: two letters (ISO 3166) to read national numbers by; without it they stay digits. A leading blank is an
    unescaped ``+`` that a form decoder turned into a space, and is repaired. What fits no number of that region and one
    of another country (``447700900000`` in ``US``) lacks its ``+``. Short codes, alphanumeric senders and damaged
    numbers are kept. Never raises.
    """
    number = raw.strip()
    if raw.startswith(" ") and number.isascii() and number.isdigit() and not _SHORT_CODE.fullmatch(number):
        number = f"+{number}"
    if _is_no_number(number):
        return number
    try:
        parsed = phonenumbers.parse(number, region)
        if not phonenumbers.is_possible_number(parsed) and number[0] in "123456789":
            abroad = phonenumbers.parse(f"+{number}", None)
            parsed = abroad if phonenumbers.is_possible_number(abroad) else parsed
    except phonenumbers.NumberParseException:
        return _digits(number)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def is_phone(number: str) -> bool:
    """Whether a text can be sent to this normalised number: a ``+`` and digits, or digits alone."""
    return re.fullmatch(r"\+?\d{1,20}", number, re.ASCII) is not None


def _is_no_number(number: str) -> bool:
    return bool(_SHORT_CODE.fullmatch(number)) or any(character.isalpha() for character in number)


def _digits(number: str) -> str:
    bare = re.sub(r"[\s().-]", "", number)
    return bare if is_phone(bare) else number
