"""The outgoing URL as SMSConfig.xml describes it, and how it is shown without its secrets."""

from collections.abc import Iterable
from urllib.parse import quote, unquote

from host.config.smsconfig import GatewayConfig
from host.errors import GiveUp

Field = tuple[str, str, bool]  # name, value, whether the value is percent-encoded


def address(config: GatewayConfig, program: str = "") -> str:
    """``http://hostname:port/programName``; raises :class:`GiveUp` for the empty hostname that published files ship."""
    if not config.hostname:
        raise GiveUp(f'gateway "{config.id}" has no hostname: set it in {config.place}')
    usual = {"http": 80, "https": 443}[config.protocol]
    port = "" if config.port == usual else f":{config.port}"
    return f"{config.protocol}://{config.hostname}{port}/{config.program_name or program}"


def encode(fields: Iterable[Field]) -> str:
    """``a=1&b=2`` in UTF-8, percent-encoded (a space is ``%20``) except where a field says its value is already."""
    return "&".join(
        f"{quote(name, safe='')}={quote(value, safe='') if coded else value}" for name, value, coded in fields
    )


def mask(query: str, names: set[str]) -> str:
    """A query or form with the values of the named parameters hidden, for people to read."""
    pairs = ((pair, pair.partition("=")[0]) for pair in query.split("&"))
    return "&".join(f"{name}=***" if unquote(name) in names else pair for pair, name in pairs)
