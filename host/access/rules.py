"""The rules in force: which resource governs a path, which realms its security test walks, and the verdict."""

from collections.abc import Mapping
from dataclasses import dataclass

from host.access.authenticators import Authenticator
from host.access.loginmodules import Closed, LoginModule
from host.access.paths import Pattern, trick
from host.config.authconfig import UNPROTECTED, Resource
from host.errors import Refused
from host.messages import HttpRequest, Identity

_LONGEST_SHOWN = 100


@dataclass(frozen=True)
class Step:
    """One realm of a security test. ``names_user``: the Identity is taken from this one."""

    realm: str
    authenticator: Authenticator
    login_module: LoginModule
    names_user: bool = False

    def login(self, request: HttpRequest) -> Identity:
        """Who it is; raises :class:`Refused`, with a challenge where credentials could help."""
        try:
            return self.login_module.login(self.authenticator.credentials(request), self.realm)
        except Refused as refusal:
            raise Refused(f'realm "{self.realm}": {refusal}', self.authenticator.challenge) from refusal


@dataclass(frozen=True)
class Walk:
    """A security test's realms in step order. ``closed``: why nobody passes it, or ""."""

    steps: tuple[Step, ...]
    closed: str = ""

    def login(self, request: HttpRequest) -> Identity:
        """Every step must admit; the first refusal ends it."""
        if self.closed:
            raise Refused(self.closed)
        identities = [step.login(request) for step in self.steps]
        named = [identity for step, identity in zip(self.steps, identities, strict=True) if step.names_user]
        return (named or identities[-1:])[0]


@dataclass(frozen=True)
class AccessRules:
    """Everything ``authenticationConfig.xml`` opens. ``patterns``: the most specific first."""

    patterns: tuple[Pattern, ...]
    walks: Mapping[str, Walk]

    def resource_for(self, path: str) -> Resource | None:
        """The resource whose most specific pattern governs the path; None where there is none."""
        if trick(path):
            return None
        return next((pattern.resource for pattern in self.patterns if pattern.matches(path)), None)

    def shares_resource(self, path_a: str, path_b: str) -> bool:
        """Whether one resource governs both paths, so that who passed for one has passed for the other."""
        resource = self.resource_for(path_a)
        return resource is not None and resource is self.resource_for(path_b)


def admit(rules: AccessRules, request: HttpRequest) -> Identity:
    """Who is asking; raises :class:`Refused`, whose text names resource, realm and reason but no credential."""
    if why := trick(request.path):
        raise Refused(f"path {_shown(request.path)}: {why}")
    resource = rules.resource_for(request.path)
    if resource is None:
        raise Refused(f"path {_shown(request.path)}: no resource in authenticationConfig.xml opens it")
    if resource.security_test == UNPROTECTED:
        return Identity("anonymous", UNPROTECTED, "anonymous")
    try:
        return rules.walks.get(resource.security_test, _NO_TEST).login(request)
    except Refused as refusal:
        raise Refused(f'resource "{resource.id}", {refusal}', refusal.challenge) from refusal


def walk(steps: tuple[Step, ...], unsupported: tuple[str, ...]) -> Walk:
    """A security test; closed as a whole, without a challenge, where one part of it admits nobody."""
    if unsupported:
        return Walk(steps, f"its security test asks for what this host cannot check: {', '.join(unsupported)}")
    shut = ((step.realm, step.login_module) for step in steps)
    reasons = [f'realm "{realm}": {module.why}' for realm, module in shut if isinstance(module, Closed)]
    return Walk(steps, reasons[0] if reasons else "" if steps else "its security test has no realm")


def _shown(path: str) -> str:
    return ascii(path[:_LONGEST_SHOWN])


_NO_TEST = Walk((), "its security test does not exist")
