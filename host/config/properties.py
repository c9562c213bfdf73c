"""``worklight.properties``: Java properties whose values may name each other and the environment.

https://docs.oracle.com/javase/8/docs/api/java/util/Properties.html#load-java.io.Reader-
Bytes that are UTF-8 are read as UTF-8, others as ISO-8859-1, which is what Java assumed.
"""

import codecs
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import javaproperties

from host.config.references import did_you_mean, substitute
from host.errors import Place, Problem

_ENVIRONMENT = "env:"
_DEEPEST = 50
_LONGEST = 100_000
_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class _Entry:
    place: Place
    text: str


class Properties(Mapping[str, str]):
    """Every key of the file with its value after substitution; shows no values when printed."""

    def __init__(self, values: Mapping[str, str], places: Mapping[str, Place]) -> None:
        self._values = values
        self._places = places

    def __getitem__(self, key: str) -> str:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def place(self, key: str) -> Place:
        """Where the key got its value; raises KeyError."""
        return self._places[key]


def read_properties(data: bytes, file: str, environ: Mapping[str, str]) -> tuple[Properties, list[Problem]]:
    """The properties and everything wrong with them; a key whose value has a problem keeps what could be read.

    ``environ``: what ``${env:NAME}`` is taken from; those values are put in as they are. Of a key given twice the
    last counts, as in Java.
    """
    problems: list[Problem] = []
    entries = dict(_entries(_decode(data, file, problems), file, problems))
    resolver = _Resolver(entries, environ, problems)
    values = {key: resolver.value(key) for key in entries}
    return Properties(values, {key: entry.place for key, entry in entries.items()}), sorted(problems)


def _decode(data: bytes, file: str, problems: list[Problem]) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in data:
        problems.append(Problem(Place(file), "this is no text in UTF-8 (it looks like UTF-16): save it as UTF-8"))
        return ""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("iso-8859-1")


def _entries(text: str, file: str, problems: list[Problem]) -> Iterator[tuple[str, _Entry]]:
    for place, key, value in _parsed(text, file, problems):
        if _HALF_A_CHARACTER.search(key + value):
            problems.append(Problem(place, "a \\u escape gives half a character: write both halves (\\ud83d\\ude00)"))
        else:
            yield key, _Entry(place, value)


def _parsed(text: str, file: str, problems: list[Problem]) -> Iterator[tuple[Place, str, str]]:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = io.StringIO(text)
    elements = javaproperties.parse(lines)
    read, line = 0, 1
    while True:
        line += text.count("\n", read, lines.tell())
        read, place = lines.tell(), Place(file, line)
        try:
            element = next(elements)
        except StopIteration:
            return
        except javaproperties.InvalidUEscapeError as error:
            problems.append(Problem(place, f'"{error.escape}" is no character: write \\u and four hexadecimal digits'))
            elements = javaproperties.parse(lines)  # a generator that raised is over; the lines go on
            continue
        if isinstance(element, javaproperties.KeyValue):
            yield place, element.key, element.value


@dataclass(frozen=True)
class _Resolver:
    entries: Mapping[str, _Entry]
    environ: Mapping[str, str]
    problems: list[Problem]
    values: dict[str, str] = field(default_factory=dict)

    def value(self, key: str, trail: tuple[str, ...] = ()) -> str:
        """The key's value, every reference replaced; ``trail`` is how we came here."""
        if key not in self.values:
            complain = self._complainer(key)
            here = (*trail, key)
            value = substitute(self.entries[key].text, lambda name: self._lookup(name, here, complain), complain)
            if len(value) > _LONGEST:
                complain(
                    f'"{key}" grows to {len(value)} characters through its references: at most {_LONGEST} are read'
                )
                value = ""
            self.values[key] = value
        return self.values[key]

    def _lookup(self, name: str, trail: tuple[str, ...], complain: Callable[[str], None]) -> str:
        if name.startswith(_ENVIRONMENT):
            return self._from_environment(name.removeprefix(_ENVIRONMENT), complain)
        if name in trail:
            circle = " -> ".join((*trail[trail.index(name) :], name))
            complain(f'"{trail[-1]}" refers to itself ({circle}): give one of them a value of its own')
        elif name not in self.entries:
            complain(f'"${{{name}}}" is not defined in this file{did_you_mean(name, self.entries)}')
        elif len(trail) >= _DEEPEST:
            complain(f'"${{{name}}}" is the end of a chain of {_DEEPEST} references: make it shorter')
        else:
            return self.value(name, trail)
        return ""

    def _from_environment(self, name: str, complain: Callable[[str], None]) -> str:
        if name not in self.environ:
            complain(f'the environment variable "{name}" is not set{did_you_mean(name, self.environ)}')
        return self.environ.get(name, "")

    def _complainer(self, key: str) -> Callable[[str], None]:
        return lambda message: self.problems.append(Problem(self.entries[key].place, message))
