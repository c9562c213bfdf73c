"""Name/value parameters as gateways send them: in a query, a form, a multipart body or a flat JSON object.

Values are kept as bytes until somebody asks for text, because some gateways name the charset in another parameter
(Kannel's ``charset=UTF-16BE``).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import unquote_to_bytes

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder

from host.alphabet import clean
from host.errors import BadCallback

Pair = tuple[bytes, bytes]

#: More parameters than any gateway sends; past it a request is answered 400.
MOST_PARAMETERS = 1000

FORM, MULTIPART, JSON = "application/x-www-form-urlencoded", "multipart/form-data", "application/json"

#: RFC 2046, section 5.1.1; one that is longer would cost its reader seconds.
_LONGEST_BOUNDARY = 70

TOO_DEEP = "the JSON body is nested too deep"
_BLANKS = b" \t\r\n"  # of JSON
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


class Parameters(Mapping[str, str]):
    """A request's parameters: the first value under each name, all of them through :meth:`all`.

    ``whole``: whether the pairs say all that the request's body said.
    """

    def __init__(self, pairs: tuple[Pair, ...], whole: bool = True) -> None:
        self.pairs = pairs
        self._whole = whole
        self._texts: tuple[tuple[str, str], ...] | None = None
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

    def spelled(self, name: str) -> str:
        """The first value for comparing: different bytes never give the same text, undecodable ones are spelt out."""
        return self.raw(name).decode(errors="backslashreplace").replace("\0", r"\x00")

    def all(self, name: str) -> list[str]:
        """Every value sent under this name, in order."""
        return [decode(value) for key, value in self.pairs if decode(key) == name]

    def texts(self) -> tuple[tuple[str, str], ...]:
        """Every pair as text, in the order sent."""
        if self._texts is None:
            self._texts = tuple((decode(name), decode(value)) for name, value in self.pairs)
        return self._texts

    def lossless(self) -> bool:
        """Whether the pairs, decoded to text, kept everything that came."""
        return self._whole and not any(_REPLACEMENT in name or _REPLACEMENT in value for name, value in self.texts())


def decode(value: bytes, charset: str = "utf-8") -> str:
    """Bytes to text that any database takes: what does not decode, and NUL, become U+FFFD."""
    return value.decode(charset, errors="replace").replace("\0", _REPLACEMENT)


def read(query: bytes, body: bytes, content_type: str) -> Parameters:
    """The parameters of a request: the query's first, then the body's.

    Bodies of other types than form, multipart and JSON have no parameters. Raises :class:`BadCallback`.
    """
    in_body, whole = _from_body(body, content_type)
    pairs = (*from_urlencoded(query), *in_body)
    if len(pairs) > MOST_PARAMETERS:
        raise BadCallback(f"{len(pairs)} parameters: at most {MOST_PARAMETERS} are accepted")
    return Parameters(pairs, whole)


def delimits_itself(content_type: str) -> bool:
    """Whether a body of this type shows by itself that it is whole (JSON does, a form does not)."""
    return kind_of(content_type)[0] in {JSON, MULTIPART}


def from_urlencoded(data: bytes) -> tuple[Pair, ...]:
    """``a=1&b=2`` as pairs of bytes; nothing is rejected."""
    fields = (field.replace(b"+", b" ").partition(b"=") for field in data.split(b"&") if field)
    return tuple((unquote_to_bytes(name), unquote_to_bytes(value)) for name, _, value in fields)


def kind_of(content_type: str) -> tuple[str, dict[str, str]]:
    """A Content-Type header's type, in lower case, and its options; no type means a form."""
    kind, options = parse_options_header(content_type)
    return kind.lower() or FORM, options


def fields_of(body: bytes, boundary: str) -> list[tuple[Field | File, bytes]]:
    """The parts of a multipart body; raises :class:`BadCallback`."""
    if not boundary:
        raise BadCallback("the multipart body names no boundary in its Content-Type")
    if len(boundary) > _LONGEST_BOUNDARY:
        raise BadCallback(f"the multipart body's boundary is longer than {_LONGEST_BOUNDARY} characters")
    decoder = MultipartDecoder(boundary.encode("utf-8", "replace"), max_parts=MOST_PARAMETERS)
    fields: list[tuple[Field | File, bytes]] = []
    try:
        decoder.receive_data(body)
        decoder.receive_data(None)  # a body without its closing boundary is refused from here on
        while not isinstance(event := decoder.next_event(), Epilogue):
            if isinstance(event, Field | File):
                fields.append((_named(event), b""))
            elif isinstance(event, Data):
                fields[-1] = (fields[-1][0], fields[-1][1] + event.data)
    except RequestEntityTooLarge as error:
        raise BadCallback(f"the multipart body has too many parts: at most {MOST_PARAMETERS} are accepted") from error
    except Exception as error:
        raise BadCallback(f"the multipart body is broken or ends too early: {error}") from error
    return fields


def members_of(body: bytes) -> list[tuple[str, object]]:
    """The members of a JSON object, repeated names too; raises :class:`BadCallback`."""
    try:
        document = json.loads(body, object_pairs_hook=_Members)
    except RecursionError as error:
        raise BadCallback(TOO_DEEP) from error
    except ValueError as error:
        raise BadCallback(f"the JSON body is broken: {error}") from error
    if not isinstance(document, _Members):
        raise BadCallback("the JSON body must be an object of names and values")
    return document.pairs


def is_array(body: bytes) -> bool:
    """Whether a JSON body is an array, which has no parameters."""
    return body.lstrip(_BLANKS)[:1] == b"["


class _Members(dict[str, object]):
    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs


def _named(part: Field | File) -> Field | File:
    if not isinstance(part.name, str):  # Werkzeug casts, and does not look
        raise ValueError("a part has no name")  # noqa: TRY004 - a mistake of the sender, not of a type
    return part


def _from_body(body: bytes, content_type: str) -> tuple[Iterable[Pair], bool]:
    """The pairs, and whether they say all that the body said."""
    kind, options = kind_of(content_type)
    if not body:
        return (), True
    if kind == FORM:
        return from_urlencoded(body), True
    if kind == MULTIPART:
        return [(part.name.encode(), data) for part, data in fields_of(body, options.get("boundary", ""))], True
    if kind == JSON:
        return _from_json(body)
    return (), False


def _from_json(body: bytes) -> tuple[Iterable[Pair], bool]:
    members = members_of(body)
    try:
        pairs = [(clean(name).encode(), clean(_json_text(value)).encode()) for name, value in members]
    except RecursionError as error:  # writing takes a little more room than reading did
        raise BadCallback(TOO_DEEP) from error
    return pairs, all(isinstance(value, str | int) for _, value in members)


def _json_text(value: object) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)
