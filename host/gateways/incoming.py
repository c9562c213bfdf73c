"""Values of a request by configured names, which may be paths where a JSON body is nested."""

from host.gateways import documents
from host.gateways.filling import is_json
from host.messages import HttpRequest


def value_of(request: HttpRequest, name: str) -> str:
    """The parameter, or where the name is a path (``message/from``) what is there; "" where nothing is."""
    given = request.parameters
    if name in given or not _is_path(request, name):
        return given.get(name, "")
    return documents.text_at(documents.document_of(request), name)


def has(request: HttpRequest, name: str) -> bool:
    """Whether the request has something under a name or at a path."""
    if name in request.parameters or not _is_path(request, name):
        return name in request.parameters
    return documents.at(documents.document_of(request), name) is not None


def _is_path(request: HttpRequest, name: str) -> bool:
    return "/" in name and bool(request.body) and is_json(request.headers.get("content-type", ""))
