"""What a call of ``WL.Server.invokeHttp`` asks for, checked before anybody is contacted."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus

from host.alphabet import clean
from host.backends.charsets import known_as
from host.errors import WLError

METHODS = ("get", "post", "put", "delete", "head")
OPTIONS = (
    "method",
    "path",
    "returnedContentType",
    "returnedContentEncoding",
    "parameters",
    "headers",
    "cookies",
    "body",
    "transformation",
    "connectionTimeoutInMilliseconds",
    "socketTimeoutInMilliseconds",
)
FORM = "application/x-www-form-urlencoded; charset=utf-8"

_PLAIN = "text/plain; charset=utf-8"
_JSON = "application/json; charset=utf-8"

_IN_A_TARGET = "!$&'()*+,;=:@/?%~-._"  # "#" would cut the rest off, and is sent as %23
_OURS = {"content-length", "transfer-encoding", "connection"}  # said by what sends the body
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LINE_END = re.compile(r"[\r\n\0]")
_CHARSET = re.compile(r"charset\s*=\s*\"?([^\s\";]+)", re.IGNORECASE)
_LONGEST_MILLISECONDS = 3_600_000


@dataclass(frozen=True)
class Wanted:
    """A checked call. ``target``: what follows the host in the address. ``stylesheet``: a file's name, or "".

    ``content_type`` and ``encoding``: how the answer is to be read, or "" for how it says. Timeouts are seconds, None
    for the policy's. ``warnings``: of options that nobody knows.
    """

    method: str
    target: str = field(repr=False)  # it may carry an API key
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)
    content_type: str = ""
    encoding: str = ""
    stylesheet: str = ""
    connect_timeout: float | None = None
    read_timeout: float | None = None
    warnings: tuple[str, ...] = ()

    @classmethod
    def from_options(cls, options: object) -> "Wanted":
        """What the options say; raises :class:`WLError` for what no call can be."""
        if not isinstance(options, Mapping):
            raise WLError(f'invokeHttp takes an object such as {{"method": "get", "path": "/"}}, not {options!r:.200}')
        method = _method(options.get("method"))
        body, content_type = _body(options.get("body"), method)
        pairs = _encoded(options.get("parameters"))
        target = _target(options.get("path"))
        if pairs and body is None and method in {"POST", "PUT"}:
            body, content_type = pairs.encode(), FORM
        elif pairs:
            target = f"{target}?{pairs}"
        return cls(
            method,
            target,
            _headers(options, content_type),
            body,
            _text(options, "returnedContentType").casefold(),
            _encoding(_text(options, "returnedContentEncoding")),
            _stylesheet(options.get("transformation")),
            _seconds(options, "connectionTimeoutInMilliseconds"),
            _seconds(options, "socketTimeoutInMilliseconds"),
            tuple(f'invokeHttp has no option "{each}": ignored' for each in options if each not in OPTIONS),
        )


def _method(given: object) -> str:
    if not isinstance(given, str) or given.casefold() not in METHODS:
        raise WLError(f"invokeHttp: method is one of {', '.join(METHODS)}, not {given!r:.200}")
    return given.upper()


def _target(given: object) -> str:
    """The path as it is given: nothing in it leads to another host, for the host is already written before it."""
    if not isinstance(given, str):
        raise WLError(f"invokeHttp: path is a string, not {given!r:.200}")
    path = given if given.startswith("/") else f"/{given}"
    return quote(clean(path), safe=_IN_A_TARGET)


def _encoded(parameters: object) -> str:
    if parameters is None:
        return ""
    if not isinstance(parameters, Mapping):
        raise WLError(f"invokeHttp: parameters is an object of names and values, not {type(parameters).__name__}")
    return "&".join(
        f"{quote_plus(clean(str(name)))}={quote_plus(clean(value))}"
        for name, given in parameters.items()
        for value in _values("parameters", name, given)
    )


def _values(what: str, name: object, given: object) -> Iterator[str]:
    """A value as text, the members of a list one by one, nothing for None."""
    if isinstance(given, list | tuple):
        for each in given:
            yield from _values(what, name, each)
    elif isinstance(given, bool):
        yield str(given).lower()
    elif isinstance(given, float) and given.is_integer():
        yield str(int(given))  # as JavaScript writes numbers
    elif isinstance(given, str | int | float):
        yield str(given)
    elif given is not None:
        raise WLError(f"invokeHttp: {what}.{name} is a string or number, not {type(given).__name__}")


def _headers(options: Mapping[Any, Any], content_type: str) -> dict[str, str]:
    headers = dict(_pairs(options.get("headers"), "headers"))
    headers = {name: value for name, value in headers.items() if name.casefold() not in _OURS}
    named = {name.casefold() for name in headers}
    if content_type and "content-type" not in named:
        headers["Content-Type"] = content_type
    cookies = "; ".join(f"{name}={value}" for name, value in _pairs(options.get("cookies"), "cookies"))
    if cookies:
        headers = {name: value for name, value in headers.items() if name.casefold() != "cookie"}
        headers["Cookie"] = cookies
    return headers


def _pairs(given: object, what: str) -> Iterator[tuple[str, str]]:
    if given is None:
        return
    if not isinstance(given, Mapping):
        raise WLError(f"invokeHttp: {what} is an object of names and values, not {type(given).__name__}")
    for name, value in given.items():
        if not isinstance(name, str) or not _HEADER.fullmatch(name):
            raise WLError(f"invokeHttp: {name!r:.200} is no name in {what}")
        if value is None:
            continue
        text = ", ".join(_values(what, name, value)).strip()
        if _LINE_END.search(text) or (what == "cookies" and ";" in text):
            raise WLError(f"invokeHttp: {what}.{name} holds a character that would end it")
        yield name, text.encode("utf-8", "replace").decode("latin-1")  # http.client writes headers as ISO-8859-1


def _body(given: object, method: str) -> tuple[bytes | None, str]:
    if given is None:
        return None, ""
    if method in {"GET", "HEAD"}:
        raise WLError(f'invokeHttp: a "{method.lower()}" takes no body: use parameters, or "post"')
    content = given.get("content") if isinstance(given, Mapping) else None
    if not isinstance(given, Mapping) or not isinstance(content, str | Mapping | list):
        form = '{"contentType": "...", "content": "..."}'
        raise WLError(f"invokeHttp: body is {form}, its content a string, or an object that is sent as JSON")
    content_type = given.get("contentType") or (_PLAIN if isinstance(content, str) else _JSON)
    if not isinstance(content_type, str) or _LINE_END.search(content_type):
        raise WLError(f"invokeHttp: body.contentType is a string such as text/xml, not {content_type!r:.200}")
    charset = _CHARSET.search(content_type)
    encoding = _encoding(charset[1]) if charset else "utf-8"
    return _written(content).encode(encoding, "replace"), content_type


def _written(content: str | Mapping[Any, Any] | list[Any]) -> str:
    try:
        return content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise WLError(f"invokeHttp: body.content cannot be JSON: {error}") from error


def _text(options: Mapping[Any, Any], name: str) -> str:
    given = options.get(name)
    if given is not None and not isinstance(given, str):
        raise WLError(f"invokeHttp: {name} is a string, not {given!r:.200}")
    return (given or "").strip()


def _encoding(name: str) -> str:
    """The name of a known encoding of text; raises :class:`WLError` for any other."""
    try:
        return known_as(name) if name else ""
    except (LookupError, ValueError) as error:
        raise WLError(f"invokeHttp: {name!r:.200} is no encoding") from error


def _stylesheet(given: object) -> str:
    if given is None:
        return ""
    kind = given.get("type", "xslFile" if "xslFile" in given else "default") if isinstance(given, Mapping) else None
    if not isinstance(given, Mapping) or kind not in {"xslFile", "default"}:
        raise WLError('invokeHttp: transformation is {"type": "xslFile", "xslFile": "name.xsl"} or {"type": "default"}')
    if kind == "default":
        return ""
    name = given.get("xslFile")
    if not isinstance(name, str) or not name:
        raise WLError(f"invokeHttp: transformation.xslFile is a file's name, not {name!r:.200}")
    return name


def _seconds(options: Mapping[Any, Any], name: str) -> float | None:
    given = options.get(name)
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 < given <= _LONGEST_MILLISECONDS:
        raise WLError(f"invokeHttp: {name} is a number of milliseconds above 0, not {given!r:.200}")
    return given / 1000
