"""The arguments of a procedure call: a JSON array in a parameter or in the body, leniently read as IBM's callers write.

What is no strict JSON is read as JSON5 (https://spec.json5.org): single quotes, above all. That is left to ``pyjson5``,
which takes a thousandth of the time of the ``json5`` written in Python: strangers may call procedures that are open.
"""

import json
import re
import sys
from typing import Any

import pyjson5

from host.access.calls import INVOKE
from host.errors import BadCallback
from host.messages import HttpRequest
from host.parameters import FORM, JSON, MULTIPART, is_array, kind_of

_NAMES = ("params", "parameters")
_DEEPEST = 100
_MOST_SAID = 200
_DIGITS = re.compile(r"\d+")
_CODE_POINT = re.compile(r"U\+([0-9a-fA-F]{4,6})")
_BYTES = re.compile(r"b'(\w[\w ]*)'")


def arguments_of(request: HttpRequest) -> list[Any]:
    """The arguments, [] where none are given; raises :class:`BadCallback`, which says where they cease to be JSON."""
    kind, _ = kind_of(request.headers.get("content-type", ""))
    if request.body and kind not in {FORM, MULTIPART, JSON}:
        raise BadCallback(f"the body's Content-Type must be {FORM}, {MULTIPART} or {JSON}")
    if kind == JSON and is_array(request.body):
        return _read("the JSON body", _text(request.body))
    names = reversed(_NAMES) if request.path == INVOKE else _NAMES
    given = ((name, request.parameters[name]) for name in names if request.parameters.get(name, "").strip())
    name, text = next(given, ("", "[]"))
    return _read(name, text)


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise BadCallback(f"the JSON body is not UTF-8 at byte {error.start + 1}") from error


def _read(name: str, text: str) -> list[Any]:
    document = _document(name, text)
    if not isinstance(document, list):
        raise BadCallback(f'{name} must be a JSON array, as in ["+15550001", "Hello"]: character 1 is no "["')
    try:
        json.dumps(document, allow_nan=False)
    except ValueError as error:
        raise BadCallback(f"{name} holds a number that JSON has none for: NaN, Infinity or one too large") from error
    except RecursionError as error:
        raise BadCallback(f"{name} is nested too deep") from error
    return document


def _document(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError as error:
        raise BadCallback(f"{name} is nested too deep") from error
    except ValueError:
        if max(map(len, _DIGITS.findall(text)), default=0) > (most := sys.get_int_max_str_digits()) > 0:
            raise BadCallback(f"{name} holds a number of more than {most} digits") from None
        return _lenient(name, text)


def _lenient(name: str, text: str) -> Any:
    try:
        return pyjson5.decode(text, _DEEPEST)
    except pyjson5.Json5Exception as error:
        raise BadCallback(f"{name} is no JSON array: {_said(str(error.args[0]))}") from error


def _said(message: str) -> str:
    """What pyjson5 says, in words: ``Expected b'comma' or U+005d near 6, found U+0027``."""
    words = _BYTES.sub(r"\1", message).replace(" near ", " near character ")
    words = words.replace("JSON5Value", "a value").replace("NumericLiteral", "number")
    words = _CODE_POINT.sub(lambda match: ascii(chr(int(match[1], 16))), words)
    return words[:1].lower() + words[1:_MOST_SAID]
