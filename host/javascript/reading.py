"""What a script uses, read without running it: ``WL``, E4X, Java, and what else only Rhino understood.

Never inside strings, comments or regular expressions. Needs the extra ``js`` (tree-sitter and its JavaScript grammar).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from host.javascript.java import STAND_INS
from host.javascript.plain import Found, Plain, plain, text_of

__all__ = ["Found", "Reading", "read"]

#: The packages that Rhino has as global names.
_JAVA = frozenset(("java", "javax", "Packages", "com", "org", "edu", "net"))
_JAVA_FUNCTIONS = frozenset(("importPackage", "importClass", "JavaAdapter", "JavaImporter"))
_E4X_FUNCTIONS = frozenset(("XML", "XMLList", "QName", "Namespace", "isXMLName"))
_FULL = 3  # parts of WL.Server.name

_BINDERS = {  # the field, or fields, of a node that bind names
    "variable_declarator": ("name",),
    "function_declaration": ("name", "parameters"),
    "function_expression": ("name", "parameters"),
    "generator_function_declaration": ("name", "parameters"),
    "generator_function": ("name", "parameters"),
    "arrow_function": ("parameter", "parameters"),
    "method_definition": ("parameters",),
    "class_declaration": ("name",),
    "catch_clause": ("parameter",),
    "for_in_statement": ("left",),
    "assignment_expression": ("left",),
}
_BEFORE_STATEMENTS = frozenset((";", "{", "}", ")", ":"))
_ROOTS = frozenset(("identifier", "shorthand_property_identifier"))  # the latter in scripts that are broken before
_NAMES = frozenset(("identifier", "shorthand_property_identifier_pattern"))


@dataclass(frozen=True)
class Reading:
    """Each in the order of lines. ``wl``: full names, such as ``WL.Server.invokeHttp``; ``java``: dotted names.

    ``e4x`` and ``rhino`` say in words what it is. ``stand_ins``: its uses of :data:`STAND_INS`.
    ``stylesheets``: the files that ``xslFile`` names.
    """

    wl: tuple[Found, ...]
    e4x: tuple[Found, ...]
    java: tuple[Found, ...]
    rhino: tuple[Found, ...]
    stand_ins: tuple[Found, ...]
    stylesheets: tuple[Found, ...]


@dataclass(frozen=True)
class _Chain:
    """``root.name["name"]``, and whether it is called or made with ``new``."""

    line: int
    parts: tuple[str, ...]
    called: bool


def read(source: str) -> Reading:
    """What the script uses; one that cannot be parsed is read as far as it can be."""
    script = plain(source)
    tokens = list(script.leaves())
    chains = list(_chains(tokens))
    declared = _declared(script)
    free = [chain for chain in chains if chain.parts[0] not in declared]
    phrases = list(_phrases(tokens))
    e4x = (found for kind, found in phrases if kind == "e4x")
    return Reading(
        wl=_ordered((*_wl(chains, _aliases(tokens)), *_mfp(free))),
        e4x=_ordered((*script.e4x, *_called(free, _E4X_FUNCTIONS), *e4x)),
        java=_ordered(_java(free)),
        rhino=_ordered(found for kind, found in phrases if kind == "rhino"),
        stand_ins=_ordered(_stand_ins(free)),
        stylesheets=_ordered(_stylesheets(tokens)),
    )


def _ordered(found: Iterable[Found]) -> tuple[Found, ...]:
    return tuple(dict.fromkeys(sorted(found, key=lambda each: each.line)))


def _wl(chains: Iterable[_Chain], aliases: Mapping[str, tuple[str, ...]]) -> Iterator[Found]:
    for chain in chains:
        parts = (*aliases.get(chain.parts[0], chain.parts[:1]), *chain.parts[1:])
        if parts[0] == "WL" and len(parts) >= _FULL:
            yield Found(chain.line, ".".join(parts[:_FULL]))


def _mfp(chains: Iterable[_Chain]) -> Iterator[Found]:
    """What ``WL`` is called in MobileFirst 8, which scripts of 7 that somebody began to move name beside it."""
    for chain in chains:
        if chain.parts[0] == "MFP" and len(chain.parts) >= _FULL:
            yield Found(chain.line, ".".join(chain.parts[:_FULL]))


def _stylesheets(tokens: Sequence[Node]) -> Iterator[Found]:
    for name, colon, value in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if text_of(name).strip("'\"") == "xslFile" and colon.type == ":" and value.type == "string":
            yield Found(value.start_point.row + 1, text_of(value)[1:-1])


def _stand_ins(chains: Iterable[_Chain]) -> Iterator[Found]:
    for chain in chains:
        if (name := ".".join(chain.parts)) in STAND_INS:
            yield Found(chain.line, name)


def _java(chains: Iterable[_Chain]) -> Iterator[Found]:
    for chain in chains:
        if ".".join(chain.parts) in STAND_INS:
            continue
        if (chain.parts[0] in _JAVA and len(chain.parts) > 1) or (chain.called and chain.parts[0] in _JAVA_FUNCTIONS):
            yield Found(chain.line, ".".join(chain.parts))


def _called(chains: Iterable[_Chain], names: Collection[str]) -> Iterator[Found]:
    return (Found(chain.line, chain.parts[0]) for chain in chains if chain.called and chain.parts[0] in names)


def _chains(tokens: Sequence[Node]) -> Iterator[_Chain]:
    """Every name that is not a member of something, with the members that follow it."""
    at = 0
    while at < len(tokens):
        token, before = tokens[at], tokens[at - 1].type if at else ""
        at += 1
        if token.type not in _ROOTS or before in {".", "?."}:
            continue
        parts, at = _members(tokens, at)
        called = (at < len(tokens) and tokens[at].type == "(") or before == "new"
        yield _Chain(token.start_point.row + 1, (text_of(token), *parts), called)


def _members(tokens: Sequence[Node], at: int) -> tuple[list[str], int]:
    parts: list[str] = []
    while at + 1 < len(tokens):
        if tokens[at].type in {".", "?."} and tokens[at + 1].type in {"property_identifier", "identifier"}:
            parts.append(text_of(tokens[at + 1]))
            at += 2
        elif [each.type for each in tokens[at : at + 3]] == ["[", "string", "]"]:
            parts.append(text_of(tokens[at + 1])[1:-1])
            at += 3
        else:
            break
    return parts, at


def _aliases(tokens: Sequence[Node]) -> dict[str, tuple[str, ...]]:
    """Names that stand for ``WL`` or ``WL.Server``: ``var server = WL.Server;``."""
    found: dict[str, tuple[str, ...]] = {}
    for at, token in enumerate(tokens[2:], start=2):
        if token.text == b"WL" and tokens[at - 1].type == "=" and tokens[at - 2].type == "identifier":
            parts, end = _members(tokens, at + 1)
            ended = end == len(tokens) or tokens[end].type in {";", ","} or _on_new_line(tokens, end)
            if len(parts) < _FULL - 1 and ended:
                found[text_of(tokens[at - 2])] = ("WL", *parts)
    return found


def _on_new_line(tokens: Sequence[Node], at: int) -> bool:
    return tokens[at].start_point.row > tokens[at - 1].end_point.row


def _declared(script: Plain) -> set[str]:
    """The names that the script itself binds, anywhere in it."""
    found: set[str] = set()
    waiting = [script.tree.root_node]
    while waiting:
        node = waiting.pop()
        waiting.extend(node.children)
        for name in _BINDERS.get(node.type, ()):
            for bound in node.children_by_field_name(name):
                found.update(_bound(bound))
    return found


def _bound(pattern: Node) -> Iterator[str]:
    waiting = [pattern]
    while waiting:
        node = waiting.pop()
        if node.type in _NAMES:
            yield text_of(node)
        elif node.type not in {"member_expression", "subscript_expression"}:
            waiting.extend(node.children)


def _phrases(tokens: Sequence[Node]) -> Iterator[tuple[str, Found]]:
    """Syntax that is known by a few tokens in a row: which kind, ``e4x`` or ``rhino``, and what."""
    words = [each.text for each in tokens]
    for at, word in enumerate(words):
        is_member = at > 0 and tokens[at - 1].type in {".", "?."}
        line, rest = tokens[at].start_point.row + 1, words[at + 1 : at + 4]
        if is_member or tokens[at].type == "string":
            continue
        if word == b"for" and tokens[at - 1].type not in _BEFORE_STATEMENTS and _in_array(tokens[at]):
            yield "rhino", Found(line, "an array comprehension ([... for (...)])")
        elif word == b"for" and rest[:2] == [b"each", b"("]:
            yield "rhino", Found(line, "a for each loop (write for (var value of Object.values(object)))")
        elif word == b"default" and rest == [b"xml", b"namespace", b"="]:
            yield "e4x", Found(line, "default xml namespace")
        elif word == b"catch" and rest[:1] == [b"("] and rest[2:] == [b"if"]:
            yield "rhino", Found(line, "a conditional catch (catch (e if ...))")
        elif word == b"let" and rest[:1] == [b"("] and words[_after_parentheses(words, at + 1) :][:1] == [b"{"]:
            yield "rhino", Found(line, "a let block (let (...) {...})")
        elif word == b"function" and _is_closure(words, at):
            yield "rhino", Found(line, "an expression closure (a function without braces)")


def _is_closure(words: Sequence[bytes | None], at: int) -> bool:
    """``function name(parameters) expression``; the name may be missing."""
    opens = next((place for place in range(at + 1, min(at + 4, len(words))) if words[place] == b"("), None)
    if opens is None:
        return False
    end = _after_parentheses(words, opens)
    return end < len(words) and words[end] != b"{"


def _after_parentheses(words: Sequence[bytes | None], at: int) -> int:
    depth = 0
    for place in range(at, len(words)):
        depth += {b"(": 1, b")": -1}.get(words[place] or b"", 0)
        if not depth:
            return place + 1
    return len(words)


def _in_array(node: Node) -> bool:
    """Whether an array, and no function inside it, is around this."""
    around = node.parent
    while around is not None and around.type != "statement_block":
        if around.type == "array":
            return True
        around = around.parent
    return False
