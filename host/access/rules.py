"""The rules in force: which resource governs a path, which realms its security test walks, and the verdict."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from host.access.authenticators import Authenticator
from host.access.loginmodules import Closed, GatewaySignature, LoginModule, SharedSecret
from host.access.paths import Pattern, trick
from host.access.stripped import without
from host.config.authconfig import UNPROTECTED, Resource
from host.errors import Refused
from host.messages import HttpRequest, Identity
from host.parameters import Parameters, from_urlencoded

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

    def parameter(self) -> str:
        """The request parameter that carries this realm's credential, or ""."""
        return self.login_module.parameter if isinstance(self.login_module, SharedSecret) else ""

    def needs_body(self, request: HttpRequest) -> bool:
        """Whether the body has a say in the verdict."""
        if name := self.parameter():
            return name not in Parameters(from_urlencoded(request.query))
        return isinstance(self.login_module, GatewaySignature)


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

    def knock(self, request: HttpRequest) -> Identity | None:
        """Raise what the steps that need no body raise; gives who it is where those were all."""
        if self.closed:
            raise Refused(self.closed)
        settled = [step for step in self.steps if not step.needs_body(request)]
        if len(settled) == len(self.steps):
            return self.login(request)
        for step in settled:
            step.login(request)
        return None


@dataclass(frozen=True)
class AccessRules:
    """Everything ``authenticationConfig.xml`` opens. ``patterns``: the most specific first."""

    patterns: tuple[Pattern, ...]
    walks: Mapping[str, Walk]
    _found: dict[str, Resource | None] = field(default_factory=dict, repr=False, compare=False)

    def resource_for(self, path: str) -> Resource | None:
        """The resource whose most specific pattern governs the path; None where there is none."""
        try:
            return self._found[path]
        except KeyError:
            if len(self._found) >= _REMEMBERED:
                self._found.clear()
        found = None if trick(path) else next((each.resource for each in self.patterns if each.matches(path)), None)
        self._found[path] = found
        return found

    def shares_resource(self, path_a: str, path_b: str) -> bool:
        """Whether one resource governs both paths, so that who passed for one has passed for the other."""
        resource = self.resource_for(path_a)
        return resource is not None and resource is self.resource_for(path_b)


def admit(rules: AccessRules, request: HttpRequest) -> Identity:
    """Who is asking; raises :class:`Refused`, whose text names resource, realm and reason but no credential."""
    resource, steps = _walk(rules, request.path)
    if resource.security_test == UNPROTECTED:
        return Identity("anonymous", UNPROTECTED, "anonymous")
    with _naming(resource):
        return steps.login(request)


def knock(rules: AccessRules, request: HttpRequest) -> Identity | None:
    """Refuse, as :func:`admit` would, what needs no body to be refused: nobody waits for the body of a stranger.

    Gives who it is where that is known already: None where only the body can tell, or nobody is asked who he is.
    """
    resource, steps = _walk(rules, request.path)
    if resource.security_test == UNPROTECTED:
        return None
    with _naming(resource):
        return steps.knock(request)


def without_credentials(rules: AccessRules, request: HttpRequest) -> HttpRequest:
    """An admitted request without the parameters that its security test took credentials from.

    Raises :class:`~host.errors.BadCallback` where the body is broken.
    """
    _, steps = _walk(rules, request.path)
    return without(request, {name for step in steps.steps if (name := step.parameter())})


def _walk(rules: AccessRules, path: str) -> tuple[Resource, Walk]:
    if why := trick(path):
        raise Refused(f"path {_shown(path)}: {why}")
    resource = rules.resource_for(path)
    if resource is None:
        raise Refused(f"path {_shown(path)}: no resource in authenticationConfig.xml opens it")
    return resource, rules.walks.get(resource.security_test, _NO_TEST)


@contextmanager
def _naming(resource: Resource) -> Iterator[None]:
    try:
        yield
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


_REMEMBERED = 1024  # paths; strangers may ask for any
_NO_TEST = Walk((), "its security test does not exist")
