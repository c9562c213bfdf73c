"""Name/value parameters as gateways send them: in a query, a form, a multipart body or a flat JSON object.

Values are kept as bytes until somebody asks for text, because some gateways name the charset in another parameter
(Kannel's ``charset=UTF-16BE``).
"""

import json
from collections.abc import Iterator, Mapping
from urllib.parse import unquote_to_bytes

from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from host.alphabet import clean
from host.errors import BadCallback

Pair = tuple[bytes, bytes]

#: More parameters than any gateway sends; past it a request is answered 400.
MOST_PARAMETERS = 1000

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


class Parameters(Mapping[str, str]):
    """A request's parameters: the first value under each name, all of them through :meth:`all`."""

    def __init__(self, pairs: tuple[Pair, ...]) -> None:
        self.pairs = pairs
        self._first: dict[str, bytes] = {}
        for name, value in pairs:
            self._first.setdefault(decode(name), value)

    def __getitem__(self, name: str) -> str:
        return decode(self._first[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._first)

    def __len__(self) -> int:
        return len(self._first)

    def raw(self, name: str) -> bytes:
        """The first value's bytes, before any charset; ``b""`` when absent."""
        return self._first.get(name, b"")

    def all(self, name: str) -> list[str]:
        """Every value sent under this name, in order."""
        return [decode(value) for key, value in self.pairs if decode(key) == name]

    def texts(self) -> tuple[tuple[str, str], ...]:
        """Every pair as text, in the order sent."""
        return tuple((decode(name), decode(value)) for name, value in self.pairs)

    def lossless(self) -> bool:
        """Whether decoding to text kept every byte."""
        return not any(_REPLACEMENT in name or _REPLACEMENT in value for name, value in self.texts())


def decode(value: bytes, charset: str = "utf-8") -> str:
    """Bytes to text that any database takes: what does not decode, and NUL, become U+FFFD."""
    return value.decode(charset, errors="replace").replace("\0", _REPLACEMENT)


def read(query: bytes, body: bytes, content_type: str) -> Parameters:
    """The parameters of a request: the query's first, then the body's.

    Bodies of other types than form, multipart and JSON have no parameters. Raises :class:`BadCallback`.
    """
    pairs = (*from_urlencoded(query), *_from_body(body, content_type))
    if len(pairs) > MOST_PARAMETERS:
        raise BadCallback(f"{len(pairs)} parameters: at most {MOST_PARAMETERS} are accepted")
    return Parameters(pairs)


def delimits_itself(content_type: str) -> bool:
    """Whether a body of this type shows by itself that it is whole (JSON does, a form does not)."""
    return _kind(content_type)[0] in {"application/json", "multipart/form-data"}


def from_urlencoded(data: bytes) -> tuple[Pair, ...]:
    """``a=1&b=2`` as pairs of bytes; nothing is rejected."""
    fields = (field.replace(b"+", b" ").partition(b"=") for field in data.split(b"&") if field)
    return tuple((unquote_to_bytes(name), unquote_to_bytes(value)) for name, _, value in fields)


def _kind(content_type: str) -> tuple[str, dict[str, str]]:
    kind, options = parse_options_header(content_type)
    return kind.lower(), options


def _from_body(body: bytes, content_type: str) -> tuple[Pair, ...]:
    kind, options = _kind(content_type)
    if not body:
        return ()
    if kind in {"", "application/x-www-form-urlencoded"}:
        return from_urlencoded(body)
    if kind == "multipart/form-data":
        return _from_multipart(body, options.get("boundary", ""))
    if kind == "application/json":
        return _from_json(body)
    return ()


def _from_multipart(body: bytes, boundary: str) -> tuple[Pair, ...]:
    if not boundary:
        raise BadCallback("the multipart body names no boundary in its Content-Type")
    decoder = MultipartDecoder(boundary.encode(), max_parts=MOST_PARAMETERS)
    decoder.receive_data(body)
    decoder.receive_data(None)
    pairs: list[Pair] = []
    try:
        while not isinstance(event := decoder.next_event(), Epilogue | NeedData):
            if isinstance(event, Field | File):
                pairs.append((event.name.encode(), b""))
            elif isinstance(event, Data):
                pairs[-1] = (pairs[-1][0], pairs[-1][1] + event.data)
    except Exception as error:
        raise BadCallback(f"the multipart body is broken: {error}") from error
    if isinstance(event, NeedData):
        raise BadCallback("the multipart body ends before its closing boundary")
    return tuple(pairs)


def _from_json(body: bytes) -> tuple[Pair, ...]:
    try:
        document = json.loads(body)
    except RecursionError as error:
        raise BadCallback("the JSON body is nested too deep") from error
    except ValueError as error:
        raise BadCallback(f"the JSON body is broken: {error}") from error
    if not isinstance(document, dict):
        raise BadCallback("the JSON body must be an object of names and values")
    return tuple((clean(name).encode(), clean(_json_text(value)).encode()) for name, value in document.items())


def _json_text(value: object) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)
