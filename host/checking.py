"""``smshost check``: every problem of configuration and adapters, none hiding behind another."""

import os
from collections.abc import Iterator
from dataclasses import replace

from host.app import Options, wire
from host.config import GATEWAYS, Configuration, look_at_configuration
from host.config.authconfig import LoginModuleConfig, Realm
from host.errors import BrokenAdapter, ConfigurationError, Problem
from host.loader import Surroundings, load_adapters


def problems_of(options: Options) -> list[Problem]:
    """Every problem with its place, sorted; what could be read of the configuration is what the rest is tried with."""
    configuration, problems = look_at_configuration(options.config, os.environ)
    found = [*_wiring_problems(configuration, problems), *_adapter_problems(options, configuration, problems)]
    return sorted({*problems, *found})


def _wiring_problems(configuration: Configuration, known: list[Problem]) -> Iterator[Problem]:
    """What is wrong with gateways and access, beyond what is known."""
    try:
        wire(_legible(configuration))
    except ConfigurationError as error:
        places = {problem.place for problem in known}
        values = {parameter.place for each in _classes(configuration) for parameter in each.parameters}
        yield from (each for each in error.problems if each.place not in places & values)


def _legible(configuration: Configuration) -> Configuration:
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


def _adapter_problems(options: Options, configuration: Configuration, known: list[Problem]) -> tuple[Problem, ...]:
    gateways = tuple(gateway.id for gateway in configuration.gateways)
    unread = not all(gateways) or (not gateways and any(each.place.file.endswith(GATEWAYS) for each in known))
    surroundings = Surroundings(configuration.properties, _AnyGateway(gateways) if unread else gateways)
    try:
        broken = load_adapters(options.adapters, surroundings).broken
    except BrokenAdapter as error:
        return error.problems
    return tuple(problem for each in broken for problem in each.problems)
