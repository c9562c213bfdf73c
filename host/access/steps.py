"""The realms that a security test walks, step by step: who each says it is, and what it has of the request."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from host.access.authenticators import (
    PASSWORD_FIELD,
    USER_FIELD,
    Authenticator,
    BasicAuthenticator,
    FormBasedAuthenticator,
)
from host.access.loginmodules import Closed, GatewaySignature, LoginModule, SharedSecret
from host.access.sessions import Session
from host.errors import Refused
from host.messages import HttpRequest, Identity
from host.parameters import Parameters, from_urlencoded

audit = logging.getLogger("smshost.audit")

_LONGEST_SHOWN = 100


@dataclass(frozen=True)
class Step:
    """One realm of a security test. ``names_user``: the Identity is taken from this one.

    ``audit``: every login is written down. ``session``: where callers log in first, and are known by it.
    """

    realm: str
    authenticator: Authenticator
    login_module: LoginModule
    names_user: bool = False
    audit: bool = False
    session: Session | None = None

    def login(self, request: HttpRequest, final: bool = True) -> Identity:
        """Who it is; raises :class:`Refused`, with a challenge where credentials could help.

        ``final``: False where it is asked again in a moment, with the body.
        """
        if self.session is None:
            return self.judge(request, final)
        with self._named():
            return self.session.identity(request)

    def judge(self, request: HttpRequest, final: bool = True) -> Identity:
        """Who it is by the credentials in the request itself; raises as :meth:`login`."""
        with self._named():
            credentials = self.authenticator.credentials(request)
            try:
                identity = self.login_module.login(credentials, self.realm)
            except Refused:
                self._write_down(credentials.user, request.peer, "refused")
                raise
            if final:
                self._write_down(identity.user, request.peer, "admitted")
            return identity

    def _write_down(self, user: str, peer: str, outcome: str) -> None:
        if self.audit:
            shown = ascii(user[:_LONGEST_SHOWN])
            audit.info("login user=%s realm=%a peer=%s outcome=%s", shown, self.realm, peer, outcome)

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except Refused as refusal:
            raise Refused(f'realm "{self.realm}": {refusal}', self.authenticator.challenge) from refusal

    def parameter(self) -> str:
        """The request parameter that carries this realm's credential, or ""."""
        return self.login_module.parameter if isinstance(self.login_module, SharedSecret) else ""

    def parameters(self) -> tuple[str, ...]:
        """Every request parameter that may hold a credential of this realm, even in the wrong place."""
        if isinstance(self.authenticator, FormBasedAuthenticator):
            return (USER_FIELD, PASSWORD_FIELD)
        return (self.parameter(),) if self.parameter() else ()

    def header(self) -> str:
        """The header that carries this realm's credential, in lower case, or ""."""
        if isinstance(self.authenticator, BasicAuthenticator):
            return "authorization"
        if isinstance(self.authenticator, FormBasedAuthenticator):
            return "cookie"
        return self.login_module.header.lower() if isinstance(self.login_module, SharedSecret) else ""

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
            step.login(request, final=False)
        return None


def walk(steps: tuple[Step, ...], unsupported: tuple[str, ...]) -> Walk:
    """A security test; closed as a whole, without a challenge, where one part of it admits nobody."""
    if unsupported:
        return Walk(steps, f"its security test asks for what this host cannot check: {', '.join(unsupported)}")
    shut = ((step.realm, step.login_module) for step in steps)
    reasons = [f'realm "{realm}": {module.why}' for realm, module in shut if isinstance(module, Closed)]
    return Walk(steps, reasons[0] if reasons else "" if steps else "its security test has no realm")
