"""The rules in force: which resource governs a path, which realms its security test walks, and the verdict."""

from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass, field

from host.access.calls import is_call, judged_path, names_in_body
from host.access.loginmodules import GatewaySignature
from host.access.paths import Pattern, trick
from host.access.steps import Step, Walk
from host.access.stripped import without
from host.config.authconfig import UNPROTECTED, Resource
from host.errors import Refused
from host.messages import HttpRequest, Identity

#: The path of logging in by a form; open where there is a realm to log in to, and no resource governs it.
LOGIN = "/j_security_check"

_LONGEST_SHOWN = 100


@dataclass(frozen=True)
class AccessRules:
    """Everything ``authenticationConfig.xml`` opens. ``patterns``: the most specific first.

    ``procedures``: the paths of those that adapters' manifests declare, each with the security test that it names.
    ``forms``: the realms that callers log in to by a form, of security tests that somebody may pass.
    """

    patterns: tuple[Pattern, ...]
    walks: Mapping[str, Walk]
    procedures: Mapping[str, str | None] = field(default_factory=dict)
    forms: Mapping[str, Step] = field(default_factory=dict)
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

    def can_be_passed(self, security_test: str) -> bool:
        """Whether this security test lets anybody in at all."""
        return security_test == UNPROTECTED or not self.walk_of(security_test).closed

    def walk_of(self, security_test: str) -> Walk:
        """The realms of a security test; one that nobody passes where it is not defined."""
        return self.walks.get(security_test, _NO_TEST)

    def opens(self, door: str) -> bool:
        """Whether anybody may come in at this path, or at one that starts with it."""
        reaching = (each for each in self.patterns if each.reaches(door))
        return any(self.can_be_passed(each.resource.security_test) for each in reaching)

    def opens_procedures(self) -> bool:
        """Whether anybody may call any procedure."""
        return any(self.can_be_passed(test) for path in self.procedures if (test := self.test_of(path)))

    def test_of(self, procedure: str) -> str | None:
        """The security test of a procedure's path: its own, or the one of the resource that governs it; else None."""
        named = self.procedures.get(procedure)
        resource = self.resource_for(procedure) if named is None and procedure in self.procedures else None
        return resource.security_test if resource else named

    def shares_resource(self, path_a: str, path_b: str) -> bool:
        """Whether one resource governs both paths, so that who passed for one has passed for the other."""
        resource = self.resource_for(path_a)
        return resource is not None and resource is self.resource_for(path_b)

    def signers_at(self, path: str) -> Set[str]:
        """The gateways whose signatures are asked for at a path that names none; each speaks for itself alone."""
        resource = self.resource_for(path)
        steps = self.walk_of(resource.security_test).steps if resource else ()
        return {each.login_module.gateway for each in steps if isinstance(each.login_module, GatewaySignature)}


@dataclass(frozen=True)
class Guarded:
    """What a request asks for; ``title`` names it in refusals."""

    title: str
    security_test: str
    walk: Walk

    @property
    def is_open(self) -> bool:
        """Whether nobody is asked who he is."""
        return self.security_test == UNPROTECTED

    @contextmanager
    def named(self) -> Iterator[None]:
        """Refusals meanwhile name it."""
        try:
            yield
        except Refused as refusal:
            raise Refused(f"{self.title}, {refusal}", refusal.challenge) from refusal


def admit(rules: AccessRules, request: HttpRequest) -> Identity:
    """Who is asking; raises :class:`Refused`, whose text names resource, realm and reason but no credential."""
    guarded = _guarded(rules, request)
    if guarded.is_open:
        return Identity("anonymous", UNPROTECTED, "anonymous")
    with guarded.named():
        return guarded.walk.login(request)


def knock(rules: AccessRules, request: HttpRequest) -> Identity | None:
    """Refuse, as :func:`admit` would, what needs no body to be refused: nobody waits for the body of a stranger.

    Gives who it is where that is known already: None where only the body can tell, or nobody is asked who he is.
    """
    if names_in_body(request) and rules.opens_procedures():
        return None
    guarded = _guarded(rules, request)
    if guarded.is_open:
        return None
    with guarded.named():
        return guarded.walk.knock(request)


def without_credentials(rules: AccessRules, request: HttpRequest) -> HttpRequest:
    """An admitted request without the parameters and headers that its security test took credentials from.

    Raises :class:`~host.errors.BadCallback` where the body is broken.
    """
    steps = _guarded(rules, request).walk.steps
    headers = {name for step in steps if (name := step.header())}
    return without(request, {name for step in steps for name in step.parameters()}, headers)


def _guarded(rules: AccessRules, request: HttpRequest) -> Guarded:
    if why := trick(request.path):
        raise Refused(f"path {_shown(request.path)}: {why}")
    if request.path == LOGIN and rules.forms:
        return Guarded("logging in", UNPROTECTED, Walk(()))
    if is_call(request.path):
        return _procedure(rules, judged_path(request))
    resource = rules.resource_for(request.path)
    if resource is None:
        raise Refused(f"path {_shown(request.path)}: no resource in authenticationConfig.xml opens it")
    return Guarded(f'resource "{resource.id}"', resource.security_test, rules.walk_of(resource.security_test))


def _procedure(rules: AccessRules, path: str) -> Guarded:
    if path not in rules.procedures:
        raise Refused(f"path {_shown(path)}: no adapter's manifest declares this procedure")
    test = rules.test_of(path)
    if test is None:
        raise Refused(f"path {path}: its manifest names no securityTest, and no resource opens it")
    return Guarded(f'procedure {path}, security test "{test}"', test, rules.walk_of(test))


def _shown(path: str) -> str:
    return ascii(path[:_LONGEST_SHOWN])


_REMEMBERED = 1024  # paths; strangers may ask for any
_NO_TEST = Walk((), "its security test does not exist")
