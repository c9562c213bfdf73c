"""``apps/*/application-descriptor.xml``: which gateway an app's web subscriptions are for, and nothing else of it.

``<smsGateway id="...">`` stands directly below the root; descriptors without it are of no interest here.
"""

from collections.abc import Collection, Mapping

from host.config.references import did_you_mean
from host.config.xml import Element, Source, read_any_root
from host.errors import Problem

DESCRIPTOR = "application-descriptor.xml"
_GATEWAY = "smsGateway"


def read_application(
    data: bytes, file: str, properties: Mapping[str, str], gateways: Collection[str]
) -> tuple[tuple[str, str] | None, list[Problem]]:
    """The app's name and its gateway's id, None where it names none, and everything wrong with that.

    ``gateways``: the ids of SMSConfig.xml.
    """
    source = Source(file, properties)
    root = read_any_root(data, source)
    named = [each for each in root.all_children() if each.name == _GATEWAY] if root else []
    application = _application(root, named, gateways) if root and named else None
    return application, sorted(source.problems)


def _application(root: Element, named: list[Element], gateways: Collection[str]) -> tuple[str, str] | None:
    name, gateway = root.required("id"), named[0].required("id")
    for other in named[1:]:
        other.problem(f"<{_GATEWAY}> is already on line {named[0].place.line}: keep one of them")
    if gateway and gateway not in gateways:
        known = ", ".join(sorted(gateways)) or "none"
        hint = did_you_mean(gateway, gateways)
        named[0].problem(f'<{_GATEWAY} id="{gateway}">: SMSConfig.xml has no such gateway (it has: {known}){hint}')
    return (name, gateway) if name and gateway else None
