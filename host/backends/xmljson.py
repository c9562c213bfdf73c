"""XML and HTML as JSON, in the shape that IBM's adapters were written for.

An element is its text, or an object of its attributes and children by their names without prefix; text beside those is
``CDATA``; what comes several times is an array. Namespace declarations are properties too, under their prefix or
``xmlns``. Read without trust: no entities, no files, no network.
"""

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from host.errors import HostError

_REASON = re.compile(r",? line \d+, column \d+.*$")
_MOST_DEEP = 200
_SHUT = {"no_network": True, "huge_tree": False, "remove_comments": True, "remove_pis": True}


class Unreadable(HostError):
    """The back end sent what it was not to be read as."""


def xml_options(encoding: str) -> dict[str, Any]:
    """How lxml's parser is to read XML."""
    return {**_SHUT, "resolve_entities": False, "load_dtd": False, "encoding": encoding or None}


def html_options(encoding: str) -> dict[str, Any]:
    """How lxml's parser is to read HTML."""
    return {**_SHUT, "encoding": encoding or "utf-8"}


def parse_xml(data: bytes, encoding: str = "") -> etree._Element:
    """The root element; ``encoding`` goes before what the document says. Raises :class:`Unreadable`."""
    data, encoding = known(data, encoding)
    try:
        root: etree._Element = etree.fromstring(data, etree.XMLParser(**xml_options(encoding)))
    except (etree.XMLSyntaxError, ValueError) as error:
        why = _REASON.sub("", str(error)).strip()
        raise Unreadable(f"the answer is to be XML, and is not well-formed: {why}") from error
    own: Any = root.getroottree().docinfo.internalDTD  # whose stubs lack these
    if own is not None and (own.entities() or own.elements()):  # in attributes they are resolved all the same
        raise Unreadable("the answer's DOCTYPE declares something of its own: such XML is not read")
    return root


def parse_html(data: bytes, encoding: str = "") -> etree._Element:
    """The ``html`` element of what a browser would show; raises :class:`Unreadable`."""
    data, encoding = known(data, encoding)
    try:
        root: etree._Element | None = etree.fromstring(data, etree.HTMLParser(**html_options(encoding)))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable("the answer is to be HTML, and is not") from error
    if root is None:
        raise Unreadable("the answer is to be HTML, and is not")
    return root


def known(data: bytes, encoding: str) -> tuple[bytes, str]:
    """The document in an encoding that the parser knows by this name: Python spells many otherwise, and knows more."""
    try:
        etree.XMLParser(encoding=encoding or None)
    except LookupError:
        return data.decode(encoding, "replace").removeprefix("\ufeff").encode("utf-8", "replace"), "utf-8"
    return data, encoding


def as_json(root: etree._Element) -> dict[str, Any]:
    """An object whose one property is the root; raises :class:`Unreadable` for what is nested too deeply."""
    try:
        return {_name(root.tag): _value(root, {}, 0)}
    except RecursionError as error:  # whoever called this is deep already
        raise Unreadable(f"the answer's elements are nested more than {_MOST_DEEP} deep") from error


def _value(element: etree._Element, around: dict[Any, str], depth: int) -> Any:
    if depth > _MOST_DEEP:
        raise Unreadable(f"the answer's elements are nested more than {_MOST_DEEP} deep")
    found: dict[str, Any] = {}
    for name, value in _properties(element, around, depth):
        _put(found, name, value)
    text = "".join(_texts(element)).strip()
    if not found:
        return text
    if text:
        _put(found, "CDATA", text)
    return found


def _properties(element: etree._Element, around: dict[Any, str], depth: int) -> Iterator[tuple[str, Any]]:
    spaces = dict(element.nsmap)
    for prefix, uri in spaces.items():
        if around.get(prefix) != uri:
            yield prefix or "xmlns", uri
    for name, value in element.attrib.items():
        yield _name(name), str(value)
    for child in element:
        if isinstance(child.tag, str):
            yield _name(child.tag), _value(child, spaces, depth + 1)


def _texts(element: etree._Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.tag is etree.Entity:  # one that nobody declared, as it is written
            yield str(child.text or "")
        yield child.tail or ""


def _put(found: dict[str, Any], name: str, value: Any) -> None:
    if name not in found:
        found[name] = value
    elif isinstance(found[name], list):
        found[name].append(value)
    else:
        found[name] = [found[name], value]


def _name(tag: Any) -> str:
    return str(etree.QName(tag).localname)
