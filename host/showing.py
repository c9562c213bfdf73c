"""Showing what strangers sent to people: nothing in it may steer a terminal, or pass for a line of the host's own."""

import json
import logging

_INDENT = "    "


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
