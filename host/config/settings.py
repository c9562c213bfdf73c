"""The host's own settings: one table of what ``worklight.properties`` may say to it, and the typed result.

Published keys keep their names; ours start with ``smshost.``. An empty value counts as none: the default holds.
"""

import ipaddress
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from phonenumbers import SUPPORTED_REGIONS

from host.config.kinds import BOOLEAN, HOSTNAME, TEXT, Kind, choice, integer, number
from host.config.properties import Properties
from host.config.references import did_you_mean
from host.errors import Problem

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PREFIX = "smshost."
_PROXY = "push.sms.proxy."

_CONTEXT_ROOT = re.compile(r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._~-]+)+")


def _context_root(text: str) -> str:
    if not _CONTEXT_ROOT.fullmatch(text):
        raise ValueError
    return text


def _region(text: str) -> str:
    if text.upper() not in SUPPORTED_REGIONS:
        raise ValueError
    return text.upper()


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(each) for each in re.split(r"[\s,]+", text.strip(" ,")))
    except ValueError as error:
        raise ValueError(f"{error}; write networks as in 10.0.0.0/8, separated by spaces or commas") from error


def _timezone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError from error
    return text


def _long_secret(text: str) -> str:
    if len(text) < SHORTEST_SESSION_SECRET:
        raise ValueError
    return text


def _readable_file(text: str) -> str:
    if not os.access(text, os.R_OK) or os.path.isdir(text):
        raise ValueError
    return text


#: In characters.
SHORTEST_SESSION_SECRET = 32
SESSION_SECRET = Kind(f"{SHORTEST_SESSION_SECRET} characters or more, made at random", _long_secret)
PROTOCOL = choice("http", "https")
CONTEXT_ROOT = Kind('a path such as /context: it starts with "/", and does not end with it', _context_root)
REGION = Kind("a region of two letters (ISO 3166), such as GB or US", _region)
NETWORKS = Kind("networks", _networks)
TIMEZONE = Kind("a time zone such as UTC or Europe/Berlin", _timezone)
SECONDS = number(86_400)
FILE = Kind("the path of a file that can be read", _readable_file)
ATTEMPTS = integer(1, 1000)

_USSD_FAILURE = "This service cannot answer at the moment. Please try again later."


@dataclass(frozen=True)
class Setting:
    """A row of the table: ``key`` in the file, ``attribute`` of :class:`Settings`; a ``secret`` is never shown."""

    key: str
    attribute: str
    kind: Kind[Any]
    default: Any
    help: str
    secret: bool = False


SETTINGS = (
    Setting("contextRoot", "context_root", CONTEXT_ROOT, "/context", "the path that every address starts with"),
    Setting("publicWorkLightHostname", "public_hostname", HOSTNAME, "", "the public host; empty: as the request says"),
    Setting("publicWorkLightProtocol", "public_protocol", PROTOCOL, "http", "the public protocol"),
    Setting("publicWorkLightPort", "public_port", integer(0, 65_535), 0, "the public port; 0: the protocol's own"),
    Setting("push.sms.proxy.enabled", "proxy_enabled", BOOLEAN, False, "send to gateways through a proxy"),
    Setting("push.sms.proxy.protocol", "proxy_protocol", PROTOCOL, "http", "how the proxy is spoken to"),
    Setting("push.sms.proxy.host", "proxy_host", HOSTNAME, "", "the proxy"),
    Setting("push.sms.proxy.port", "proxy_port", integer(-1, 65_535), -1, "its port; -1: the protocol's own"),
    Setting("push.sms.proxy.user", "proxy_user", TEXT, "", "its user; empty: no authentication"),
    Setting("push.sms.proxy.password", "proxy_password", TEXT, "", "its password", secret=True),
    Setting("console.username", "console_username", TEXT, "", "the user of the console; empty: nobody"),
    Setting("console.password", "console_password", TEXT, "", "that user's password", secret=True),
    Setting("smshost.phone.region", "region", REGION, None, "where numbers without country code are from"),
    Setting(
        "smshost.receive.maxBodyBytes",
        "max_body_bytes",
        integer(1024, 100_000_000),
        65_536,
        "the largest request body, in bytes",
    ),
    Setting(
        "smshost.session.secret",
        "session_secret",
        SESSION_SECRET,
        "",
        "signs the sessions of those who log in by a form; empty: they end with `serve`",
        secret=True,
    ),
    Setting("smshost.trustedProxies", "trusted_proxies", NETWORKS, (), "proxies whose X-Forwarded-For is believed"),
    Setting("smshost.handling.threads", "handling_threads", integer(1, 1000), 8, "texts handled at the same time"),
    Setting("smshost.handling.attempts", "handling_attempts", ATTEMPTS, 5, "how often a text is handled at most"),
    Setting(
        "smshost.handling.firstWaitSeconds", "handling_first_wait", SECONDS, 1.0, "the wait before the second time"
    ),
    Setting("smshost.handling.longestWaitSeconds", "handling_longest_wait", SECONDS, 60.0, "the longest wait between"),
    Setting(
        "smshost.handling.limitSeconds",
        "handling_limit",
        SECONDS,
        30.0,
        "how long a handler may run unreported",
    ),
    Setting(
        "smshost.javascript.limitSeconds",
        "javascript_limit",
        SECONDS,
        10.0,
        "how long a call into an adapter's JavaScript may take until it is ended",
    ),
    Setting(
        "smshost.javascript.memoryMegabytes",
        "javascript_memory",
        integer(8, 512),
        64,
        "how much memory the objects of a JavaScript adapter may take",
    ),
    Setting(
        "smshost.quarantine.texts",
        "quarantine_texts",
        integer(0, 1_000_000),
        20,
        "after how many failed texts in a row an adapter is left alone; 0: never",
    ),
    Setting("smshost.ussd.limitSeconds", "ussd_limit", number(600), 5.0, "how long a USSD caller waits for a handler"),
    Setting("smshost.ussd.failureText", "ussd_failure", TEXT, _USSD_FAILURE, "what it hears where none answered"),
    Setting("smshost.subscribe.gateway", "subscribe_gateway", TEXT, "", "the gateway of phones subscribed over HTTP"),
    Setting(
        "smshost.reply.waitSeconds",
        "reply_wait",
        number(60),
        5.0,
        'how long a request waits for what goes out in its answer (`reply="answer"`)',
    ),
    Setting("smshost.sending.attempts", "sending_attempts", ATTEMPTS, 30, "how often a text is offered at most"),
    Setting("smshost.sending.firstWaitSeconds", "sending_first_wait", SECONDS, 1.0, "the wait before the second offer"),
    Setting("smshost.sending.longestWaitSeconds", "sending_longest_wait", SECONDS, 600.0, "the longest wait between"),
    Setting(
        "smshost.sending.circuitFailures",
        "circuit_failures",
        integer(1, 1000),
        5,
        "failures of a gateway in a row after which it is left alone",
    ),
    Setting(
        "smshost.sending.circuitLongestSeconds",
        "circuit_longest",
        SECONDS,
        30.0,
        "the longest wait until it is tried again",
    ),
    Setting(
        "smshost.reports.retrySeconds", "reports_retry", number(2_592_000), 86_400.0, "how long reports are matched"
    ),
    Setting(
        "smshost.invokeHttp.maxBodyBytes",
        "invoke_http_max_bytes",
        integer(1024, 100_000_000),
        5_000_000,
        "the largest answer of a back end, in bytes",
    ),
    Setting("smshost.invokeHttp.caFile", "invoke_http_ca_file", FILE, "", "the authorities that back ends' TLS is of"),
    Setting("smshost.display.timezone", "timezone", TIMEZONE, "UTC", "the zone that times are shown in"),
    Setting("smshost.polls.enabled", "polls_enabled", BOOLEAN, True, "run the polls of event sources"),
)


@dataclass(frozen=True)
class Settings:
    """Every setting with its value. Waits are seconds; ``region`` is None where numbers need their country code."""

    context_root: str
    public_hostname: str
    public_protocol: str
    public_port: int
    proxy_enabled: bool
    proxy_protocol: str
    proxy_host: str
    proxy_port: int
    proxy_user: str
    proxy_password: str = field(repr=False)
    console_username: str
    console_password: str = field(repr=False)
    region: str | None
    max_body_bytes: int
    session_secret: str = field(repr=False)
    trusted_proxies: tuple[Network, ...]
    handling_threads: int
    handling_attempts: int
    handling_first_wait: float
    handling_longest_wait: float
    handling_limit: float
    javascript_limit: float
    javascript_memory: int
    quarantine_texts: int
    ussd_limit: float
    ussd_failure: str
    subscribe_gateway: str
    reply_wait: float
    sending_attempts: int
    sending_first_wait: float
    sending_longest_wait: float
    circuit_failures: int
    circuit_longest: float
    reports_retry: float
    invoke_http_max_bytes: int
    invoke_http_ca_file: str
    timezone: str
    polls_enabled: bool

    @property
    def public_base(self) -> str:
        """The public address without a path, as in ``https://sms.example.org``; "" where it is not configured."""
        if not self.public_hostname:
            return ""
        usual = {"http": 80, "https": 443}[self.public_protocol]
        port = "" if self.public_port in (0, usual) else f":{self.public_port}"
        return f"{self.public_protocol}://{self.public_hostname}{port}"


def read_settings(properties: Properties) -> tuple[Settings, list[Problem]]:
    """The settings and everything wrong with them; a setting with a problem has its default."""
    problems = list(_misspelt(properties))
    values = {setting.attribute: _value(setting, properties, problems) for setting in SETTINGS}
    settings = Settings(**values)
    problems.extend(_contradictions(settings, properties))
    return settings, sorted(problems)


def _value(setting: Setting, properties: Properties, problems: list[Problem]) -> Any:
    text = properties.get(setting.key, "")
    if not text.strip():
        return setting.default
    if setting.kind is not TEXT:  # a password may begin or end with a space
        text = text.strip()
    try:
        return setting.kind.read(text)
    except ValueError as error:
        shown = "its value" if setting.secret else f'"{text}"'
        problems.append(Problem(properties.place(setting.key), f"{setting.key}={shown}: {error}"))
        return setting.default


def _misspelt(properties: Properties) -> Iterator[Problem]:
    """Keys that begin as ours do, and those that look like IBM's; any other is an adapter's."""
    ours = {setting.key for setting in SETTINGS if setting.key.startswith(PREFIX)}
    published = {setting.key for setting in SETTINGS} - ours
    spelled = {key.casefold() for key in published}
    for key in properties:
        if key.startswith(PREFIX) and key not in ours:
            yield Problem(properties.place(key), f'"{key}" is no setting of this host{did_you_mean(key, ours)}')
        elif key not in published and (key.casefold() in spelled or key.startswith(_PROXY)):
            yield Problem(properties.place(key), f'"{key}" is no setting of this host{did_you_mean(key, published)}')


def _contradictions(settings: Settings, properties: Properties) -> Iterator[Problem]:
    if settings.proxy_enabled and not settings.proxy_host:
        place = properties.place("push.sms.proxy.enabled")
        yield Problem(place, "push.sms.proxy.enabled=true needs push.sms.proxy.host: write the proxy's host name")
    if settings.console_username and not settings.console_password:
        place = properties.place("console.username")
        yield Problem(place, "console.username needs console.password: write one, or remove the user name")
    waits = {
        "smshost.handling": (settings.handling_first_wait, settings.handling_longest_wait),
        "smshost.sending": (settings.sending_first_wait, settings.sending_longest_wait),
    }
    for prefix, (first, longest) in waits.items():
        if first > longest:
            given = [key for key in (f"{prefix}.firstWaitSeconds", f"{prefix}.longestWaitSeconds") if key in properties]
            yield Problem(
                properties.place(given[0]),
                f"{prefix}.firstWaitSeconds ({first:g}) is longer than {prefix}.longestWaitSeconds ({longest:g}): "
                "write a shorter first or a longer longest wait",
            )
