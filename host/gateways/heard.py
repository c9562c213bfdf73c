"""What administrators may configure of how an answer is understood: patterns, and where the gateway's message id is."""

import json
from collections.abc import Iterable, Mapping

from host.alphabet import clean
from host.errors import GiveUp, OutcomeUnknown, TryLater
from host.gateways import documents, patterns
from host.gateways.base import judge
from host.gateways.parameter import Parameter
from host.messages import Accepted, HttpResponse

Own = Mapping[str, str]

PARAMETERS = (
    Parameter("success-pattern", "what a 2xx answer's body must have in it; without it the text is HELD"),
    Parameter("failure-pattern", "what in an answer's body says that this text will never be taken"),
    Parameter("retry-pattern", "what in an answer's body says that the text may be offered again"),
    Parameter("id-header", "the header of the answer that has the gateway's message id"),
    Parameter("id-path", "the path in a JSON answer to the gateway's message id, as data/0/id"),
    Parameter("id-pattern", "what in the answer's body is the gateway's message id: its first group"),
)
_PATTERNS = ("success-pattern", "failure-pattern", "retry-pattern", "id-pattern")
_LONGEST_ID = 500  # as of texts that come in: PostgreSQL indexes 2704 bytes at most


def accepted(answer: HttpResponse, own: Own) -> Accepted:
    """What an answer means; raises a :class:`~host.errors.SendError` where it is no yes."""
    said = f"the gateway answered {answer.status}: {answer.start}"
    if _has("retry-pattern", answer, own):
        raise TryLater(said)
    if _has("failure-pattern", answer, own):
        raise GiveUp(said)
    judge(answer)
    if own["success-pattern"] and not _has("success-pattern", answer, own):
        raise OutcomeUnknown(f"{said}, and success-pattern finds nothing in it")
    return Accepted(_id_in(answer, own))


def problems(own: Own) -> Iterable[tuple[str, str]]:
    """The patterns that are none, and why."""
    for name in _PATTERNS:
        if trouble := patterns.trouble(own[name]):
            yield name, f"is no pattern: {trouble}"


def _has(name: str, answer: HttpResponse, own: Own) -> bool:
    return bool(own[name]) and patterns.found(own[name], answer.text) is not None


def _id_in(answer: HttpResponse, own: Own) -> str | None:
    number = ""
    if own["id-header"]:
        number = answer.headers.get(own["id-header"].lower(), "").strip()
    elif own["id-path"]:
        number = documents.text_at(_json_of(answer), own["id-path"])
    elif own["id-pattern"]:
        number = patterns.found(own["id-pattern"], answer.text) or ""
    return clean(number) if 0 < len(number) <= _LONGEST_ID else None


def _json_of(answer: HttpResponse) -> object:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None  # taken all the same: reports then find the text by our reference alone
