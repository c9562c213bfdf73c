"""An adapter's manifest, ``<Name>.xml``: its name, its back end and the procedures that may be called from outside.

docs/reference/adapter-manifest.md
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from host.config.connectivity import ConnectionPolicy, read_connectivity
from host.config.kinds import BOOLEAN, choice
from host.config.xml import Element, Source, check_unique, read_root
from host.errors import Note, Place, Problem

NAMESPACES = ("http://www.ibm.com/mfp/integration", "http://www.worklight.com/integration")
PROCEDURE_ATTRIBUTES = ("name", "securityTest", "audit", "connectAs")

_READ = ("displayName", "description", "connectivity", "procedure", "JAXRSApplicationClass")
_UNREAD = ("property", "securityCheckDefinition")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_CONNECT_AS = choice("server", "endUser")
_LIMITS = "calls into a script end after smshost.javascript.limitSeconds, those into Python are never ended"
_UNREAD_OF_PROCEDURES = ("requestTimeoutInSeconds", "displayName", "description", "authenticationRealm")


@dataclass(frozen=True)
class Procedure:
    """A ``<procedure>``; ``security_test`` is None where the manifest names none."""

    name: str
    security_test: str | None
    audit: bool
    connect_as: str
    place: Place


@dataclass(frozen=True)
class Manifest:
    """An ``<adapter>``; ``display_name`` is its name where it has no other.

    ``connection``: its back end, or None. ``notes``: what it says that this host does not honour.
    """

    name: str
    display_name: str
    description: str
    procedures: tuple[Procedure, ...]
    place: Place
    connection: ConnectionPolicy | None = None
    notes: tuple[Note, ...] = ()


def read_manifest(data: bytes, file: str, properties: Mapping[str, str]) -> tuple[Manifest | None, list[Problem]]:
    """The manifest and everything wrong with it; None where it has no usable name or describes a Java adapter.

    ``properties``: what ``${name}`` stands for. ``file``: its last part without extension must be the adapter's name,
    but for capitals.
    """
    source = Source(file, properties)
    root = read_root(data, source, "adapter", NAMESPACES)
    manifest = None if root is None else _manifest(root, PurePath(file).stem)
    return manifest, sorted(source.problems)


def _manifest(root: Element, stem: str) -> Manifest | None:
    root.check_attributes(("name",), strict=False)
    children = root.children(*_READ, *_UNREAD, strict=False)
    found = {name: [child for child in children if child.name == name] for name in _READ}
    for child in found["JAXRSApplicationClass"]:
        child.problem("Java adapters do not run here: rewrite it in Python or JavaScript, or remove its folder")
    name = _adapter_name(root, stem)
    if not name or found["JAXRSApplicationClass"]:
        return None
    procedures = tuple(_procedure(child) for child in found["procedure"])
    check_unique(root.source, "procedure", ((each.name, each.place) for each in procedures))
    connection, notes = read_connectivity(found["connectivity"][0]) if found["connectivity"] else (None, [])
    return Manifest(
        name=name,
        display_name=_text(found["displayName"]) or name,
        description=_text(found["description"]),
        procedures=procedures,
        place=root.place,
        connection=connection,
        notes=tuple(sorted([*notes, *_notes(root, children, procedures)])),
    )


def _notes(root: Element, children: list[Element], procedures: tuple[Procedure, ...]) -> Iterator[Note]:
    for name in sorted({"authenticationRealm", "securityTest"} & set(map(str, root.node.attrib))):
        yield Note(root.place, f'<adapter {name}="...">: not honoured; a procedure\'s own securityTest is')
    for child in children:
        if child.name in _UNREAD:
            yield Note(child.place, f"<{child.name}>: not honoured")
        if child.name == "procedure" and "requestTimeoutInSeconds" in child.node.attrib:
            yield Note(child.place, f'requestTimeoutInSeconds="...": not honoured; {_LIMITS}')
    for procedure in procedures:
        if procedure.connect_as == "endUser":
            yield Note(procedure.place, 'connectAs="endUser": the back end is called as the server all the same')


def _adapter_name(root: Element, stem: str) -> str:
    name = _checked_name(root)
    if name and name.casefold() != stem.casefold():  # Studio ran where X.xml and x.xml are one file
        root.problem(f'name="{name}" differs from the file\'s name: write name="{stem}" or call the file {name}.xml')
    return name


def _checked_name(element: Element) -> str:
    name = element.required("name")
    if not name or _NAME.fullmatch(name):
        return name
    element.problem(f'name="{name}": write a letter (a to z), then letters, digits and "_"')
    return ""


def _text(elements: list[Element]) -> str:
    return elements[0].text() if elements else ""


def _procedure(element: Element) -> Procedure:
    element.check_attributes((*PROCEDURE_ATTRIBUTES, *_UNREAD_OF_PROCEDURES))
    return Procedure(
        name=_checked_name(element),
        security_test=None if element.node.get("securityTest") is None else element.required("securityTest"),
        audit=element.value("audit", BOOLEAN, default=False),
        connect_as=element.value("connectAs", _CONNECT_AS, "server"),
        place=element.place,
    )
