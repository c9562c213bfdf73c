"""``smshost check``: every problem of configuration and adapters, none hiding behind another."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace

from host import projects
from host.adapters import Adapters
from host.app import wire
from host.config import ACCESS, GATEWAYS, Configuration, look_at_configuration
from host.config.authconfig import UNPROTECTED, LoginModuleConfig, Realm
from host.config.references import did_you_mean
from host.errors import BrokenAdapter, ConfigurationError, Note, Problem
from host.loader import Surroundings, load_adapters, procedures_under
from host.noting import notes
from host.options import Options


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
    noted = tuple(sorted(notes(legible(configuration), adapters, options.adapters)))
    return Findings(configuration, tuple(sorted({*problems, *found})), adapters, noted)


def _wiring_problems(configuration: Configuration, known: list[Problem]) -> Iterator[Problem]:
    """What is wrong with gateways and access, beyond what is known."""
    try:
        wire(legible(configuration))
    except ConfigurationError as error:
        places = {problem.place for problem in known}
        values = {parameter.place for each in _classes(configuration) for parameter in each.parameters}
        yield from (each for each in error.problems if each.place not in places & values)


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
