"""Who calls, and with what request, as adapters see them: what ``WL.Server`` gives, under IBM's names.

The request's methods are those of Java's ``HttpServletRequest`` that adapters use; docs/reference/wl.md has them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from host.errors import BadCallback
from host.messages import HttpRequest, Identity, Pairs
from host.parameters import Parameters, from_urlencoded


@dataclass(frozen=True)
class ActiveUser:
    """Who was admitted; ``credentials`` are never handed on."""

    userId: str  # noqa: N815 - adapters see the published spelling
    displayName: str  # noqa: N815
    attributes: Mapping[str, Any] = field(default_factory=dict)
    credentials: None = None

    def plain(self) -> dict[str, Any]:
        """As JSON says it."""
        return {"userId": self.userId, "displayName": self.displayName, "attributes": {}, "credentials": None}


@dataclass(frozen=True)
class ClientRequest:
    """The request that a call came by, without the credentials of its security test.

    Of a text from a phone it has the parameters alone. ``headers`` have lower-case names.
    """

    parameters: Pairs = ()
    headers: Pairs = ()
    method: str = ""
    requestURL: str = ""  # noqa: N815
    queryString: str | None = None  # noqa: N815
    remoteAddr: str = ""  # noqa: N815

    def plain(self) -> dict[str, Any]:
        """As JSON says it; all the methods can be made of this."""
        return {
            "parameters": [list(pair) for pair in self.parameters],
            "headers": [list(pair) for pair in self.headers],
            "method": self.method,
            "requestURL": self.requestURL,
            "requestURI": self.getRequestURI(),
            "queryString": self.queryString,
            "remoteAddr": self.remoteAddr,
            "contentType": self.getContentType(),
        }

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise AttributeError(
            f"WL.Server.getClientRequest().{name} is not provided by this host: see docs/reference/wl.md for what is"
        )

    def getHeader(self, name: str) -> str | None:  # noqa: N802
        """The header, whatever its case; None where it was not sent."""
        return next(iter(self.getHeaders(name)), None)

    def getHeaders(self, name: str) -> list[str]:  # noqa: N802
        """Every value of the header."""
        return _under(name.lower(), self.headers)

    def getHeaderNames(self) -> list[str]:  # noqa: N802
        """In lower case."""
        return _names(self.headers)

    def getParameter(self, name: str) -> str | None:  # noqa: N802
        """The first value; None where it was not sent."""
        return next(iter(_under(name, self.parameters)), None)

    def getParameterValues(self, name: str) -> list[str] | None:  # noqa: N802
        """Every value, in the order sent; None where there is none."""
        return _under(name, self.parameters) or None

    def getParameterNames(self) -> list[str]:  # noqa: N802
        """In the order sent."""
        return _names(self.parameters)

    def getParameterMap(self) -> dict[str, list[str]]:  # noqa: N802
        """Every value by name."""
        return {name: _under(name, self.parameters) for name in _names(self.parameters)}

    def getQueryString(self) -> str | None:  # noqa: N802
        """As it was sent; None where there is none."""
        return self.queryString

    def getMethod(self) -> str:  # noqa: N802
        """``GET``, ``POST``."""
        return self.method

    def getRequestURI(self) -> str:  # noqa: N802
        """The path, percent-encoded, context root and all."""
        return urlsplit(self.requestURL).path

    def getRequestURL(self) -> str:  # noqa: N802
        """Without the query; as the public sees it."""
        return self.requestURL

    def getRemoteAddr(self) -> str:  # noqa: N802
        """The caller's address, behind trusted proxies."""
        return self.remoteAddr

    def getContentType(self) -> str | None:  # noqa: N802
        """Of the body; None where none was sent."""
        return self.getHeader("content-type")


def client_request(request: HttpRequest) -> ClientRequest:
    """An admitted request, without its credentials, as adapters see it."""
    return ClientRequest(
        parameters=_parameters(request).texts(),
        headers=tuple(request.headers.items()),
        method=request.method,
        requestURL=request.url.partition("?")[0],
        queryString=request.query.decode("ascii", "replace") or None,
        remoteAddr=request.peer,
    )


def active_user(identity: Identity) -> ActiveUser:
    """Who was admitted, as adapters see him."""
    return ActiveUser(identity.user, identity.display_name or identity.user)


def _parameters(request: HttpRequest) -> Parameters:
    """Those of the query alone where the body has no names, as a JSON array has none."""
    try:
        return request.parameters
    except BadCallback:
        return Parameters(from_urlencoded(request.query))


def _under(name: str, pairs: Pairs) -> list[str]:
    return [value for key, value in pairs if key == name]


def _names(pairs: Iterable[tuple[str, str]]) -> list[str]:
    return list(dict.fromkeys(name for name, _ in pairs))
