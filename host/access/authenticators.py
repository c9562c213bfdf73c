"""Authenticators: they take credentials out of a request; whether these are good is the login module's business."""

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from host.errors import BadCallback, Refused
from host.messages import HttpRequest
from host.parameters import FORM, MULTIPART, kind_of, read

#: The fields of IBM's login forms.
USER_FIELD, PASSWORD_FIELD = "j_username", "j_password"

#: Characters of a user's name.
LONGEST_USER = 200

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
        """For every caller without the right credentials."""
        return f'Basic realm={_quoted(self.realm)}, charset="UTF-8"'

    def credentials(self, request: HttpRequest) -> Credentials:
        """User name, never empty, and password; raises :class:`Refused`."""
        scheme, _, token = request.headers.get("authorization", "").strip().partition(" ")
        if scheme.lower() != "basic":
            raise Refused("no Basic credentials")
        user, colon, password = _decoded(token.strip()).partition(":")
        if not colon or not user:
            raise Refused("the Basic credentials hold no colon or no user name")
        if len(user) > LONGEST_USER:
            raise Refused(f"the user name has more than {LONGEST_USER} characters")
        return Credentials(request, user, password)


@dataclass(frozen=True)
class FormBasedAuthenticator:
    """User name and password from a form that is posted to ``/j_security_check``."""

    realm: str

    @property
    def challenge(self) -> str:
        """No registered scheme: it makes 401 of a refusal, and opens no window in a browser."""
        return f"Form realm={_quoted(self.realm)}"

    def credentials(self, request: HttpRequest) -> Credentials:
        """User name and password, neither empty; raises :class:`~host.errors.BadCallback` for what can be none."""
        form = form_of(request)
        for field_ in (USER_FIELD, PASSWORD_FIELD):
            if not form.get(field_):
                raise BadCallback(f'the form has no "{field_}", or an empty one')
        user = form[USER_FIELD]
        if len(user) > LONGEST_USER or _CONTROL.search(user):
            raise BadCallback(f'"{USER_FIELD}" has more than {LONGEST_USER} characters or a control character')
        return Credentials(request, user, form[PASSWORD_FIELD])


def form_of(request: HttpRequest) -> dict[str, str]:
    """The fields of a form in the body, the first of each name; what is in the query is written down by proxies.

    Raises :class:`~host.errors.BadCallback`.
    """
    content_type = request.headers.get("content-type", "")
    if kind_of(content_type)[0] not in {FORM, MULTIPART}:
        raise BadCallback("the body is no form: post application/x-www-form-urlencoded")
    found = read(b"", request.body, content_type)
    return {name: found[name] for name in found}


def _quoted(realm: str) -> str:
    """The realm's name in ASCII: a header takes nothing else."""
    shown = "".join(character if " " <= character <= "~" else "?" for character in realm)
    escaped = shown.replace("\\", r"\\").replace('"', r"\"")
    return f'"{escaped}"'


def _decoded(token: str) -> str:
    try:
        text = base64.b64decode(token, validate=True).decode()
    except (binascii.Error, ValueError):
        raise Refused("the Basic credentials are not base64 of UTF-8") from None  # the cause quotes from them
    if _CONTROL.search(text):
        raise Refused("the Basic credentials hold a control character")  # RFC 7617, section 2
    return text
