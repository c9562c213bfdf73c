"""E4X written over with plain JavaScript of the same length, so that the grammar can read the rest of the file.

E4X is XML inside JavaScript (ECMA-357), which Rhino had and no other engine has. The grammar goes astray at it: an
apostrophe in an XML text would begin a string. So each piece is found, noted, overwritten, and the text read again.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import tree_sitter_javascript
from tree_sitter import Language, Node, Parser, Tree

_PARSER = Parser(Language(tree_sitter_javascript.language()))
_MOST = 200  # pieces; literals are another reading of the text each, and who is told of so many has understood
_ATOMS = frozenset({"comment", "html_comment", "regex", "string"})
_NAMES = {"identifier", "property_identifier", "shorthand_property_identifier", "private_property_identifier"}
_VALUES = {"number", "string", "regex", "this", "true", "false", "null", "super", "undefined"}
_OPERANDS = frozenset(_NAMES | _VALUES | {"`", ")", "]", "}", "++", "--"})
_BEFORE_OPERANDS = frozenset(b"return typeof case in delete void throw else do new".split())
_OPENS = re.compile(rb"<[A-Za-z_:{>!?$]")
_PIECE = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>", re.DOTALL)
_STRING = re.compile(rb"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'")
_OPERATORS = (  # after a "." that E4X continues: what follows, what it is, and plain JavaScript in its place
    (re.compile(rb"\.\."), "the descendants operator ..", b". "),
    (re.compile(rb"\.(\s*)@"), "an XML attribute (@)", rb".\1 "),
    (re.compile(rb"\.(\s*)\*"), "the XML wildcard .*", rb".\1_"),
    (re.compile(rb"\.(\s*)\("), "an XML filter .( )", rb" \1("),
    (re.compile(rb"::"), "an XML namespace ::", b". "),
    (re.compile(rb"@"), "an XML attribute (@)", b" "),
)


@dataclass(frozen=True)
class Found:
    """Something in a script: the line it begins on, counted from 1, and what it is."""

    line: int
    name: str


@dataclass(frozen=True)
class Plain:
    """A script without E4X: the tree that the grammar made of it, and the E4X that was there."""

    tree: Tree
    e4x: tuple[Found, ...]

    def leaves(self) -> Iterator[Node]:
        """Every token in order, without comments."""
        return _leaves(self.tree.root_node, 0)


@dataclass(frozen=True)
class _Mark:
    begin: int
    name: str
    instead: bytes = field(repr=False)


def plain(source: str) -> Plain:
    """A script as the grammar can read it; a syntax error in it is no error here."""
    text = source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace")
    marks: list[_Mark] = []
    new: list[_Mark] | None = None
    while new is None or (new and len(marks) < _MOST):
        tree = _PARSER.parse(text)
        new = _marks(text, tree, new[0].begin if new else 0)
        marks += new
        for mark in new:
            text = text[: mark.begin] + mark.instead + text[mark.begin + len(mark.instead) :]
    found = [Found(text.count(b"\n", 0, mark.begin) + 1, mark.name) for mark in sorted(marks, key=_begin)]
    return Plain(tree, tuple(dict.fromkeys(found)))


def _begin(mark: _Mark) -> int:
    return mark.begin


def text_of(node: Node) -> str:
    """What the script says there."""
    return (node.text or b"").decode()


def _leaves(root: Node, begin: int) -> Iterator[Node]:
    """The tokens that end after ``begin``. No recursion: scripts nest as deep as they like."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.end_byte <= begin or node.type in {"comment", "html_comment"}:
            continue
        if node.child_count and node.type not in _ATOMS:
            waiting.extend(reversed(node.children))
        elif node.end_byte > node.start_byte:
            yield node


def _marks(text: bytes, tree: Tree, begin: int) -> list[_Mark]:
    """What is to be overwritten: operators up to the first XML literal, for behind it the grammar may be astray."""
    marks: list[_Mark] = []
    before: Node | None = None
    for leaf in _leaves(tree.root_node, begin):
        is_done = marks and leaf.start_byte < marks[-1].begin + len(marks[-1].instead)
        if not is_done and leaf.type not in _ATOMS and (mark := _mark(text, leaf, before)):
            marks.append(mark)
            if leaf.type == "<":
                break
        before = leaf
    return marks


def _mark(text: bytes, leaf: Node, before: Node | None) -> _Mark | None:
    begin = leaf.start_byte
    if leaf.type == "<" and _OPENS.match(text, begin) and not _is_operand(before):
        return _Mark(begin, "an XML literal", _without_xml(text, begin))
    if leaf.type not in {".", ":", "@"}:
        return None
    for pattern, name, instead in _OPERATORS:
        if match := pattern.match(text, begin):
            return _Mark(begin, name, match.expand(instead))
    return None


def _is_operand(before: Node | None) -> bool:
    """Whether a "<" after it compares; else it begins XML."""
    return before is not None and before.type in _OPERANDS and before.text not in _BEFORE_OPERANDS


def _without_xml(text: bytes, begin: int) -> bytes:
    """An array of the expressions in an XML literal's braces, as long as the literal, with the same lines."""
    end, braces = _extent(text, begin)
    made = bytearray(re.sub(rb"[^\n]", b" ", text[begin:end]))
    for first, last in braces:
        made[first - begin : last - begin] = b"(" + text[first + 1 : last - 1] + b")"
    if len(made) > 1:
        made[0], made[-1] = b"[]"
    else:
        made[0] = ord("+")
    return bytes(made)


def _extent(text: bytes, begin: int) -> tuple[int, list[tuple[int, int]]]:
    """Where the literal ends, and its outermost ``{expressions}``; one that never ends is its first character."""
    at, depth, braces = begin, 0, []
    while at < len(text):
        piece = _PIECE.match(text, at)
        if piece is None and text[at : at + 1] == b"{":
            braces.append((at, _after_braces(text, at)))
            at = braces[-1][1]
        elif piece is None and text[at : at + 1] != b"<":
            at += 1
            continue
        elif piece is not None:
            at = piece.end()
        else:
            closing = text[at : at + 2] == b"</"
            at = _after_tag(text, at, braces)
            depth += -1 if closing else text[at - 2 : at] != b"/>"
        if depth <= 0:
            return at, braces
    return begin + 1, []


def _after_tag(text: bytes, at: int, braces: list[tuple[int, int]]) -> int:
    while at < len(text):
        if string := _STRING.match(text, at):
            at = string.end()
        elif text[at : at + 1] == b"{":
            braces.append((at, _after_braces(text, at)))
            at = braces[-1][1]
        elif text[at : at + 1] == b">":
            return at + 1
        else:
            at += 1
    return at


def _after_braces(text: bytes, at: int) -> int:
    depth = 0
    while at < len(text):
        if string := _STRING.match(text, at):
            at = string.end()
            continue
        depth += {b"{": 1, b"}": -1}.get(text[at : at + 1], 0)
        at += 1
        if not depth:
            return at
    return at
