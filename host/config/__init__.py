"""The files that an administrator edits, read and checked as a whole: all problems together, or a configuration.

Readers take bytes and give values; :func:`load_configuration` alone opens files.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath

from host.config.applications import DESCRIPTOR, read_application
from host.config.authconfig import AuthConfig, read_authconfig
from host.config.properties import Properties, read_properties
from host.config.settings import Settings, read_settings
from host.config.smsconfig import GatewayConfig, read_smsconfig
from host.errors import ConfigurationError, Place, Problem

__all__ = [
    "ACCESS",
    "FILES",
    "GATEWAYS",
    "PROPERTIES",
    "Configuration",
    "load_configuration",
    "look_at_configuration",
    "read_configuration",
]

PROPERTIES = "worklight.properties"
GATEWAYS = "SMSConfig.xml"
ACCESS = "authenticationConfig.xml"
FILES = (PROPERTIES, GATEWAYS, ACCESS)


@dataclass(frozen=True)
class Configuration:
    """What the files say together. ``applications``: the gateway that each app of a project names, by the app's id."""

    properties: Properties
    settings: Settings
    gateways: tuple[GatewayConfig, ...]
    auth: AuthConfig
    applications: Mapping[str, str] = field(default_factory=dict)


def read_configuration(files: Mapping[str, bytes], environ: Mapping[str, str]) -> tuple[Configuration, list[Problem]]:
    """The configuration and everything wrong with it; where anything is, it holds what could be read, to look at.

    ``files``: contents by the path to show; the last part of the path says which file it is. Without properties the
    defaults hold, without SMSConfig.xml there is no gateway, without authenticationConfig.xml everybody is refused.
    """
    given = {PurePath(file).name: (data, file) for file, data in files.items()}
    properties, problems = read_properties(*given.get(PROPERTIES, (b"", PROPERTIES)), environ)
    settings, found = read_settings(properties)
    problems += found
    gateways: tuple[GatewayConfig, ...] = ()
    if GATEWAYS in given:
        gateways, found = read_smsconfig(*given[GATEWAYS], properties)
        problems += found or _strange_gateways(settings, properties, gateways)
    auth = AuthConfig()
    if ACCESS in given:
        auth, found = read_authconfig(*given[ACCESS], properties)
        problems += found
    return Configuration(properties, settings, gateways, auth), sorted(problems)


def _strange_gateways(
    settings: Settings, properties: Properties, gateways: tuple[GatewayConfig, ...]
) -> Iterator[Problem]:
    name, ids = settings.subscribe_gateway, [each.id for each in gateways]
    if name and name not in ids:
        known = ", ".join(ids) or "none"
        message = f'smshost.subscribe.gateway="{name}": {GATEWAYS} has no such gateway (it has: {known})'
        yield Problem(properties.place("smshost.subscribe.gateway"), message)


def load_configuration(directory: Path, environ: Mapping[str, str], apps: Path | None = None) -> Configuration:
    """The configuration in the directory; raises :class:`ConfigurationError` with all problems of all files.

    ``apps``: a project's folder of apps, which may name gateways.
    """
    configuration, problems = look_at_configuration(directory, environ, apps)
    if problems:
        raise ConfigurationError(problems)
    return configuration


def look_at_configuration(
    directory: Path, environ: Mapping[str, str], apps: Path | None = None
) -> tuple[Configuration, list[Problem]]:
    """What could be read of the configuration in the directory, and all problems of all files."""
    files, unreadable = _read_files(directory)
    configuration, problems = read_configuration(files, environ)
    applications, found = _applications(apps, configuration) if apps else ({}, [])
    auth = replace(configuration.auth, published=apps is not None)
    whole = replace(configuration, applications=applications, auth=auth)
    return whole, sorted([*unreadable, *problems, *found])


def _applications(apps: Path, configuration: Configuration) -> tuple[dict[str, str], list[Problem]]:
    gateways = [gateway.id for gateway in configuration.gateways]
    applications: dict[str, str] = {}
    problems: list[Problem] = []
    for path in sorted(apps.glob(f"*/{DESCRIPTOR}")):
        data, unreadable = _read(path)
        if unreadable:
            problems.append(unreadable)
            continue
        application, found = read_application(data, str(path), configuration.properties, gateways)
        problems += found
        if application and application[0] in applications:
            problems.append(Problem(Place(str(path)), f'another app is also called "{application[0]}": rename one'))
        elif application:
            applications[application[0]] = application[1]
    return applications, problems


def _read_files(directory: Path) -> tuple[dict[str, bytes], list[Problem]]:
    try:
        present = sorted(directory.iterdir())
    except OSError as error:
        return {}, [Problem(Place(str(directory)), f"the folder cannot be read: {error.strerror}")]
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    spelled = {name.casefold(): name for name in FILES}
    for path in present:
        right = spelled.get(path.name.casefold())
        if right is None:
            continue
        if path.name != right:
            problems.append(Problem(Place(str(path)), f"the file's name differs in case: call it {right}"))
            continue
        data, unreadable = _read(path)
        if unreadable:
            problems.append(unreadable)
        else:
            files[str(path)] = data
    return files, problems


def _read(path: Path) -> tuple[bytes, Problem | None]:
    try:
        return path.read_bytes(), None
    except OSError as error:
        return b"", Problem(Place(str(path)), f"the file cannot be read: {error.strerror}")
