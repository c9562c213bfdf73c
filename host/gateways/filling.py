"""Templates with ``{names}`` in them, filled so that no value can leave its place in JSON, XML or a form."""

import json
import re
from collections.abc import Callable, Mapping
from urllib.parse import quote
from xml.sax.saxutils import escape

from host.gateways.markup import legal
from host.parameters import FORM, kind_of

Escape = Callable[[str], str]

_PLACE = re.compile(r"\{([A-Za-z][A-Za-z0-9_.-]*)\}")


def is_json(content_type: str) -> bool:
    """``application/json`` and its kin."""
    kind = kind_of(content_type)[0]
    return kind.endswith(("/json", "+json"))


def escape_for(content_type: str) -> Escape:
    """How a value is written inside a body of this type: inside quotes in JSON, inside an element or quotes in XML."""
    kind = kind_of(content_type)[0]
    if is_json(content_type):
        return in_json
    if kind.endswith(("/xml", "+xml")):
        return _in_xml
    return in_url if kind == FORM else str


def in_json(value: str) -> str:
    """The value as it stands between the quotes of a JSON string."""
    return json.dumps(value, ensure_ascii=False)[1:-1]


def in_url(value: str) -> str:
    """The value percent-encoded; a space is ``%20``."""
    return quote(value, safe="")


def _in_xml(value: str) -> str:
    return escape(legal(value), {'"': "&quot;", "'": "&apos;"})


def names_in(template: str) -> set[str]:
    """The names that a template has places for."""
    return set(_PLACE.findall(template))


def filled(template: str, values: Mapping[str, str], escaped: Escape = str) -> str:
    """The template with its places filled, all at once: what a value holds is no place; unknown names stay."""
    return _PLACE.sub(lambda match: escaped(values[match[1]]) if match[1] in values else match[0], template)
