"""``SMSConfig.xml``: the gateways that texts leave through, and the names their parameters have.

The format is IBM's (``id`` to ``fromParamName``); ``protocol`` to ``on-unknown`` ours. docs/reference/smsconfig.md
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from host.config.kinds import BOOLEAN, HOSTNAME, PORT, choice, integer, number
from host.config.xml import Element, Source, check_unique, read_root
from host.errors import Place, Problem

NAMESPACE = "http://www.worklight.com/sms/config"
GATEWAY_ATTRIBUTES = (
    "id",
    "hostname",
    "port",
    "programName",
    "toParamName",
    "textParamName",
    "fromParamName",
    "protocol",
    "method",
    "dialect",
    "rate",
    "concurrency",
    "timeout",
    "longTexts",
    "idParamName",
    "repeatWindow",
    "partsWait",
    "reply",
    "on-unknown",
)
PARAMETER_ATTRIBUTES = ("name", "value", "encode")

_ID = re.compile(r"[A-Za-z0-9_.-]*[A-Za-z0-9_-][A-Za-z0-9_.-]*")  # "." and ".." would be read as parts of a path
_NOT_IN_A_PATH = re.compile(r"[\s?#]")
_PROTOCOL = choice("http", "https")
_PROTOCOLS = {"smsc": choice("smpp", "emi", "cimd2", "http", "https")}  # by dialect: this one's may be the SMSC's
_METHOD = choice("GET", "POST", "PUT")
_RATE = number(1_000_000)
_CONCURRENCY = integer(1, 1000)
_TIMEOUT = number(600)
_LONG_TEXTS = choice("split", "pass")
_REPEAT_WINDOW = integer(0, 86_400)
_PARTS_WAIT = integer(1, 86_400)
_REPLY = choice("send", "answer")
_ON_UNKNOWN = choice("hold", "retry")


@dataclass(frozen=True)
class GatewayParameter:
    """A fixed ``<parameter>``; ``encode``: percent-encode the value, else it goes out as it is."""

    name: str
    value: str = field(repr=False)
    encode: bool
    place: Place


@dataclass(frozen=True)
class GatewayConfig:
    """A ``<gateway>``. ``rate``: texts per second, None for no limit. ``timeout``: seconds.

    ``hostname`` is "" in the file that IBM's Studio generated: it loads, and sending through it fails.
    ``long_texts``: "split" by the host, "pass" whole, or None where the dialect decides. ``id_param``: the name under
    which the gateway sends its message id, "" where it sends none. ``repeat_window``: seconds within which an equal
    text without such an id is taken for a repeat, 0 for never. ``parts_wait``: seconds that a long text waits for parts
    which have not come. ``reply``: "send" what answers a text, or have it go out in the "answer" to the gateway's
    request. ``on_unknown``: "hold" a text that the gateway may have taken, or "retry" it. ``given``: the attributes
    that the file has; a dialect has defaults of its own for some.
    """

    id: str
    hostname: str
    port: int
    program_name: str
    to_param: str
    text_param: str
    from_param: str
    protocol: str
    method: str
    dialect: str
    rate: float | None
    concurrency: int
    timeout: float
    long_texts: str | None
    parameters: tuple[GatewayParameter, ...]
    place: Place
    id_param: str = ""
    repeat_window: int = 0
    parts_wait: int = 600
    reply: str = "send"
    on_unknown: str = "hold"
    given: frozenset[str] = field(default=frozenset(), compare=False, repr=False)


def read_smsconfig(
    data: bytes, file: str, properties: Mapping[str, str]
) -> tuple[tuple[GatewayConfig, ...], list[Problem]]:
    """The gateways in file order and everything wrong with them; use them only where nothing is.

    ``properties``: what ``${name}`` stands for.
    """
    source = Source(file, properties)
    root = read_root(data, source, "config", (NAMESPACE,))
    if root is None:
        return (), source.problems
    root.check_attributes(())
    gateways = tuple(_gateway(element) for element in root.children("gateway"))
    check_unique(source, "gateway", ((gateway.id, gateway.place) for gateway in gateways))
    return gateways, sorted(source.problems)


def _gateway(element: Element) -> GatewayConfig:
    element.check_attributes(GATEWAY_ATTRIBUTES)
    protocol = element.value("protocol", _PROTOCOLS.get(element.attribute("dialect"), _PROTOCOL), "http")
    return GatewayConfig(
        id=_id(element),
        hostname=_hostname(element),
        port=element.value("port", PORT, 443 if protocol == "https" else 80),
        program_name=_program_name(element),
        to_param=element.attribute("toParamName", "to"),
        text_param=element.attribute("textParamName", "text"),
        from_param=element.attribute("fromParamName", "from"),
        protocol=protocol,
        method=element.value("method", _METHOD, "GET"),
        dialect=element.attribute("dialect", "generic"),
        rate=element.value("rate", _RATE, None),
        concurrency=element.value("concurrency", _CONCURRENCY, 4),
        timeout=element.value("timeout", _TIMEOUT, 30.0),
        long_texts=element.value("longTexts", _LONG_TEXTS, None),
        parameters=tuple(_parameter(child) for child in element.children("parameter")),
        place=element.place,
        id_param=element.attribute("idParamName"),
        repeat_window=element.value("repeatWindow", _REPEAT_WINDOW, 0),
        parts_wait=element.value("partsWait", _PARTS_WAIT, 600),
        reply=element.value("reply", _REPLY, "send"),
        on_unknown=element.value("on-unknown", _ON_UNKNOWN, "hold"),
        given=frozenset(map(str, element.node.attrib)),
    )


def _id(element: Element) -> str:
    value = element.required("id")
    if value and not _ID.fullmatch(value):
        element.problem(f'id="{value}": it is part of a URL, write letters (a to z), digits, "_", "." and "-"')
    return value


def _hostname(element: Element) -> str:
    if element.node.get("hostname") is None:
        element.problem('<gateway> needs hostname="...": write the gateway\'s host name, or "" while there is none')
    return element.value("hostname", HOSTNAME, "")


def _program_name(element: Element) -> str:
    value = element.attribute("programName").lstrip("/")
    if _NOT_IN_A_PATH.search(value):
        element.problem(f'programName="{value}": write the path alone, and each name=value of a query as a <parameter>')
    return value


def _parameter(element: Element) -> GatewayParameter:
    element.check_attributes(PARAMETER_ATTRIBUTES)
    if element.node.get("value") is None:
        element.problem('<parameter> needs value="...": it is missing')
    return GatewayParameter(
        name=element.required("name"),
        value=element.attribute("value"),
        encode=element.value("encode", BOOLEAN, default=True),
        place=element.place,
    )
