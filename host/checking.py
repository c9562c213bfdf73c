"""``smshost check``: every problem of configuration and adapters, none hiding behind another."""

import os

from host.app import Options, wire
from host.config import Configuration, load_configuration
from host.errors import BrokenAdapter, ConfigurationError, Problem
from host.loader import Surroundings, load_adapters


def problems_of(options: Options) -> list[Problem]:
    """Every problem with its place, sorted; adapters are loaded where the configuration can be read."""
    try:
        configuration = load_configuration(options.config, os.environ)
    except ConfigurationError as error:
        return [*error.problems, *_adapter_problems(options, None)]
    problems: list[Problem] = []
    try:
        wire(configuration)
    except ConfigurationError as error:
        problems.extend(error.problems)
    return sorted([*problems, *_adapter_problems(options, configuration)])


def _adapter_problems(options: Options, configuration: Configuration | None) -> list[Problem]:
    try:
        gateways = tuple(gateway.id for gateway in configuration.gateways) if configuration else ()
        surroundings = Surroundings(configuration.properties if configuration else {}, gateways)
        return [broken.problem for broken in load_adapters(options.adapters, surroundings).broken]
    except BrokenAdapter as error:
        return [error.problem]
