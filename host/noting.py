"""What may be meant so in configuration, and is worth a look: the notes of ``smshost check``."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from pathlib import Path
from urllib.parse import urlsplit

from host.access import AccessRules, build_rules
from host.access.classes import is_custom, why_closed
from host.access.loginmodules import GatewaySignature
from host.access.steps import Step
from host.adapters import Adapters
from host.config import Configuration
from host.config.authconfig import AuthConfig, LoginModuleConfig, Realm, Resource
from host.config.references import did_you_mean
from host.errors import BadCallback, Note, Place
from host.folders import adapter_folders, is_leftover
from host.gateways import open_gateways, pick
from host.gateways.base import Gateway
from host.javascript import script_file
from host.javascript.loading import SUFFIX
from host.messages import HttpRequest, Inbound
from host.receiving import RECEIVE, heard_at_the_bare_address

_TEXT = Inbound("+12125550123", "sub", "+12125550199", gateway_message_id="id-1")
_BASE = "http://127.0.0.1"
_IN_URL = re.compile(f"{RECEIVE}/([^/]+)")
_NEAR = 0.88  # of difflib's ratio: a slip or two in a name of this length


def notes(configuration: Configuration, adapters: Adapters, folder: Path) -> Iterator[Note]:
    """Every note on a configuration that can be read, and on the folder that adapters were loaded from."""
    gateways, _ = open_gateways(configuration.gateways)
    rules, _ = build_rules(configuration.auth, configuration.settings, gateways)
    yield from _custom_classes(configuration.auth)
    yield from _taken_for_others(configuration, gateways, rules, adapters)
    for resource in configuration.auth.resources:
        yield from _of_nobody(resource, [each.id for each in configuration.gateways])
    for gateway in gateways.values():
        yield from _never_heard(gateway, rules)
        yield from _misspelt(gateway)
        yield from _reports_astray(gateway)
    yield from _without_host(configuration)
    yield from _read_past(folder)


def _custom_classes(auth: AuthConfig) -> Iterator[Note]:
    """Realms and login modules whose class somebody wrote in Java, for IBM's server."""
    classes: tuple[Realm | LoginModuleConfig, ...] = (*auth.realms, *auth.login_modules)
    for each in classes if auth.published else ():
        if is_custom(each.class_name):
            kind = "realm" if isinstance(each, Realm) else "login module"
            yield Note(each.place, f'{kind} "{each.name}" admits nobody: {why_closed(each.class_name)}')


def _taken_for_others(
    configuration: Configuration, gateways: Mapping[str, Gateway], rules: AccessRules, adapters: Adapters
) -> Iterator[Note]:
    """Gateways that handlers name, whose texts at the address without a name are taken for another gateway's."""
    heard = heard_at_the_bare_address(gateways, rules)
    places = {each.id: each.place for each in configuration.gateways}
    handlers = [handler for adapter in adapters.by_name.values() for handler in adapter.handlers]
    for name, gateway in heard.items():
        theirs = ", ".join(each.id for each in handlers if each.gateway == name)
        if theirs and (taken := _picked(heard, gateway)) != name:
            said = (
                f'texts at the bare {RECEIVE} are taken as gateway "{taken}"\'s, so that {theirs} would never see them'
            )
            yield Note(places[name], f'{said}: give gateway "{name}" the address {RECEIVE}/{name}')


def _picked(heard: Mapping[str, Gateway], gateway: Gateway) -> str:
    """As whose a text of this gateway is taken there."""
    try:
        return pick(heard, gateway.compose(_TEXT, f"{_BASE}{RECEIVE}")).id
    except BadCallback:
        return gateway.id


def _of_nobody(resource: Resource, gateways: Sequence[str]) -> Iterator[Note]:
    """Patterns below ``/receiveSMS`` that name no gateway, where there are any."""
    for pattern in resource.patterns if gateways else ():
        literal = pattern.removesuffix("*")
        name, slash, _ = literal.removeprefix(f"{RECEIVE}/").partition("/")
        if not name or not literal.startswith(f"{RECEIVE}/") or "," in name:
            continue
        open_ended = pattern.endswith("*") and not slash
        if not any(each == name or (open_ended and each.startswith(name)) for each in gateways):
            known = ", ".join(gateways)
            said = f'the pattern "{pattern}" is for a gateway "{name}", which SMSConfig.xml does not have'
            yield Note(resource.place, f"{said} (it has: {known}){did_you_mean(name, gateways)}")


def _never_heard(gateway: Gateway, rules: AccessRules) -> Iterator[Note]:
    """Gateways whose own requests the security test at their path would not admit, or would take words from."""
    path = f"{RECEIVE}/{gateway.id}"
    resource = rules.resource_for(path)
    steps = rules.walk_of(resource.security_test).steps if resource else ()
    request = gateway.compose(_TEXT, f"{_BASE}{path}")
    at = f'security test "{resource.security_test}"' if resource else ""
    if _asks_signature(steps) and not gateway.can_verify(request):
        why = (
            "what it is checked with is not set" if gateway.features.signature else f'dialect "{gateway.name}" has none'
        )
        said = f'gateway "{gateway.id}": nobody is heard at {path}, because its {at} asks for a signature, and {why}'
        yield Note(gateway.config.place, f"{said}: docs/reference/dialects/{gateway.name}.md")
    for name in sorted({name for each in steps for name in each.parameters()} & _names(request)):
        said = f'gateway "{gateway.id}" brings texts with the parameter "{name}", which its {at} takes for a secret'
        yield Note(gateway.config.place, f"{said}: give the secret another name")


def _names(request: HttpRequest) -> Set[str]:
    """The names of what it brings, none where the body is nested: then they stand for no text."""
    try:
        return set(request.parameters)
    except BadCallback:
        return set()


def _asks_signature(steps: tuple[Step, ...]) -> bool:
    return any(isinstance(each.login_module, GatewaySignature) for each in steps)


def _misspelt(gateway: Gateway) -> Iterator[Note]:
    """Parameters that the dialect does not know, and that look like one it knows: they go out with every text."""
    known = {_plain(name): name for name in gateway.own}
    given = [each.name for each in gateway.config.parameters]
    for each in gateway.config.parameters:
        near = difflib.get_close_matches(_plain(each.name), known, n=1, cutoff=_NEAR)
        if near and each.name not in gateway.own:
            said = f'is sent with every text, for dialect "{gateway.name}" does not know it'
            yield Note(each.place, f'<parameter name="{each.name}"/> {said}; did you mean "{known[near[0]]}"?')
        elif each.name in gateway.own and given.count(each.name) > 1:
            yield Note(each.place, f'<parameter name="{each.name}"/> is given {given.count(each.name)} times: keep one')


def _plain(name: str) -> str:
    return name.casefold().replace("-", "").replace("_", "")


def _reports_astray(gateway: Gateway) -> Iterator[Note]:
    """A ``callback-url`` that is another gateway's address: reports would be taken for that one's."""
    for each in gateway.config.parameters:
        found = _IN_URL.search(urlsplit(each.value).path) if each.name == "callback-url" else None
        if found and found[1] != gateway.id:
            said = f'<parameter name="callback-url"/> brings the reports to gateway "{found[1]}"'
            yield Note(each.place, f"{said}: write {RECEIVE}/{gateway.id} in it")


def _without_host(configuration: Configuration) -> Iterator[Note]:
    """A public protocol or port that says nothing, because there is no public host name beside it."""
    settings, properties = configuration.settings, configuration.properties
    for key, is_set in (
        ("publicWorkLightProtocol", settings.public_protocol != "http"),
        ("publicWorkLightPort", settings.public_port != 0),
    ):
        if is_set and not settings.public_hostname:
            said = f"{key} counts together with publicWorkLightHostname alone: set that, too"
            yield Note(properties.place(key), said)


def _read_past(folder: Path) -> Iterator[Note]:
    """Files that look like an adapter and are none: beside the folders, and a script beside a Python adapter."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if not path.is_file() or is_leftover(path.name):
            continue
        if path.suffix in {".py", ".js", ".xml"} and path.name != "__init__.py":
            name = path.name.removesuffix(SUFFIX).removesuffix(path.suffix)
            inside = "__init__.py" if path.suffix == ".py" else path.name
            yield Note(Place(str(path)), f"it is not read: an adapter is a folder, move it to {folder / name / inside}")
    for path in adapter_folders(folder):
        if (path / "__init__.py").is_file() and (script := script_file(path)) is not None:
            yield Note(
                Place(str(script)), "it is not read: the __init__.py beside it is the adapter; remove one of them"
            )
