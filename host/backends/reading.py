"""What a back end's answer becomes in the result of ``invokeHttp``: JSON and XML as objects, everything else as text.

IBM's rules where they are known (docs/reference/invokehttp.md): by the type that the call or else the answer names; any
type with json or javascript in its name is JSON.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from host.backends import lenient, stylesheet
from host.backends.asking import Asked
from host.backends.charsets import known_as
from host.backends.options import Wanted
from host.backends.xmljson import Unreadable, as_json, html_options, known, parse_html, parse_xml, xml_options

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\s\"';]+)", re.IGNORECASE)
_IN_ORDER = ("json", "javascript", "html", "xml")  # application/xhtml+xml is HTML


def read(asked: Asked, wanted: Wanted, folder: Path, seconds: float) -> tuple[dict[str, Any], list[str]]:
    """What the answer says, and warnings.

    ``folder``: where stylesheets are; ``seconds``: how long one may run. Raises :class:`Unreadable` for what is not
    what it is to be read as, WLError for a stylesheet that cannot be used.
    """
    said = asked.headers.get("Content-Type", "")
    kind = _kind(wanted.content_type or said)
    if not asked.body.strip():
        return {}, []
    encoding = wanted.encoding or _charset(said)
    if kind in {"html", "xml"}:
        body, encoding = known(asked.body, encoding)
        root = parse_html(body, encoding) if kind == "html" else parse_xml(body, encoding)
        if not wanted.stylesheet:
            return as_json(root), []
        del root  # it can be read; the stylesheet's own process reads it again
        parser = kind, html_options(encoding) if kind == "html" else xml_options(encoding)
        return _transformed(stylesheet.apply(folder, wanted.stylesheet, body, parser, seconds))
    warnings = ["the transformation was not applied: the answer is no XML or HTML"] if wanted.stylesheet else []
    text = _decoded(asked.body, encoding)
    return (_json(text) if kind == "json" else {"text": text}), warnings


def _kind(content_type: str) -> str:
    name = content_type.partition(";")[0].casefold()
    found = next((each for each in _IN_ORDER if each in name), "text")
    return "json" if found == "javascript" else found


def _transformed(text: str) -> tuple[dict[str, Any], list[str]]:
    """What a stylesheet made: the JSON it is to make, XML, or else text."""
    if text.lstrip().startswith("<"):
        return as_json(parse_xml(text.encode(), "utf-8")), []
    try:
        value = lenient.loads(text)
    except (ValueError, RecursionError) as error:
        return {"text": text}, [f"what the stylesheet made is no JSON: {error}"]
    return _merged(value, text), []


def _json(text: str) -> dict[str, Any]:
    try:
        return _merged(json.loads(text, parse_constant=_no_constant), text)
    except (ValueError, RecursionError) as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise Unreadable(f"the answer is to be JSON, and is not: {why}") from error


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _merged(value: Any, text: str) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    return {"array": value} if isinstance(value, list) else {"text": text}


def _charset(content_type: str) -> str:
    """The encoding that a Content-Type names; "" for none, or one that nobody knows."""
    match = _CHARSET.search(content_type)
    try:
        return known_as(match[1]) if match else ""
    except (LookupError, ValueError):
        return ""


def _decoded(body: bytes, encoding: str) -> str:
    return body.decode(encoding or "utf-8", "replace").removeprefix("\ufeff")
