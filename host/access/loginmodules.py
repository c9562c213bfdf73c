"""Login modules: they judge the credentials an authenticator hands over, and name who it is.

A module raises :class:`~host.errors.Refused` saying why, never with a value that came or was expected.
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from host.access import peer
from host.access.authenticators import Credentials
from host.config.settings import Network
from host.errors import BadCallback, Refused
from host.gateways.base import Gateway
from host.messages import HttpRequest, Identity
from host.parameters import Parameters, from_urlencoded

_GATEWAY_IN_PATH = re.compile(r"/receiveSMS/([^/]+)(?:/.*)?")


class LoginModule(Protocol):
    """Says who the credentials belong to, admitted through this realm; raises :class:`Refused`."""

    def login(self, credentials: Credentials, realm: str) -> Identity: ...


@dataclass(frozen=True)
class Closed:
    """Refuses everybody, and knows why."""

    why: str

    def login(self, credentials: Credentials, realm: str) -> Identity:
        """Never gives anything."""
        raise Refused(self.why)


@dataclass(frozen=True)
class NonValidating:
    """Takes any credentials; under HeaderAuthenticator that is everybody."""

    def login(self, credentials: Credentials, realm: str) -> Identity:
        """The user name as given, or "anonymous"."""
        user = credentials.user or "anonymous"
        return Identity(user, realm, user)


@dataclass(frozen=True)
class SingleIdentity:
    """The one user of ``console.username`` and ``console.password``."""

    user: str
    password: str = field(repr=False)

    def login(self, credentials: Credentials, realm: str) -> Identity:
        """That user; both comparisons are always made, so that time says nothing."""
        right_user = _same(credentials.user, self.user)
        right_password = _same(credentials.password, self.password)
        if not (right_user and right_password):
            raise Refused("wrong user name or password")
        return Identity(self.user, realm, self.user)


@dataclass(frozen=True)
class HeaderLogin:
    """Believes the header in which a proxy in front names the user."""

    user_header: str
    display_header: str

    def login(self, credentials: Credentials, realm: str) -> Identity:
        """The named user."""
        headers = credentials.request.headers
        user = headers.get(self.user_header.lower(), "").strip()
        if not user:
            raise Refused(f'the header "{self.user_header}" is missing or empty')
        return Identity(user, realm, headers.get(self.display_header.lower(), "").strip() or user)


@dataclass(frozen=True)
class SharedSecret:
    """A secret in a header, in a parameter, or as the password of Basic credentials."""

    name: str
    secrets: tuple[str, ...] = field(repr=False)
    header: str = ""
    parameter: str = ""
    user: str = ""

    def login(self, credentials: Credentials, realm: str) -> Identity:
        """The user name given, else the configured one, else the login module's name."""
        brought = self._brought(credentials)
        matches = [
            hmac.compare_digest(brought, _bytes(secret)) for secret in self.secrets
        ]  # all, whatever the first says
        right_user = not (self.user and credentials.user) or _same(credentials.user, self.user)
        if not (brought and any(matches) and right_user):
            raise Refused(f"{self._where()}: {'wrong' if brought else 'missing'}")
        user = credentials.user or self.user or self.name
        return Identity(user, realm, user)

    def _brought(self, credentials: Credentials) -> bytes:
        if self.header:
            value = credentials.request.headers.get(self.header.lower(), "")
            return value.encode("latin-1", "backslashreplace")  # WSGI hands a header's bytes over as Latin-1
        if self.parameter:
            return _parameter(credentials.request, self.parameter)
        return _bytes(credentials.password)

    def _where(self) -> str:
        if self.header:
            return f'the secret in header "{self.header}"'
        return f'the secret in parameter "{self.parameter}"' if self.parameter else "the user name or password"


@dataclass(frozen=True)
class SourceNetwork:
    """The caller's address, after trusted proxies, lies in one of the networks."""

    networks: tuple[Network, ...]

    def login(self, credentials: Credentials, realm: str) -> Identity:
        """The address is the user."""
        address = peer.parse(credentials.request.peer)
        if address is None or not peer.within(address, self.networks):
            raise Refused("the caller's address is in none of the networks")
        return Identity(str(address), realm, str(address))


@dataclass(frozen=True)
class GatewaySignature:
    """The signature that a gateway puts on its requests, checked by its dialect.

    The gateway in the path is asked, and ``gateway`` where the path names none: a valid signature of one gateway never
    speaks for another.
    """

    gateways: Mapping[str, Gateway]
    gateway: str = ""

    def login(self, credentials: Credentials, realm: str) -> Identity:
        """The gateway's id is the user."""
        match = _GATEWAY_IN_PATH.fullmatch(credentials.request.path)
        name = match[1] if match else self.gateway
        gateway = self.gateways.get(name)
        if gateway is None:
            raise Refused("the path names no gateway whose signature could be checked")
        try:
            signed = gateway.verify(credentials.request)
        except BadCallback as error:
            raise Refused(f'the signature of gateway "{name}" cannot be read') from error
        if not signed:
            raise Refused(f'no valid signature of gateway "{name}"')
        return Identity(name, realm, name)


def _parameter(request: HttpRequest, name: str) -> bytes:
    in_query = Parameters(from_urlencoded(request.query))
    if name in in_query:
        return in_query.raw(name)  # whatever the body is: what is wrong with it is said to who was admitted
    try:
        return request.parameters.raw(name)
    except BadCallback as error:
        raise Refused("the request's parameters cannot be read") from error


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(_bytes(given), _bytes(expected))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # a .properties file can spell lone surrogates
