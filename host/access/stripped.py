"""A request without the parameters that carried its credentials: nothing past the guard can keep or show them."""

import json
from collections.abc import Collection
from dataclasses import replace

from werkzeug.sansio.multipart import Data, Epilogue, MultipartEncoder, Preamble

from host.errors import BadCallback
from host.messages import HttpRequest
from host.parameters import (
    FORM,
    JSON,
    MULTIPART,
    TOO_DEEP,
    decode,
    fields_of,
    from_urlencoded,
    is_array,
    kind_of,
    members_of,
)


def without(request: HttpRequest, names: Collection[str], headers: Collection[str] = ()) -> HttpRequest:
    """The request as if these parameters and headers (in lower case) had not been sent.

    A JSON or multipart body that had one of them is written anew; everything else keeps its bytes. Raises
    :class:`~host.errors.BadCallback` where the body is broken.
    """
    if headers:
        request = replace(
            request, headers={name: text for name, text in request.headers.items() if name not in headers}
        )
    if not names:
        return request
    query = _urlencoded(request.query, names)
    address, mark, _ = request.url.partition("?")
    return replace(
        request,
        url=address + (mark + query.decode("ascii", "replace") if query else ""),
        query=query,
        body=_body(request.body, request.headers.get("content-type", ""), names),
    )


def _body(body: bytes, content_type: str, names: Collection[str]) -> bytes:
    kind, options = kind_of(content_type)
    if not body:
        return body
    if kind == FORM:
        return _urlencoded(body, names)
    if kind == MULTIPART:
        return _multipart(body, options.get("boundary", ""), names)
    return _json(body, names) if kind == JSON and not is_array(body) else body


def _urlencoded(data: bytes, names: Collection[str]) -> bytes:
    return b"&".join(field for field in data.split(b"&") if not _is_one_of(field, names))


def _is_one_of(field: bytes, names: Collection[str]) -> bool:
    return any(decode(name) in names for name, _ in from_urlencoded(field))


def _multipart(body: bytes, boundary: str, names: Collection[str]) -> bytes:
    fields = fields_of(body, boundary)
    kept = [(part, data) for part, data in fields if part.name not in names]
    if len(kept) == len(fields):
        return body
    encoder = MultipartEncoder(boundary.encode("utf-8", "replace"))
    events = [event for part, data in kept for event in (part, Data(data=data, more_data=False))]
    return b"".join(encoder.send_event(event) for event in (Preamble(data=b""), *events, Epilogue(data=b"")))


def _json(body: bytes, names: Collection[str]) -> bytes:
    members = members_of(body)
    kept = [(name, value) for name, value in members if name not in names]
    if len(kept) == len(members):
        return body
    try:
        return f"{{{', '.join(f'{json.dumps(name)}: {json.dumps(value)}' for name, value in kept)}}}".encode()
    except RecursionError as error:  # writing takes a little more room than reading did
        raise BadCallback(TOO_DEEP) from error
