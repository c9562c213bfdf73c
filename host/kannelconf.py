"""The kannel.conf of a gateway that speaks the dialect ``smsc``: a Kannel on this machine, closed but for loopback.

Kannel 1.4.5 user guide, https://www.kannel.org/download/1.4.5/userguide-1.4.5/userguide.html. Every value is checked
before it is written: a quote or a line's end in one would be read as configuration.
"""

import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from host.access import AccessRules, admit
from host.config import ACCESS
from host.errors import BadCallback, ConfigurationError, Problem, Refused
from host.gateways.base import basic
from host.gateways.dialects.smsc import Smsc
from host.messages import HttpRequest

#: The first line of every file that is written here.
MARK = "# Written by smshost kannel-config from SMSConfig.xml: write it again instead of editing it."

_CALLBACK = "callback-url"
_LOOPBACK = ("127.0.0.1", "localhost")
_ESCAPES = "&ts=%T&smsc=%i&coding=%c&charset=%C"
_BARE = re.compile(r"[A-Za-z0-9.*-]+")
_QUOTABLE = re.compile(r"[ !#-\[\]-~]*")  # printable ASCII without the quote and the backslash
_SIMPLE = re.compile(r"[A-Za-z0-9._~-]*")
_DAY_OF_TRIES = 8640

Lines = Mapping[str, str]


@dataclass(frozen=True)
class Places:
    """Where Kannel is to be on this machine: its ports for its own use, and the folder of its two spools."""

    smsbox_port: int
    admin_port: int
    spool: Path


def kannel_conf(gateway: Smsc, rules: AccessRules, context_root: str, places: Places) -> str:
    """The file's text, secrets and all; raises :class:`ConfigurationError` with everything that stands against it."""
    problems = [*_problems(gateway), *_door_problems(gateway, rules, context_root)]
    groups = list(_groups(gateway, places))
    written = {name for _, lines in groups for name, value in lines.items() if not _QUOTABLE.fullmatch(value)}
    problems += _unwritable(gateway) or [
        Problem(gateway.config.place, f'kannel.conf cannot hold the value of "{name}": {_TAKES}')
        for name in sorted(written)
    ]
    if problems:
        raise ConfigurationError(sorted(set(problems)))
    return "\n\n".join([MARK, *(_group(name, lines) for name, lines in groups)]) + "\n"


_TAKES = 'it takes printable ASCII without " and \\'


def _group(name: str, lines: Lines) -> str:
    return "\n".join([f"group = {name}", *(f"{key} = {_value(value)}" for key, value in lines.items())])


def _value(value: str) -> str:
    return value if _BARE.fullmatch(value) else f'"{value}"'


def _groups(gateway: Smsc, places: Places) -> Iterator[tuple[str, Lines]]:
    """Kannel reads the core group first; a blank line ends a group."""
    yield (
        "core",
        {
            "admin-port": str(places.admin_port),  # bearerbox does not start without one
            "admin-interface": "127.0.0.1",
            "admin-password": secrets.token_hex(),
            "admin-deny-ip": "*.*.*.*",
            "smsbox-port": str(places.smsbox_port),
            "smsbox-interface": "127.0.0.1",
            "box-allow-ip": "127.0.0.1",
            "box-deny-ip": "*.*.*.*",
            "store-type": "spool",
            "store-location": str(places.spool / "texts"),
            **_reports(gateway, places),
            "sms-combine-concatenated-mo": "true",
        },
    )
    directives = {name: value for name, (_, value) in gateway.directives().items()}
    yield "smsc", {"smsc": gateway.smsc_protocol, "smsc-id": gateway.id, **directives}
    yield from _smsbox(gateway, places)


def _reports(gateway: Smsc, places: Places) -> Lines:
    """Where it is kept which texts reports are awaited of: "internal" forgets it at every stop.

    Kannel 1.4.5-12 does not find in its spool what is looked for by a phone's number, as all but SMPP have it.
    """
    if gateway.smsc_protocol != "smpp":
        return {"dlr-storage": "internal"}
    return {"dlr-storage": "spool", "dlr-spool": str(places.spool / "reports")}


def _smsbox(gateway: Smsc, places: Places) -> Iterator[tuple[str, Lines]]:
    own = {each.name: each.value for each in gateway.config.parameters}
    yield (
        "smsbox",
        {
            "bearerbox-host": "127.0.0.1",
            "bearerbox-port": str(places.smsbox_port),
            "sendsms-port": str(gateway.config.port),
            "sendsms-interface": "127.0.0.1",
            "sendsms-url": f"/{gateway.config.program_name or 'cgi-bin/sendsms'}",
            "http-request-retry": str(_DAY_OF_TRIES),  # absent, a text is lost that comes while the host is down
            "http-queue-delay": "10",
            "max-pending-requests": "8",
        },
    )
    yield (
        "sendsms-user",
        {
            "username": own.get("username", ""),
            "password": own.get("password", ""),
            "user-allow-ip": "127.0.0.1",
            "user-deny-ip": "*.*.*.*",
            "max-messages": "255",
            "concatenation": "true",
        },
    )
    yield (
        "sms-service",
        {
            "keyword": "default",
            "catch-all": "true",
            "max-messages": "0",  # nothing of our answers is texted to phones
            "get-url": _get_url(gateway),
        },
    )


def _get_url(gateway: Smsc) -> str:
    """The callback address with Kannel's escapes, a percent sign of its own doubled."""
    config, base = gateway.config, gateway.own[_CALLBACK]
    names = f"{config.from_param}=%p&{config.to_param}=%P&{config.text_param}=%b&{config.id_param or 'id'}=%I"
    return f"{base.replace('%', '%%')}{'&' if '?' in base else '?'}{names}{_ESCAPES}"


def _problems(gateway: Smsc) -> Iterator[Problem]:
    config, given = gateway.config, {each.name for each in gateway.config.parameters if each.value}
    for name, what in (
        ("username", "is missing: name the account of sendsms, as you like"),
        ("password", "is missing: give the account of sendsms a password"),
        (_CALLBACK, "is missing: texts and reports come to it"),
    ):
        if name not in given:
            yield gateway.problem(name, what)
    if (config.to_param, config.text_param) != ("to", "text"):
        yield Problem(config.place, f'gateway "{gateway.id}": sendsms takes "to" and "text": remove the other names')
    if config.hostname not in _LOOPBACK or config.protocol != "http":
        message = (
            f'gateway "{gateway.id}": this writes a Kannel on this machine: write hostname="127.0.0.1", and no https'
        )
        yield Problem(config.place, message)


def _unwritable(gateway: Smsc) -> list[Problem]:
    ours = {"username", "password", _CALLBACK, *(parameter for parameter, _ in gateway.directives().values())}
    given = (each for each in gateway.config.parameters if each.name in ours and not _QUOTABLE.fullmatch(each.value))
    return [gateway.problem(each.name, f"cannot be written into kannel.conf: {_TAKES}") for each in given]


def _door_problems(gateway: Smsc, rules: AccessRules, context_root: str) -> Iterator[Problem]:
    """Whether Kannel would be let in with what the callback address has it bring; the rules themselves are asked."""
    if not gateway.own[_CALLBACK]:
        return
    try:
        url = urlsplit(gateway.own[_CALLBACK])
        path = f"/receiveSMS/{gateway.id}"
        if url.path != context_root + path:
            yield gateway.problem(_CALLBACK, f"leads elsewhere: its path is {context_root + path}")
        elif not (_SIMPLE.fullmatch(url.username or "") and _SIMPLE.fullmatch(url.password or "")):
            yield gateway.problem(_CALLBACK, "has a credential that Kannel would misread: take letters and digits")
        else:
            admit(rules, _as_kannel_asks(url, path))
    except (Refused, BadCallback) as refusal:
        yield gateway.problem(_CALLBACK, f"does not bring what {ACCESS} asks for: {refusal}")
    except ValueError:
        return  # no address at all: the dialect says so


def _as_kannel_asks(url: SplitResult, path: str) -> HttpRequest:
    headers = {"authorization": basic(url.username, url.password or "")} if url.username else {}
    return HttpRequest("GET", url.geturl(), headers, b"", path, url.query.encode(), "127.0.0.1")
