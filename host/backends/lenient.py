"""JSON as stylesheets write it: names without quotes, strings in single ones, a comma after the last, raw line ends."""

import json
import re
from typing import Any

_SPACE = re.compile(r"\s*")
_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_PIECE = re.compile(r"[^'\"\\]+")
_WORDS = {"true": True, "false": False, "null": None, "undefined": None}
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_MOST_DEEP = 100


def loads(text: str) -> Any:
    """The value; raises ValueError naming the position of what is wrong."""
    try:
        return json.loads(text, strict=False)
    except ValueError:
        pass
    reader = _Reader(text)
    value = reader.value(0)
    if reader.peek():
        raise reader.wrong("more follows the value")
    return value


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def peek(self) -> str:
        """The next character that is no space; "" at the end."""
        match = _SPACE.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return self._text[self._at : self._at + 1]

    def wrong(self, what: str) -> ValueError:
        return ValueError(f"{what} at character {self._at + 1}")

    def value(self, depth: int) -> Any:
        if depth > _MOST_DEEP:
            raise self.wrong(f"nested more than {_MOST_DEEP} deep")
        first = self.peek()
        if first == "{":
            return self._object(depth)
        if first == "[":
            return self._array(depth)
        if first and first in "'\"":
            return self._string()
        if number := self._match(_NUMBER):
            return json.loads(number)
        word = self._match(_NAME)
        if word not in _WORDS:
            raise self.wrong("a value is missing")
        return _WORDS[word]

    def _object(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        self._at += 1
        while self.peek() != "}":
            name = self._string() if self.peek() in {"'", '"'} else self._match(_NAME) or self._match(_NUMBER)
            if self.peek() != ":" or not isinstance(name, str):
                raise self.wrong("a name and a colon are missing")
            self._at += 1
            found[name] = self.value(depth + 1)
            self._comma("}")
        self._at += 1
        return found

    def _array(self, depth: int) -> list[Any]:
        found: list[Any] = []
        self._at += 1
        while self.peek() != "]":
            found.append(self.value(depth + 1))
            self._comma("]")
        self._at += 1
        return found

    def _comma(self, end: str) -> None:
        if self.peek() == ",":
            self._at += 1
        elif self.peek() != end:
            raise self.wrong(f'a comma or "{end}" is missing')

    def _string(self) -> str:
        quote = self._text[self._at]
        self._at += 1
        pieces: list[str] = []
        while (character := self._text[self._at : self._at + 1]) != quote:
            if not character:
                raise self.wrong("a string is not closed")
            pieces.append(self._match(_PIECE) or (self._escaped() if character == "\\" else self._taken(1)))
        self._at += 1
        return "".join(pieces)

    def _escaped(self) -> str:
        self._at += 1
        letter = self._taken(1)
        if letter != "u":
            return _ESCAPES.get(letter, letter)
        try:
            return chr(int(self._taken(4), 16))
        except ValueError:
            raise self.wrong("\\u needs four hexadecimal digits") from None

    def _taken(self, count: int) -> str:
        piece = self._text[self._at : self._at + count]
        self._at += count
        return piece

    def _match(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return match[0] if match else ""
