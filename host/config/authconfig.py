"""``authenticationConfig.xml``: which security test guards which paths, and the realms and login modules behind it.

IBM's format. Class names are judged where the classes are, in host.access. docs/reference/authenticationconfig.md
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from host.config.kinds import BOOLEAN, integer
from host.config.references import did_you_mean
from host.config.xml import Element, Source, check_unique, read_root
from host.errors import Place, Problem

NAMESPACE = "http://www.worklight.com/auth/config"
UNPROTECTED = "wl_unprotected"

#: Realms that IBM's server brought along; published files name them without defining them.
PREDEFINED_REALMS = (
    "wl_anonymousUserRealm",
    "wl_antiXSRFRealm",
    "wl_authenticityRealm",
    "wl_deviceAutoProvisioningRealm",
    "wl_deviceNoProvisioningRealm",
    "wl_directUpdateRealm",
    "wl_remoteDisableRealm",
)

SECTIONS = {
    "staticResources": ("resource",),
    "securityTests": ("customSecurityTest", "webSecurityTest", "mobileSecurityTest"),
    "realms": ("realm",),
    "loginModules": ("loginModule",),
}
TEST_ATTRIBUTES = ("realm", "step", "isInternalUserID", "isInternalDeviceID", "mode")
LEGACY_ATTRIBUTES = ("canBeResourceLogin", "isIdentityAssociationKey", "ssoDeviceLoginModule")
_STEP = integer(1, 1000)
_EXPIRATION = integer(-1, 2**31 - 1)


@dataclass(frozen=True)
class Param:
    """A ``<parameter>`` of a realm or login module."""

    name: str
    value: str = field(repr=False)
    place: Place


@dataclass(frozen=True)
class Resource:
    """A ``<resource>``: the paths below the context root that a security test guards."""

    id: str
    patterns: tuple[str, ...]
    security_test: str
    place: Place


@dataclass(frozen=True)
class RealmTest:
    """One realm that a security test asks; lower steps first."""

    realm: str
    step: int
    is_internal_user_id: bool
    place: Place


@dataclass(frozen=True)
class SecurityTest:
    """A security test; ``kind``: custom, web or mobile.

    ``unsupported``: what it asks for beside ``tests`` that this host cannot check (elements, predefined realms, a test
    that is missing). A security test where it is not empty can never be passed.
    """

    name: str
    kind: str
    tests: tuple[RealmTest, ...]
    unsupported: tuple[str, ...]
    place: Place


@dataclass(frozen=True)
class Realm:
    """A ``<realm>``: ``class_name`` is its authenticator."""

    name: str
    login_module: str
    class_name: str
    parameters: tuple[Param, ...]
    place: Place


@dataclass(frozen=True)
class LoginModuleConfig:
    """A ``<loginModule>``; ``expiration_in_seconds`` is -1 for "until the session ends"."""

    name: str
    class_name: str
    expiration_in_seconds: int
    audit: bool
    parameters: tuple[Param, ...]
    place: Place


@dataclass(frozen=True)
class AuthConfig:
    """The whole file; empty, it opens nothing.

    ``published``: it is of a project in IBM's layout, which may name classes of a team's own.
    """

    resources: tuple[Resource, ...] = ()
    security_tests: tuple[SecurityTest, ...] = ()
    realms: tuple[Realm, ...] = ()
    login_modules: tuple[LoginModuleConfig, ...] = ()
    published: bool = False


def read_authconfig(data: bytes, file: str, properties: Mapping[str, str]) -> tuple[AuthConfig, list[Problem]]:
    """What the file says and everything wrong with it; use it only where nothing is.

    ``properties``: what ``${name}`` stands for.
    """
    source = Source(file, properties)
    root = read_root(data, source, "loginConfiguration", (NAMESPACE,))
    config = AuthConfig() if root is None else _config(root)
    _check_names(config, source)
    for place, attribute, name, known in _references(config):
        if name and name not in known:
            hint = did_you_mean(name, known)
            source.problem(place.line, f'{attribute}="{name}" is not defined in this file, outside comments{hint}')
    return config, sorted(source.problems)


def _config(root: Element) -> AuthConfig:
    entries: dict[str, list[Element]] = {name: [] for name in SECTIONS}
    for section in root.children(*SECTIONS):
        entries[section.name].extend(section.children(*SECTIONS[section.name]))
    realms = tuple(_realm(element) for element in entries["realms"])
    foreign = set(PREDEFINED_REALMS) - {realm.name for realm in realms}
    return AuthConfig(
        resources=tuple(_resource(element) for element in entries["staticResources"]),
        security_tests=tuple(_security_test(element, foreign) for element in entries["securityTests"]),
        realms=realms,
        login_modules=tuple(_login_module(element) for element in entries["loginModules"]),
    )


def _resource(element: Element) -> Resource:
    element.check_attributes(("id", "securityTest"), strict=False)
    texts = [child.text() for child in element.children("urlPatterns", strict=False)]
    patterns = tuple(pattern.strip() for text in texts for pattern in text.split(";") if pattern.strip())
    if not patterns:
        element.problem("<resource> guards nothing: write its paths as <urlPatterns>/one*;/two</urlPatterns>")
    for pattern in patterns:
        if not pattern.startswith("/") or "*" in pattern[:-1] or len(pattern.split()) > 1:
            element.problem(
                f'the pattern "{pattern}": write a path that starts with "/"; "*" may end it; ";" separates'
            )
    return Resource(element.required("id"), patterns, element.required("securityTest"), element.place)


def _security_test(element: Element, foreign: Collection[str]) -> SecurityTest:
    element.check_attributes(("name",), strict=False)
    kind = element.name.removesuffix("SecurityTest")
    asked = "test" if kind == "custom" else "testUser"
    asking = element.children(asked, strict=kind == "custom")
    tests = [_realm_test(child) for child in asking]
    if not tests and kind == "custom":
        element.problem('<customSecurityTest> tests nothing: write at least one <test realm="..."/> in it')
    missing = [] if tests else [f"{asked} missing"]
    nodes = {child.node for child in asking}
    others = [child.name for child in element.all_children() if child.node not in nodes]
    predefined = [test.realm for test in tests if test.realm in foreign]
    return SecurityTest(
        name=element.required("name"),
        kind=kind,
        tests=tuple(sorted((test for test in tests if test.realm not in foreign), key=lambda test: test.step)),
        unsupported=(*others, *predefined, *missing),
        place=element.place,
    )


def _realm_test(element: Element) -> RealmTest:
    element.check_attributes(TEST_ATTRIBUTES, strict=False)
    return RealmTest(
        realm=element.required("realm"),
        step=element.value("step", _STEP, 1),
        is_internal_user_id=element.value("isInternalUserID", BOOLEAN, element.name == "testUser"),
        place=element.place,
    )


def _realm(element: Element) -> Realm:
    element.check_attributes(("name", "loginModule"), strict=False)
    class_name, parameters = _class_and_parameters(element)
    return Realm(element.required("name"), element.required("loginModule"), class_name, parameters, element.place)


def _login_module(element: Element) -> LoginModuleConfig:
    element.check_attributes(("name", "expirationInSeconds", "audit", *LEGACY_ATTRIBUTES), strict=False)
    class_name, parameters = _class_and_parameters(element)
    return LoginModuleConfig(
        name=element.required("name"),
        class_name=class_name,
        expiration_in_seconds=element.value("expirationInSeconds", _EXPIRATION, 3600),
        audit=element.value("audit", BOOLEAN, default=False),
        parameters=parameters,
        place=element.place,
    )


def _class_and_parameters(element: Element) -> tuple[str, tuple[Param, ...]]:
    children = element.children("className", "parameter", strict=False)
    classes = [child.text() for child in children if child.name == "className"]
    if len(classes) != 1 or not classes[0]:
        element.problem(f"<{element.name}> needs exactly one <className> with a class in it")
    return "".join(classes[:1]), tuple(_param(child) for child in children if child.name == "parameter")


def _param(element: Element) -> Param:
    element.check_attributes(("name", "value"))
    return Param(element.required("name"), element.attribute("value"), element.place)


def _check_names(config: AuthConfig, source: Source) -> None:
    check_unique(source, "resource", ((each.id, each.place) for each in config.resources))
    named: dict[str, Sequence[SecurityTest | Realm | LoginModuleConfig]] = {
        "security test": config.security_tests,
        "realm": config.realms,
        "login module": config.login_modules,
    }
    for what, all_of_them in named.items():
        check_unique(source, what, ((each.name, each.place) for each in all_of_them))
    for test in config.security_tests:
        if test.name == UNPROTECTED:
            source.problem(
                test.place.line, f'"{UNPROTECTED}" means "open to everybody": give this security test its own name'
            )


def _references(config: AuthConfig) -> Iterator[tuple[Place, str, str, set[str]]]:
    tests = {UNPROTECTED, *(test.name for test in config.security_tests)}
    realms = {*PREDEFINED_REALMS, *(realm.name for realm in config.realms)}
    modules = {module.name for module in config.login_modules}
    for resource in config.resources:
        yield resource.place, "securityTest", resource.security_test, tests
    for test in config.security_tests:
        yield from ((each.place, "realm", each.realm, realms) for each in test.tests)
    for realm in config.realms:
        yield realm.place, "loginModule", realm.login_module, modules
