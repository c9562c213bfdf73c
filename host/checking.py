"""``smshost check``: every problem of configuration and adapters, none hiding behind another."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from host import projects
from host.access import build_rules
from host.access.classes import is_custom, why_closed
from host.adapters import Adapters
from host.app import wire
from host.config import ACCESS, GATEWAYS, Configuration, look_at_configuration
from host.config.authconfig import UNPROTECTED, LoginModuleConfig, Realm
from host.config.references import did_you_mean
from host.errors import BadCallback, BrokenAdapter, ConfigurationError, Note, Problem
from host.gateways import open_gateways, pick
from host.gateways.base import Gateway
from host.loader import Surroundings, load_adapters, procedures_under
from host.messages import Inbound
from host.options import Options
from host.receiving import RECEIVE, heard_at_the_bare_address

_TEXT = Inbound("+12125550123", "sub", "+12125550199", gateway_message_id="id-1")


@dataclass(frozen=True)
class Findings:
    """What could be read: the configuration, what is wrong with it, and adapters, broken ones among them.

    ``notes``: what may be meant so, and is worth a look.
    """

    configuration: Configuration
    problems: tuple[Problem, ...]
    adapters: Adapters
    notes: tuple[Note, ...] = ()

    @property
    def all_problems(self) -> list[Problem]:
        """Those of adapters too, sorted."""
        return sorted({*self.problems, *(problem for each in self.adapters.broken for problem in each.problems)})


def look(options: Options) -> Findings:
    """Read and load everything; what could be read of the configuration is what the rest is tried with.

    Raises :class:`HostError` where a project has not its folders.
    """
    projects.must_be_whole(options.project)
    configuration, problems = look_at_configuration(options.config, os.environ, projects.apps(options.project))
    found = {*_wiring_problems(configuration, problems), *_unguarded(options, configuration, problems)}
    adapters = _adapters(options, configuration, problems)
    notes = (*_custom_classes(configuration), *_taken_for_others(legible(configuration), adapters))
    return Findings(configuration, tuple(sorted({*problems, *found})), adapters, notes)


def _wiring_problems(configuration: Configuration, known: list[Problem]) -> Iterator[Problem]:
    """What is wrong with gateways and access, beyond what is known."""
    try:
        wire(legible(configuration))
    except ConfigurationError as error:
        places = {problem.place for problem in known}
        values = {parameter.place for each in _classes(configuration) for parameter in each.parameters}
        yield from (each for each in error.problems if each.place not in places & values)


def _custom_classes(configuration: Configuration) -> Iterator[Note]:
    """Realms and login modules whose class somebody wrote in Java, for IBM's server."""
    for each in _classes(configuration) if configuration.auth.published else ():
        if is_custom(each.class_name):
            kind = "realm" if isinstance(each, Realm) else "login module"
            yield Note(each.place, f'{kind} "{each.name}" admits nobody: {why_closed(each.class_name)}')


def _taken_for_others(configuration: Configuration, adapters: Adapters) -> Iterator[Note]:
    """Gateways that handlers name, whose texts at the address without a name are taken for another gateway's."""
    gateways, _ = open_gateways(configuration.gateways)
    rules, _ = build_rules(configuration.auth, configuration.settings, gateways)
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
        return pick(heard, gateway.compose(_TEXT, f"http://127.0.0.1{RECEIVE}")).id
    except BadCallback:
        return gateway.id


def legible(configuration: Configuration) -> Configuration:
    """Without what the reader could not read: that is known, and would only be complained about again."""
    auth = configuration.auth
    return replace(
        configuration,
        gateways=tuple(each for each in configuration.gateways if each.id),
        auth=replace(
            auth,
            realms=tuple(each for each in auth.realms if each.class_name),
            login_modules=tuple(each for each in auth.login_modules if each.class_name),
        ),
    )


def _classes(configuration: Configuration) -> tuple[Realm | LoginModuleConfig, ...]:
    return (*configuration.auth.realms, *configuration.auth.login_modules)


class _AnyGateway(tuple[str, ...]):
    """The gateways of a file that cannot be read: nobody knows which ids an adapter may name."""

    def __contains__(self, gateway: object) -> bool:
        return True


def _adapters(options: Options, configuration: Configuration, known: list[Problem]) -> Adapters:
    gateways = tuple(gateway.id for gateway in configuration.gateways)
    unread = not all(gateways) or (not gateways and any(each.place.file.endswith(GATEWAYS) for each in known))
    surroundings = Surroundings.of(configuration)
    if unread:
        surroundings = replace(surroundings, gateways=_AnyGateway(gateways))
    try:
        adapters = load_adapters(options.adapters, surroundings)
    except BrokenAdapter as error:
        return Adapters(broken=[error])
    adapters.close()
    return adapters


def _unguarded(options: Options, configuration: Configuration, known: list[Problem]) -> Iterator[Problem]:
    """Procedures that nobody can call, because they name a security test that is not there."""
    if any(each.place.file.endswith(ACCESS) for each in known):
        return  # nobody knows what a file that cannot be read would define
    defined = {test.name for test in configuration.auth.security_tests} | {UNPROTECTED}
    for procedure in procedures_under(options.adapters, configuration.properties).values():
        if (test := procedure.security_test) is not None and test not in defined:
            said = f'procedure "{procedure.name}" names the security test "{test}", which {ACCESS} does not define'
            yield Problem(procedure.place, f"{said}: nobody may call it{did_you_mean(test, defined)}")
