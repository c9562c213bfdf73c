"""JSON that gateways send: read whole, and asked for its values by path, whatever is or is not there."""

import json
from collections.abc import Iterable, Iterator, Set

from host import parameters
from host.alphabet import clean
from host.errors import BadCallback, OutcomeUnknown
from host.messages import Accepted, HttpRequest, HttpResponse, Pairs
from host.parameters import MOST_PARAMETERS, TOO_DEEP

_MOST_OF_PATHS = 1_000_000  # characters: one long name over many values would be stored once for each of them


def document_of(request: HttpRequest) -> object:
    """The request's JSON body, of any type; raises :class:`BadCallback`."""
    try:
        return json.loads(request.body)
    except RecursionError as error:
        raise BadCallback(TOO_DEEP) from error
    except ValueError as error:
        raise BadCallback(f"the JSON body is broken: {error}") from error


def answered(response: HttpResponse) -> object:
    """The JSON of a gateway's answer that says it took a text; raises :class:`OutcomeUnknown` where it is none."""
    try:
        return json.loads(response.body)
    except (ValueError, RecursionError) as error:
        said = response.start
        raise OutcomeUnknown(f"the gateway answered {response.status} with {said!r}, which is no JSON") from error


def taken(response: HttpResponse, *paths: str) -> Accepted:
    """What a 2xx in JSON comes to: the text's id is at the first of these paths that has one.

    Without any the text was taken all the same, for so HTTP says; the story tells that reports may not find it.
    """
    document = answered(response)
    number = next(filter(None, (text_at(document, path) for path in paths)), None)
    return Accepted(number, "" if number else "taken by the status alone: the answer has no id of the text")


def members_of(request: HttpRequest) -> Set[str]:
    """The names in a JSON body that is an object, for recognising it; none in any other body."""
    if parameters.kind_of(request.headers.get("content-type", ""))[0] != parameters.JSON:
        return frozenset()
    try:
        document = document_of(request)
    except BadCallback:
        return frozenset()
    return document.keys() if isinstance(document, dict) else frozenset()


def at(document: object, path: str) -> object:
    """The value at ``a/b/0`` (names of members, numbers of elements), None where there is none; "" is all of it."""
    for step in path.split("/") if path else ():
        if isinstance(document, dict):
            document = document.get(step)
        elif isinstance(document, list) and step.isascii() and step.isdecimal() and int(step) < len(document):
            document = document[int(step)]
        else:
            return None
    return document


def text_at(document: object, path: str) -> str:
    """The value at a path as text that any database takes; "" for what is not there, null, or no plain value."""
    value = at(document, path)
    if isinstance(value, bool):
        return "true" if value else "false"
    return clean(str(value)) if isinstance(value, str | int | float) else ""


def required_at(document: object, path: str) -> str:
    """The text at a path; raises :class:`BadCallback` naming it where it is missing or empty."""
    value = text_at(document, path)
    if not value:
        raise BadCallback(f'"{path}" is missing in the JSON body')
    return value


def given_at(document: object, path: str) -> str:
    """The text at a path, which may be empty; raises :class:`BadCallback` naming it where there is none."""
    if at(document, path) is None:
        raise BadCallback(f'"{path}" is missing in the JSON body')
    return text_at(document, path)


def list_at(document: object, path: str) -> list[object]:
    """The array at a path; raises :class:`BadCallback` where there is none, or one of too many elements."""
    value = at(document, path)
    if not isinstance(value, list):
        raise BadCallback(f'"{path}" is no array in the JSON body' if path else "the JSON body is no array")
    if len(value) > MOST_PARAMETERS:
        named = f'"{path}"' if path else "the JSON body"
        raise BadCallback(f"{named} has {len(value)} elements: at most {MOST_PARAMETERS} are accepted")
    return value


def pairs_of(document: object) -> Pairs:
    """Every plain value with its path (``data/payload/text``), for adapters, filters and the stored copy.

    Raises :class:`BadCallback` where there are too many, or their paths, which repeat the names in them, are too long.
    """
    pairs: list[tuple[str, str]] = []
    room = _MOST_OF_PATHS
    try:
        for pair in _pairs(document, ""):
            pairs.append(pair)
            room -= len(pair[0])
            if len(pairs) > MOST_PARAMETERS:
                raise BadCallback(f"more than {MOST_PARAMETERS} values: at most {MOST_PARAMETERS} are accepted")
            if room < 0:
                raise BadCallback(f"the paths of the values are longer than {_MOST_OF_PATHS} characters together")
    except RecursionError as error:
        raise BadCallback(TOO_DEEP) from error
    return tuple(pairs)


def _pairs(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict | list):
        steps = value.items() if isinstance(value, dict) else enumerate(value)
        for name, each in steps:
            yield from _pairs(each, f"{path}/{name}" if path else str(name))
    elif value is not None:
        yield clean(path), clean(json.dumps(value) if isinstance(value, bool) else str(value))


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, object]:
    """The object in which :func:`at` finds each value at its path of names."""
    document: dict[str, object] = {}
    for path, value in pairs:
        *steps, last = path.split("/")
        place = document
        for step in steps:
            within = place.setdefault(step, {})
            assert isinstance(within, dict)
            place = within
        place[last] = value
    return document
