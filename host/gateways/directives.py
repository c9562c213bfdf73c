"""What Kannel can be told of an SMSC in its ``smsc`` group: a gateway's parameter for each directive.

A parameter is ``smsc-`` and Kannel's own name for it, which has that prefix only once. Kannel 1.4.5 user guide, "SMSC
connections", https://www.kannel.org/download/1.4.5/userguide-1.4.5/userguide.html
"""

from dataclasses import dataclass
from typing import Any

from host.config.kinds import BOOLEAN, HOSTNAME, PORT, TEXT, Kind, choice, integer
from host.gateways.parameter import Parameter

#: The protocols, by Kannel's names of them.
PROTOCOLS = ("smpp", "emi", "cimd2")

_KANNELS_OWN = {"smsc-username", "smsc-password"}
_TON = integer(0, 7)
_NPI = integer(0, 18)
_SECONDS = integer(1, 86_400)


@dataclass(frozen=True)
class Directive(Parameter):
    """``protocols``: those that know it. ``kind``: what it takes. ``default`` is written where the file has none.

    ``always``: it is written even where it is empty, because Kannel does not start without it.
    """

    protocols: tuple[str, ...] = PROTOCOLS
    kind: Kind[Any] = TEXT
    always: bool = False

    @property
    def kannels_name(self) -> str:
        """What kannel.conf calls it."""
        return self.name if self.name in _KANNELS_OWN else self.name.removeprefix("smsc-")


def _smpp(name: str, help_: str, kind: Kind[Any], default: str = "") -> Directive:
    return Directive(name, help_, default=default, protocols=("smpp",), kind=kind)


def _emi(name: str, help_: str, kind: Kind[Any], default: str = "") -> Directive:
    return Directive(name, help_, default=default, protocols=("emi",), kind=kind)


DIRECTIVES = (
    Directive("smsc-host", "the SMSC's host name or address", required=True, kind=HOSTNAME),
    Directive("smsc-port", "the SMSC's port", required=True, kind=PORT),
    Directive("smsc-username", "the account: SMPP's system_id, UCP's OAdC of the login, CIMD2's user identity"),
    Directive("smsc-password", "its password", secret=True),
    Directive("smsc-my-number", "the number texts from phones are said to be to, whatever the SMSC says"),
    Directive("smsc-reconnect-delay", "seconds before a lost connection is tried again", default="10", kind=_SECONDS),
    Directive("smsc-throughput", "texts (parts of them) a second at most", kind=integer(1, 10_000)),
    Directive(
        "smsc-keepalive", "seconds between signs of life", default="30", protocols=("emi", "cimd2"), kind=_SECONDS
    ),
    Directive("smsc-receive-port", "a second connection, for what comes in", protocols=("smpp", "emi"), kind=PORT),
    _smpp("smsc-transceiver-mode", "one connection for both directions", BOOLEAN, "true"),
    _smpp("smsc-use-ssl", "TLS", BOOLEAN),
    Directive("smsc-system-type", "system_type of the bind, often empty", protocols=("smpp",), always=True),
    _smpp("smsc-service-type", "service_type of texts", TEXT),
    _smpp("smsc-interface-version", "the version the bind names: 33 or 34", choice("33", "34"), "34"),
    _smpp("smsc-address-range", "address_range of the bind: which numbers' texts are wanted", TEXT),
    _smpp("smsc-enquire-link-interval", "seconds between enquire_link", _SECONDS, "30"),
    _smpp("smsc-max-pending-submits", "the window: texts without an answer at most", integer(1, 1000), "10"),
    _smpp("smsc-throttling-sleep-time", "seconds of rest after ESME_RTHROTTLED", _SECONDS),
    _smpp("smsc-source-addr-ton", "type of number of our senders", _TON),
    _smpp("smsc-source-addr-npi", "numbering plan of our senders", _NPI),
    _smpp("smsc-source-addr-autodetect", "Kannel tells names, short codes and numbers apart", BOOLEAN, "true"),
    _smpp("smsc-dest-addr-ton", "type of number of phones", _TON),
    _smpp("smsc-dest-addr-npi", "numbering plan of phones", _NPI),
    _smpp("smsc-bind-addr-ton", "type of number of the bind", _TON),
    _smpp("smsc-bind-addr-npi", "numbering plan of the bind", _NPI),
    _smpp(
        "smsc-msg-id-type",
        "how message ids are spelled in reports (bit 1: hexadecimal) and in answers (bit 2), where they differ",
        integer(0, 3),
    ),
    _smpp("smsc-alt-charset", "the alphabet of data_coding 0 where it is not GSM's, such as latin1", TEXT),
    _emi("smsc-flow-control", "0 for a window of texts, 1 for one at a time", integer(0, 1)),
    _emi("smsc-window", "texts without an answer at most", integer(1, 100)),
    _emi("smsc-wait-ack", "seconds to wait for an answer", _SECONDS),
    _emi("smsc-idle-timeout", "seconds without traffic after which the connection is closed", _SECONDS),
    _emi("smsc-our-port", "the port of this machine to connect from", PORT),
    _emi("smsc-alt-host", "a second SMSC, for when the first cannot be reached", HOSTNAME),
    _emi("smsc-alt-port", "its port", PORT),
    _emi("smsc-notification-pid", "NPID: how reports are addressed, where the SMSC wants it said", TEXT),
    _emi("smsc-notification-addr", "NAdC: where they are addressed to", TEXT),
    Directive("smsc-no-dlr", "no reports are asked for", protocols=("cimd2",), kind=BOOLEAN),
)
