"""From ``authenticationConfig.xml`` to the rules in force, with every problem found on the way."""

import secrets
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from host.access import classes
from host.access.authenticators import Authenticator, BasicAuthenticator, FormBasedAuthenticator, HeaderAuthenticator
from host.access.given import Given
from host.access.loginmodules import (
    Closed,
    GatewaySignature,
    HeaderLogin,
    LoginModule,
    SharedSecret,
    SingleIdentity,
    SourceNetwork,
)
from host.access.paths import pattern_problems, patterns
from host.access.rules import AccessRules
from host.access.sessions import session
from host.access.steps import Step, walk
from host.config.authconfig import AuthConfig, LoginModuleConfig, Realm, RealmTest
from host.config.settings import Settings
from host.errors import Problem
from host.gateways.base import Gateway

_BROKEN = Closed("its configuration has problems")
_FOREIGN = Closed("this host cannot check it without an app on the phone or an application server")
_UNDEFINED = Closed("authenticationConfig.xml does not define it or its login module")


def build_rules(
    auth: AuthConfig, settings: Settings, gateways: Mapping[str, Gateway], key: str = ""
) -> tuple[AccessRules, list[Problem]]:
    """The rules and every problem; what has a problem admits nobody.

    ``gateways``: by id, asked by smshost.GatewaySignatureLoginModule. ``key``: signs sessions, of every process that
    is to know them; "" is one made for this once.
    """
    builder = Builder(settings, gateways, key or secrets.token_urlsafe(), auth.published)
    modules = {config.name: (builder.login_module(config), config) for config in auth.login_modules}
    realms = {realm.name: builder.realm(realm, modules) for realm in auth.realms}
    walks = {
        test.name: walk(tuple(_step(each, realms) for each in test.tests), test.unsupported)
        for test in auth.security_tests
    }
    passable = (step for each in walks.values() if not each.closed for step in each.steps)
    forms = {step.realm: step for step in passable if step.session}
    rules = AccessRules(patterns(auth.resources), walks, forms=forms)
    return rules, [
        *builder.problems,
        *_use_problems(auth, realms),
        *pattern_problems(rules.patterns, settings.context_root),
    ]


class Builder:
    """Builds login modules and realms; ``problems`` grows meanwhile. ``published``: as AuthConfig has it."""

    def __init__(self, settings: Settings, gateways: Mapping[str, Gateway], key: str, published: bool) -> None:
        self.settings = settings
        self.gateways = gateways
        self.key = key
        self.published = published
        self.problems: list[Problem] = []

    def login_module(self, config: LoginModuleConfig) -> LoginModule:
        """The login module, closed where its class cannot work here or its parameters are wrong."""
        if config.class_name in classes.CLOSED_LOGIN_MODULES:
            return _FOREIGN
        build = classes.LOGIN_MODULES.get(config.class_name)
        if build is None:
            return self._unknown(config, classes.LOGIN_MODULES)
        given = Given(config)
        module = build(given, self.settings, self.gateways)
        self.problems += given.problems
        return _BROKEN if given.problems else module

    def realm(self, config: Realm, modules: Mapping[str, tuple[LoginModule, LoginModuleConfig]]) -> Step:
        """The realm, as a step that a security test can walk."""
        module, given_module = modules.get(config.login_module, (_UNDEFINED, None))
        if config.class_name in classes.CLOSED_AUTHENTICATORS:
            return Step(config.name, HeaderAuthenticator(), _FOREIGN)
        build = classes.AUTHENTICATORS.get(config.class_name)
        if build is None:
            return Step(config.name, HeaderAuthenticator(), self._unknown(config, classes.AUTHENTICATORS))
        given = Given(config)
        authenticator = build(given)
        if why := _misfit(module, authenticator):
            given.complain(f'and login module "{config.login_module}" do not fit: {why}')
        self.problems += given.problems
        if given.problems:
            return Step(config.name, authenticator, _BROKEN)
        step = Step(config.name, authenticator, module, audit=given_module is not None and given_module.audit)
        if given_module is None or isinstance(module, Closed) or not isinstance(authenticator, FormBasedAuthenticator):
            return step
        return replace(step, session=session(self.key, config, given_module, module, self.settings.context_root))

    def _unknown(self, config: Realm | LoginModuleConfig, known: Collection[str]) -> Closed:
        if self.published and classes.is_custom(config.class_name):
            return Closed(classes.why_closed(config.class_name))
        kind = "realm" if isinstance(config, Realm) else "login module"
        message = f'{kind} "{config.name}" has an unknown class "{config.class_name}": known are {", ".join(known)}'
        self.problems.append(Problem(config.place, message))
        return _BROKEN


def _misfit(module: LoginModule, authenticator: Authenticator) -> str:
    """Why this login module would have nothing to judge under this authenticator, or another thing than it seems."""
    asks = isinstance(authenticator, BasicAuthenticator | FormBasedAuthenticator)
    match module:
        case SingleIdentity() if not asks:
            return "it judges a user name and a password, which BasicAuthenticator asks for"
        case HeaderLogin() | SourceNetwork() | GatewaySignature() if asks:
            return "it judges the request itself, which HeaderAuthenticator hands over"
        case SharedSecret(header="", parameter="") if not asks:
            return 'say with "header" or "parameter" where the secret comes, or take BasicAuthenticator'
        case SharedSecret() if asks and (module.header or module.parameter):
            return f'under {type(authenticator).__name__} the secret is the password: remove "header" and "parameter"'
        case _:
            return ""


def _step(test: RealmTest, realms: Mapping[str, Step]) -> Step:
    realm = realms.get(test.realm, Step(test.realm, HeaderAuthenticator(), _UNDEFINED))
    return replace(realm, names_user=test.is_internal_user_id)


def _use_problems(auth: AuthConfig, realms: Mapping[str, Step]) -> Iterator[Problem]:
    """What is wrong only because a resource uses it."""
    used = {resource.security_test for resource in auth.resources}
    for test in auth.security_tests:
        for each in test.tests:
            if test.name in used and each.realm in realms and realms[each.realm].login_module is classes.CONSOLE_UNSET:
                yield Problem(each.place, f'realm "{each.realm}" admits nobody: {classes.CONSOLE_UNSET.why}')
