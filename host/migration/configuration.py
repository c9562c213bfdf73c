"""The part of the migration report that is about ``server/conf`` and ``apps``: what each entry means here."""

import re
from collections.abc import Iterator
from pathlib import Path

from host import projects
from host.access import AccessRules
from host.access.classes import CLOSED_AUTHENTICATORS, CLOSED_LOGIN_MODULES, IBM
from host.config import ACCESS, FILES, GATEWAYS, PROPERTIES, Configuration
from host.config.applications import DESCRIPTOR
from host.config.authconfig import UNPROTECTED, Realm, SecurityTest
from host.config.settings import SETTINGS
from host.config.smsconfig import GatewayConfig
from host.enrolling import SUBSCRIBE
from host.receiving import RECEIVE
from host.ussd import USSD

_FORM, _HEADER, _ANYBODY = (
    f"{IBM}{name}" for name in ("FormBasedAuthenticator", "HeaderAuthenticator", "NonValidatingLoginModule")
)

_DOORS = (RECEIVE, SUBSCRIBE, USSD)

#: Properties that IBM's server read, and this host does not.
_FOREIGN = re.compile(
    r"(wl|mfp|push\.(gcm|apns|mpns|wns)|ssl|ws-security|sso|bitly|reports|adapters|compress|publicWorkLight\w*|trusted"
    r"|console|deployables|serverSessionTimeout|mbl|android|ios)(\..*)?"
)


def configuration_lines(project: Path, configuration: Configuration, rules: AccessRules) -> Iterator[str]:
    """Gateways, security tests, the addresses they guard, and those nothing does; properties, apps, missing files."""
    folder = projects.configuration(project)
    for name in FILES:
        if not (folder / name).is_file():
            yield f"{folder / name}: there is no such file: {_MISSING[name]}"
    yield from (f"{gateway.place}: {_gateway(gateway)}" for gateway in configuration.gateways)
    yield from (f"{test.place}: {_test(test, rules)}" for test in configuration.auth.security_tests)
    for realm in configuration.auth.realms:
        yield from (f'{realm.place}: realm "{realm.name}": {fact}' for fact in _realm(realm, configuration))
    for resource in configuration.auth.resources:
        guard = resource.security_test
        who = "open to everybody" if guard == UNPROTECTED else f'guarded by the security test "{guard}"'
        nobody = "" if rules.can_be_passed(guard) else ", which nobody passes"
        yield f'{resource.place}: resource "{resource.id}", {" ".join(resource.patterns)}: {who}{nobody}'
    if (folder / ACCESS).is_file():
        for door in _DOORS:
            if not any(pattern.reaches(door) for pattern in rules.patterns):
                yield f"{folder / ACCESS}: {door}: no resource governs it: everybody is refused there"
    for key in configuration.properties:
        yield f"{configuration.properties.place(key)}: {key}: {_property(key)}"
    for app, gateway_id in configuration.applications.items():
        yield f"{project / 'apps'}: {DESCRIPTOR} of {app}: its web subscriptions go through the gateway {gateway_id}"


_MISSING = {
    PROPERTIES: "every setting has its default",
    GATEWAYS: "there is no gateway",
    ACCESS: "everybody is refused",
}


def _gateway(gateway: GatewayConfig) -> str:
    if not gateway.hostname:
        return f'gateway {gateway.id}: hostname="": it loads and receives, and cannot send'
    return f"gateway {gateway.id}: {gateway.dialect}, sends to {gateway.protocol}://{gateway.hostname}:{gateway.port}"


def _test(test: SecurityTest, rules: AccessRules) -> str:
    closed = rules.walks[test.name].closed
    realms = " and then ".join(f'"{each.realm}"' for each in test.tests)
    who = f"nobody passes it: {closed}" if closed else f"passed by those whom realm {realms} admits"
    return f'security test "{test.name}" ({test.kind}SecurityTest): {who}'


def _realm(realm: Realm, configuration: Configuration) -> Iterator[str]:
    """What an administrator might not expect of it."""
    judges = [each.class_name for each in configuration.auth.login_modules if each.name == realm.login_module]
    if closed := sorted({realm.class_name} & CLOSED_AUTHENTICATORS | set(judges) & CLOSED_LOGIN_MODULES):
        yield f"admits nobody: {closed[0].rpartition('.')[2]} needs an app on the phone or an application server"
        return
    if realm.class_name == _FORM:
        yield "without an app there is no page to log in on: it answers 401, and POST /j_security_check logs in"
    if judges == [_ANYBODY]:
        yield "admits everybody" if realm.class_name == _HEADER else "admits any user name with any password"


def _property(key: str) -> str:
    if any(setting.key == key for setting in SETTINGS):
        return "read"
    if _FOREIGN.fullmatch(key):
        return "ignored by this host; adapters and ${name} read it"
    return "no setting of this host: adapters and ${name} read it"
