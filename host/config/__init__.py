"""The files that an administrator edits, read and checked as a whole: all problems together, or a configuration.

Readers take bytes and give values; :func:`load_configuration` alone opens files.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from host.config.authconfig import AuthConfig, read_authconfig
from host.config.properties import Properties, read_properties
from host.config.settings import Settings, read_settings
from host.config.smsconfig import GatewayConfig, read_smsconfig
from host.errors import ConfigurationError, Place, Problem

__all__ = ["FILES", "Configuration", "load_configuration", "look_at_configuration", "read_configuration"]

PROPERTIES = "worklight.properties"
GATEWAYS = "SMSConfig.xml"
ACCESS = "authenticationConfig.xml"
FILES = (PROPERTIES, GATEWAYS, ACCESS)


@dataclass(frozen=True)
class Configuration:
    """What the three files say together."""

    properties: Properties
    settings: Settings
    gateways: tuple[GatewayConfig, ...]
    auth: AuthConfig


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
        problems += found
    auth = AuthConfig()
    if ACCESS in given:
        auth, found = read_authconfig(*given[ACCESS], properties)
        problems += found
    return Configuration(properties, settings, gateways, auth), sorted(problems)


def load_configuration(directory: Path, environ: Mapping[str, str]) -> Configuration:
    """The configuration in the directory; raises :class:`ConfigurationError` with all problems of all files."""
    configuration, problems = look_at_configuration(directory, environ)
    if problems:
        raise ConfigurationError(problems)
    return configuration


def look_at_configuration(directory: Path, environ: Mapping[str, str]) -> tuple[Configuration, list[Problem]]:
    """What could be read of the configuration in the directory, and all problems of all files."""
    files, unreadable = _read_files(directory)
    configuration, problems = read_configuration(files, environ)
    return configuration, sorted([*unreadable, *problems])


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
        try:
            files[str(path)] = path.read_bytes()
        except OSError as error:
            problems.append(Problem(Place(str(path)), f"the file cannot be read: {error.strerror}"))
    return files, problems
