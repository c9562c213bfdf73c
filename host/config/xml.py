"""XML files, read without trust: no DOCTYPE, no entities, no network, bounded depth and size.

https://lxml.de/parsing.html#parser-options - an element's place is the line on which its start tag ends.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar, cast

from lxml import etree

from host.config.kinds import Kind
from host.config.malformed import line_of, remedy
from host.config.references import did_you_mean, substitute
from host.errors import Place, Problem

T = TypeVar("T")
D = TypeVar("D")

_POSITION = re.compile(r",? line \d+, column \d+$")


@dataclass(frozen=True)
class Source:
    """The file being read: its name, the properties its ``${name}`` refer to, and the problems found so far."""

    file: str
    properties: Mapping[str, str] = field(repr=False)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, line: int, message: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(Place(self.file, line), message))


@dataclass(frozen=True)
class Element:
    """An element whose attributes and text are read with checks; what is wrong goes to the source's problems."""

    node: etree._Element
    source: Source

    @property
    def place(self) -> Place:
        """Its file and line."""
        return Place(self.source.file, _line(self.node))

    @property
    def name(self) -> str:
        """Its name without namespace."""
        return etree.QName(self.node).localname

    @property
    def namespace(self) -> str:
        """Its namespace, "" for none."""
        return etree.QName(self.node).namespace or ""

    def problem(self, message: str) -> None:
        """Note a problem at this element."""
        self.source.problem(self.place.line, message)

    def text(self) -> str:
        """Its own text, substituted, without the space around it; "" where there is none."""
        return self._substituted(self.node.text or "").strip()

    def attribute(self, name: str, default: str = "") -> str:
        """The attribute's text, substituted; an absent or empty one gives the default."""
        return self._substituted(self.node.get(name) or "") or default

    def required(self, name: str) -> str:
        """The attribute's text; a problem where it is absent or empty."""
        value = self.attribute(name)
        if not value:
            self.problem(f'<{self.name}> needs {name}="...": it is missing or empty')
        return value

    def value(self, name: str, kind: Kind[T], default: D) -> T | D:
        """The attribute read as this kind; a problem where it cannot be, and then the default."""
        text = self.attribute(name)
        if not text:
            return default
        try:
            return kind.read(text)
        except ValueError as error:
            self.problem(
                f'{name}="{self.node.get(name)}": {error}'
            )  # as written: what ${name} stands for may be secret
            return default

    def check_attributes(self, known: Collection[str], *, strict: bool = True) -> None:
        """Note attributes that are not known; where not strict, only those that look like a misspelt known one."""
        for name in map(str, self.node.attrib):
            hint = did_you_mean(name, known)
            if name not in known and not name.startswith("{") and (strict or hint):
                self.problem(f'<{self.name}> takes no attribute "{name}"{hint}')

    def children(self, *known: str, strict: bool = True) -> list["Element"]:
        """The child elements with these names; others are noted as :meth:`check_attributes` does."""
        kept = []
        for child in self.all_children():
            foreign = child.namespace not in {"", self.namespace}
            if child.name in known and not foreign:
                kept.append(child)
                continue
            hint = did_you_mean(child.name, known)
            if strict or (hint and not foreign):
                where = f' in the namespace "{child.namespace}"' if foreign else hint
                child.problem(f"<{self.name}> takes no element <{child.name}>{where}")
        return kept

    def all_children(self) -> list["Element"]:
        """Every child element."""
        return [Element(child, self.source) for child in self.node]

    def _substituted(self, text: str) -> str:
        return substitute(text, self._property, self.problem)

    def _property(self, name: str) -> str:
        if name.startswith("env:"):
            self.problem(f'"${{{name}}}" works in worklight.properties alone: define a property there and name it here')
        elif name not in self.source.properties:
            hint = did_you_mean(name, self.source.properties)
            self.problem(f'"${{{name}}}" is not defined in worklight.properties{hint}')
        return self.source.properties.get(name, "")


def check_unique(source: Source, what: str, named: Iterable[tuple[str, Place]]) -> None:
    """Note every name that an earlier line already has; ``what`` is the kind of thing named."""
    first: dict[str, Place] = {}
    for name, place in named:
        earlier = first.setdefault(name, place)
        if name and earlier is not place:
            source.problem(place.line, f'the {what} "{name}" is already on line {earlier.line}: rename or remove one')


def read_root(data: bytes, source: Source, name: str, namespaces: Collection[str]) -> Element | None:
    """The root element; None, and a problem, where the file is not XML or its root is another element.

    The root may be in one of the namespaces, under any prefix, or in none.
    """
    root = read_any_root(data, source)
    if root is None or (root.name == name and root.namespace in {"", *namespaces}):
        return root
    shown = f'<{name}> in the namespace "{next(iter(namespaces))}"'
    given = f'<{root.name}> in the namespace "{root.namespace}"' if root.namespace else f"<{root.name}>"
    root.problem(f"the root element is {given}: write {shown}")
    return None


def read_any_root(data: bytes, source: Source) -> Element | None:
    """The root element whatever it is; None, and a problem, where the file is not XML."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        node = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        message = _POSITION.sub("", (error.msg or "").strip()).strip()
        line = error.lineno or 0
        source.problem(line, f"this is not well-formed XML: {message}{remedy(message, line_of(data, line))}")
        return None
    if node.getroottree().docinfo.internalDTD is not None:
        source.problem(_line_of_doctype(data), "a DOCTYPE is not accepted, nor are entities: remove it")
        return None
    return Element(node, source)


def _line(node: etree._Element) -> int:
    return cast("int", node.sourceline)  # parsed elements have one


def _line_of_doctype(data: bytes) -> int:
    before, _, _ = data.replace(b"\0", b"").partition(b"<!DOCTYPE")  # without NUL, UTF-16 reads like ASCII
    return before.count(b"\n") + 1
