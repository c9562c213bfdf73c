"""An SMSC by SMPP, UCP/EMI or CIMD2: a Kannel speaks to it, which ``smshost kannel-config`` writes the file for.

The host speaks to that Kannel as the dialect ``kannel`` does; hostname and port are those of its sendsms. What is said
of the SMSC goes into kannel.conf and never into a request. docs/how-to/connect-an-smsc.md
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from host.config.smsconfig import GatewayConfig
from host.errors import Problem
from host.gateways.base import Parameter
from host.gateways.dialects.kannel import Kannel
from host.gateways.directives import DIRECTIVES, PROTOCOLS, Directive

_PROTOCOL = "smsc-protocol"
_SENDSMS = 13013
_LOGGING_IN = ("smsc-username", "smsc-password")
_NO_LOGIN = "emi"  # over a line of one's own there may be none
_OF_SMPP = {"smsc-username": 15, "smsc-password": 8, "smsc-system-type": 12}  # SMPP 3.4, 4.1.1, without the NUL


class Smsc(Kannel):
    """An SMSC behind a Kannel of its own on this machine."""

    name = "smsc"
    hostname = "127.0.0.1"
    features = replace(Kannel.features, answer=False)  # its kannel.conf has max-messages = 0

    parameters = (
        *Kannel.parameters,
        Parameter(_PROTOCOL, "smpp, emi or cimd2, where the attribute protocol does not say so"),
        *DIRECTIVES,
    )

    def __init__(self, config: GatewayConfig) -> None:
        super().__init__(config)
        if config.protocol in PROTOCOLS:
            self.own[_PROTOCOL] = config.protocol

    @classmethod
    def completed(cls, config: GatewayConfig) -> GatewayConfig:
        """``protocol="smpp"`` is about the SMSC; sendsms is spoken to by HTTP."""
        if config.protocol in PROTOCOLS:
            config = replace(config, protocol="http")
        completed = super().completed(config)
        return completed if "port" in config.given else replace(completed, port=_SENDSMS)

    @property
    def smsc_protocol(self) -> str:
        """One of :data:`PROTOCOLS`, where there is no problem."""
        return self.own[_PROTOCOL]

    def directives(self) -> Mapping[str, tuple[str, str]]:
        """What kannel.conf says of the SMSC by Kannel's names: the parameter's name and its value."""
        known = [each for each in DIRECTIVES if self.smsc_protocol in each.protocols]
        return {
            each.kannels_name: (each.name, self.own[each.name]) for each in known if each.always or self.own[each.name]
        }

    def problems(self) -> Iterable[Problem]:
        yield from super().problems()
        given = {each.name: each.value for each in self.config.parameters}
        if self.smsc_protocol not in PROTOCOLS:
            yield Problem(self.config.place, f'gateway "{self.id}": write protocol="smpp", "emi" or "cimd2"')
            return
        if given.get(_PROTOCOL, self.smsc_protocol) != self.smsc_protocol:
            yield self.problem(_PROTOCOL, f'and protocol="{self.smsc_protocol}" differ: keep one of them')
        if self.smsc_protocol != _NO_LOGIN:
            missing = [name for name in _LOGGING_IN if not given.get(name)]
            yield from (self.problem(name, f"is missing: {self.smsc_protocol} logs in") for name in missing)
        for directive in DIRECTIVES:
            if directive.name in given:
                yield from self._misfits(directive, given[directive.name])

    def _misfits(self, directive: Directive, value: str) -> Iterable[Problem]:
        if self.smsc_protocol not in directive.protocols:
            yield self.problem(directive.name, f"is of {' and '.join(directive.protocols)}: remove it")
            return
        try:
            directive.kind.read(value)
        except ValueError as error:
            yield self.problem(directive.name, str(error))
        most = _OF_SMPP.get(directive.name, len(value)) if self.smsc_protocol == "smpp" else len(value)
        if len(value) > most:
            yield self.problem(directive.name, f"is longer than the {most} characters that SMPP has for it")
