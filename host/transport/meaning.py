"""What a failed exchange means for the text: did it leave, or did it not?"""

import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import NameResolutionError, NewConnectionError

from host.errors import GiveUp, OutcomeUnknown, SendError, TryLater
from host.messages import HttpRequest

_HANDSHAKE = ("WRONG_VERSION", "UNSUPPORTED", "HANDSHAKE", "NO_SHARED")  # OpenSSL's reasons before any data is sent


class NeverLeft(Exception):
    """The request was not sent, or not so much of it that anybody could act on it; its cause says why."""


def translated(error: Exception, request: HttpRequest) -> SendError:
    """An error of the libraries in the host's words."""
    where = urlsplit(request.url).netloc.rpartition("@")[2]
    reason = _reason(error)
    if isinstance(error, requests.exceptions.ConnectTimeout) or _is_connect_timeout(error):
        return TryLater(f"{where} did not accept a connection in time", about_gateway=True)
    if isinstance(error, requests.exceptions.ProxyError) or _never_left(error):
        return TryLater(f"{where} could not be reached: {reason}", about_gateway=True)
    if isinstance(error, ValueError):  # requests' InvalidURL and its kin
        return GiveUp(f"the request to {where} cannot be made: {reason}")
    return OutcomeUnknown(f"{where} did not answer: {reason}")


def _is_connect_timeout(error: Exception) -> bool:
    return isinstance(error, NeverLeft) and isinstance(error.__cause__, TimeoutError)


def _never_left(error: BaseException) -> bool:
    """Whether there was no connection to leave by, or no agreement on how to encrypt it."""
    for each in causes(error):
        if isinstance(each, NeverLeft | NewConnectionError | NameResolutionError | ssl.SSLCertVerificationError):
            return True
        if isinstance(each, ssl.SSLError) and any(word in str(each.reason) for word in _HANDSHAKE):
            return True
    return False


def _reason(error: BaseException) -> str:
    """The innermost reason; the outer ones quote the whole URL, which carries the gateway's credentials."""
    *_, innermost = causes(error)
    said = innermost.strerror if isinstance(innermost, OSError) else None
    return said or type(innermost).__name__


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it wraps, outermost first: requests wraps urllib3, which wraps the socket's error."""
    while isinstance(error, BaseException):
        yield error
        wrapped = getattr(error, "reason", None) or (error.args[0] if error.args else None)
        error = wrapped if isinstance(wrapped, BaseException) else error.__cause__ or error.__context__
