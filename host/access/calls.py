"""Requests that call an adapter's procedure, and the one path by which each is judged, whichever form it has.

``/adapters/<adapter>/<procedure>`` says so itself; the classic ``/invoke`` names both in its parameters.
"""

from host.errors import BadCallback
from host.messages import HttpRequest
from host.parameters import Parameters, from_urlencoded

ADAPTERS, INVOKE = "/adapters", "/invoke"

_ADAPTER, _PROCEDURE = "adapter", "procedure"


def procedure_path(adapter: str, procedure: str) -> str:
    """The path by which calls of a procedure are judged."""
    return f"{ADAPTERS}/{adapter}/{procedure}"


def is_call(path: str) -> bool:
    """Whether requests for this path call procedures."""
    return path in {INVOKE, ADAPTERS} or path.startswith(f"{ADAPTERS}/")


def judged_path(request: HttpRequest) -> str:
    """The path of the procedure that a call names; that of none where its parameters cannot be read."""
    if request.path != INVOKE:
        return request.path
    parameters = _in_query(request)
    if not is_named_by(parameters):
        try:
            parameters = request.parameters
        except BadCallback:
            return INVOKE
    return procedure_path(parameters[_ADAPTER], parameters[_PROCEDURE]) if is_named_by(parameters) else INVOKE


def is_named_by(parameters: Parameters) -> bool:
    """Whether they name a procedure."""
    return _ADAPTER in parameters and _PROCEDURE in parameters


def names_in_body(request: HttpRequest) -> bool:
    """Whether only the body can say which procedure this call is for."""
    return request.path == INVOKE and not is_named_by(_in_query(request))


def _in_query(request: HttpRequest) -> Parameters:
    return Parameters(from_urlencoded(request.query))
