"""Authenticators: they take credentials out of a request; whether these are good is the login module's business."""

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from host.errors import Refused
from host.messages import HttpRequest

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Credentials:
    """What an authenticator hands to a login module; ``user`` is "" where it asks for none."""

    request: HttpRequest
    user: str = ""
    password: str = field(default="", repr=False)


class Authenticator(Protocol):
    """``challenge``: the WWW-Authenticate value that tells a caller what to bring, or ""."""

    @property
    def challenge(self) -> str: ...

    def credentials(self, request: HttpRequest) -> Credentials: ...


@dataclass(frozen=True)
class HeaderAuthenticator:
    """Asks for nothing: the request itself is the credential."""

    challenge: ClassVar[str] = ""

    def credentials(self, request: HttpRequest) -> Credentials:
        """The request."""
        return Credentials(request)


@dataclass(frozen=True)
class BasicAuthenticator:
    """User name and password from ``Authorization: Basic`` (RFC 7617, in UTF-8)."""

    realm: str

    @property
    def challenge(self) -> str:
        """The realm's name in ASCII: a header takes nothing else."""
        shown = "".join(character if " " <= character <= "~" else "?" for character in self.realm)
        quoted = shown.replace("\\", r"\\").replace('"', r"\"")
        return f'Basic realm="{quoted}", charset="UTF-8"'

    def credentials(self, request: HttpRequest) -> Credentials:
        """User name, never empty, and password; raises :class:`Refused`."""
        scheme, _, token = request.headers.get("authorization", "").strip().partition(" ")
        if scheme.lower() != "basic":
            raise Refused("no Basic credentials")
        user, colon, password = _decoded(token.strip()).partition(":")
        if not colon or not user:
            raise Refused("the Basic credentials hold no colon or no user name")
        return Credentials(request, user, password)


def _decoded(token: str) -> str:
    try:
        text = base64.b64decode(token, validate=True).decode()
    except (binascii.Error, ValueError):
        raise Refused("the Basic credentials are not base64 of UTF-8") from None  # the cause quotes from them
    if _CONTROL.search(text):
        raise Refused("the Basic credentials hold a control character")  # RFC 7617, section 2
    return text
