"""The gateways that ``SMSConfig.xml`` configures, each speaking its dialect."""

from collections.abc import Iterable, Mapping
from importlib.metadata import entry_points

from host.config.references import did_you_mean
from host.config.smsconfig import GatewayConfig
from host.errors import BadCallback, Problem
from host.gateways.base import Gateway
from host.gateways.dialects import found
from host.gateways.dialects.generic import Generic
from host.messages import HttpRequest

#: Our own dialects; other packages add theirs through the entry point group ``sms_adapter_host.dialects``.
DIALECTS: dict[str, type[Gateway]] = found()

_GROUP = "sms_adapter_host.dialects"


def dialects() -> dict[str, type[Gateway]]:
    """Every dialect there is, by the name ``dialect="..."`` selects it with."""
    return {**{entry.name: entry.load() for entry in entry_points(group=_GROUP)}, **DIALECTS}


def open_gateways(configs: Iterable[GatewayConfig]) -> tuple[dict[str, Gateway], list[Problem]]:
    """The configured gateways by id, in file order, and what is wrong with them."""
    known = dialects()
    gateways: dict[str, Gateway] = {}
    problems: list[Problem] = []
    for config in configs:
        dialect = known.get(config.dialect)
        if dialect is None:
            said = f'gateway "{config.id}": no dialect "{config.dialect}" (there are: {", ".join(sorted(known))})'
            problems.append(Problem(config.place, f"{said}{did_you_mean(config.dialect, known)}"))
            continue
        gateways[config.id] = dialect(config)
        problems.extend(gateways[config.id].problems())
    return gateways, problems


def pick(candidates: Mapping[str, Gateway], request: HttpRequest) -> Gateway:
    """The gateway that a request without a gateway id in its path came from.

    Dialects with marks of their own are asked before generic ones, gateways with a hostname before those without, of
    which Studio wrote one into every file; then file order decides. Raises :class:`BadCallback` saying what was
    missing.
    """
    ranked = sorted(candidates.values(), key=lambda each: (isinstance(each, Generic), not each.config.hostname))
    unread: BadCallback | None = None
    for gateway in ranked:
        try:
            if gateway.recognises(request):
                return gateway
        except BadCallback as error:  # of a body that is another gateway's
            unread = unread or error
    if len(ranked) == 1:
        return ranked[0]  # its reader names what is missing
    if unread:
        raise unread
    wanted = "; ".join(f"{each.id}: {each.config.from_param}, {each.config.text_param}" for each in ranked)
    raise BadCallback(f"no gateway's sender and text parameters are in this request (wanted: {wanted or 'no gateway'})")
