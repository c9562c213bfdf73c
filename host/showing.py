"""Showing what strangers sent to people: nothing in it may steer a terminal, or pass for a line of the host's own."""

import json
import logging
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, TypeGuard

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_INDENT = "    "
_MOST_DEEP = 50


def shown(text: object) -> str:
    """One line: what does not print (control characters, line ends, what turns the direction of writing) escaped."""
    words = str(text)
    return words if words.isprintable() else "".join(_escaped(each) for each in words)


def lines(text: object, indent: str = _INDENT) -> str:
    """Several lines, each as :func:`shown`; those after the first are indented, so that none passes for a new entry."""
    return f"\n{indent}".join(shown(each) for each in str(text).rstrip("\n").split("\n"))


def shown_json(document: object) -> str:
    """A document as JSON for people; raises ValueError, TypeError or RecursionError for what is none."""
    text = json.dumps(document, ensure_ascii=False, indent=2, default=str, allow_nan=False)
    if text.replace("\n", "").isprintable():
        return text
    return "".join(each if each == "\n" or each.isprintable() else json.dumps(each)[1:-1] for each in text)


def shown_value(value: object) -> str:
    """Any value for the log: text as it is but for what does not print, objects and lists as JSON, circular ones too.

    Line ends in a text stay: :class:`Formatter` sees to them.
    """
    if _is_record(value) or isinstance(value, Mapping | list | tuple | set | frozenset):
        return shown(json.dumps(_plain(value, ()), ensure_ascii=False))
    return "\n".join(shown(each) for each in str(value).split("\n"))


def _plain(value: object, above: tuple[int, ...]) -> object:
    """A value as JSON has it; what holds itself, or is held too deep, is named instead."""
    if id(value) in above or len(above) > _MOST_DEEP:
        return "(circular)" if id(value) in above else "(deeper)"
    within = (*above, id(value))
    if _is_record(value):
        return {each.name: _plain(getattr(value, each.name), within) for each in fields(value) if each.repr}
    if isinstance(value, Mapping) and type(value).__repr__ is not object.__repr__:  # one without shows nothing
        return {str(name): _plain(each, within) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each, within) for each in value]
    said = f"{type(value).__name__}: {value}" if isinstance(value, BaseException) else str(value)
    return value if isinstance(value, str | int | float | None) else said


def _is_record(value: object) -> "TypeGuard[DataclassInstance]":
    return is_dataclass(value) and not isinstance(value, type)


class Formatter(logging.Formatter):
    """Log records with nothing raw in them: a message's further lines, and a traceback's, are indented."""

    def format(self, record: logging.LogRecord) -> str:
        return lines(super().format(record))


def log_to_terminal(level: int) -> None:
    """Log to stderr from this level on, in this process and in those forked from it."""
    handler = logging.StreamHandler()
    handler.setFormatter(Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("apscheduler", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _escaped(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode()
