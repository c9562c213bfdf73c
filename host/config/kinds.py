"""The kinds of values that attributes and settings take: what each accepts, and how it is read."""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")
_HOSTNAME = re.compile(r"[\w.-]+")
_URL = re.compile(
    r"(?:(?P<protocol>[A-Za-z][A-Za-z0-9+.-]*)://)?(?:[^/@]*@)?"
    r"(?P<host>[\w.-]+|\[[^\]]*\])(?::(?P<port>[0-9]+))?(?P<path>/.*)?"
)


@dataclass(frozen=True)
class Kind(Generic[T]):
    """``accepts``: in words, fit to follow "write". ``parse`` raises ValueError, with better advice if it has any."""

    accepts: str
    parse: Callable[[str], T]

    def read(self, text: str) -> T:
        """The value; raises ValueError whose text says what to write instead."""
        try:
            return self.parse(text)
        except ValueError as error:
            raise ValueError(str(error) or f"write {self.accepts}") from error


def integer(low: int, high: int) -> Kind[int]:
    """Whole numbers between the two, both included."""

    def parse(text: str) -> int:
        if not _WHOLE.fullmatch(text) or not low <= int(text) <= high:
            raise ValueError
        return int(text)

    return Kind(f"a whole number from {low} to {high}", parse)


def number(most: float) -> Kind[float]:
    """Decimal numbers greater than 0, up to and including ``most``."""

    def parse(text: str) -> float:
        if not _DECIMAL.fullmatch(text) or not 0 < float(text) <= most:
            raise ValueError
        return float(text)

    return Kind(f"a number greater than 0, at most {most:.0f}", parse)


def choice(*words: str) -> Kind[str]:
    """One of the words in any case; the value is spelled as here."""
    spelled = {word.casefold(): word for word in words}

    def parse(text: str) -> str:
        if text.casefold() not in spelled:
            raise ValueError
        return spelled[text.casefold()]

    return Kind(" or ".join(words), parse)


def _boolean(text: str) -> bool:
    if text.casefold() not in {"true", "false"}:
        raise ValueError
    return text.casefold() == "true"


def _hostname(text: str) -> str:
    if _HOSTNAME.fullmatch(text) or _is_bracketed_ipv6(text):
        return text
    url = _URL.fullmatch(text)
    others = [f'{name} "{url[name]}"' for name in ("protocol", "port", "path") if url[name]] if url else []
    if url and others:
        raise ValueError(f'write "{url["host"]}" alone, and separately its {", ".join(others)}')
    raise ValueError


def _is_bracketed_ipv6(text: str) -> bool:
    if not (text.startswith("[") and text.endswith("]")):
        return False
    try:
        ipaddress.IPv6Address(text[1:-1])
    except ValueError:
        return False
    return True


TEXT: Kind[str] = Kind("any text", str)
BOOLEAN: Kind[bool] = Kind("true or false", _boolean)
HOSTNAME: Kind[str] = Kind("a host name or address alone, without spaces (an IPv6 address in brackets)", _hostname)
PORT = integer(1, 65_535)
