"""Delivery reports whose names and words are configured, for gateways that are spoken to by configuration."""

import json
from collections.abc import Iterable, Mapping, Sequence

from host.alphabet import clean
from host.errors import BadCallback
from host.gateways import documents
from host.gateways.base import required
from host.gateways.filling import is_json
from host.gateways.parameter import Parameter
from host.messages import DeliveryReport, DeliveryStatus, HttpRequest
from host.parameters import Parameters, from_urlencoded

NAMES = (
    Parameter("report-reference", "where a delivery report has our reference", default="reference"),
    Parameter("report-id", "where a delivery report has the gateway's message id", default="id"),
    Parameter("report-status", "where a delivery report has its word", default="status"),
    Parameter("report-detail", "where a delivery report has its reason", default="detail"),
    Parameter("report-list", "in JSON, the path of the array, where several reports come at once"),
)
WORDS = (
    Parameter("report-delivered", "words for delivered, separated by commas", default="delivered,delivrd"),
    Parameter(
        "report-undelivered",
        "words for not delivered",
        default="undelivered,undeliv,failed,rejected,rejectd,expired,deleted",
    ),
    Parameter("report-buffered", "words for not delivered yet", default="buffered,queued,enroute"),
    Parameter("report-accepted", "words for taken by the network", default="accepted,acceptd,sent,submitted"),
)
PARAMETERS = (*NAMES, *WORDS)
_STATUSES = {
    "report-accepted": DeliveryStatus.ACCEPTED,
    "report-buffered": DeliveryStatus.BUFFERED,
    "report-delivered": DeliveryStatus.DELIVERED,
    "report-undelivered": DeliveryStatus.UNDELIVERED,
}


def status_of(word: str, own: Mapping[str, str]) -> DeliveryStatus:
    """What a gateway's word means by its parameters; case and blanks around it do not count."""
    for name, status in _STATUSES.items():
        if word.strip().casefold() in words_of(own[name]):
            return status
    return DeliveryStatus.UNKNOWN


def words_of(value: str) -> set[str]:
    """``Delivered, Handed over`` as words to compare with."""
    return {word.strip().casefold() for word in value.split(",")} - {""}


def twice(own: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    """The parameters that give a word a second meaning, and what is wrong."""
    seen: dict[str, str] = {}
    for name in _STATUSES:
        for word in sorted(words_of(own[name])):
            if word in seen:
                yield name, f'has the word "{word}", which {seen[word]} has too: one of them would never count'
            seen[word] = name


def read_reports(request: HttpRequest, own: Mapping[str, str]) -> Sequence[DeliveryReport]:
    """The reports in a request, by name in a query or form, by path in JSON; raises :class:`BadCallback`."""
    query = Parameters(from_urlencoded(request.query))
    if not (request.body and is_json(request.headers.get("content-type", ""))):
        return [_report(dict(request.parameters), request.parameters, own)]
    document = documents.document_of(request)
    entries = documents.at(document, own["report-list"])
    if own["report-list"] and not isinstance(entries, list):
        path = own["report-list"]
        raise BadCallback(f'"{path}" is no array in the JSON body')
    return [_report(each, query, own) for each in (entries if isinstance(entries, list) else [document])]


def _report(entry: object, beside: Parameters, own: Mapping[str, str]) -> DeliveryReport:
    def value(name: str) -> str:
        return documents.text_at(entry, own[name]) or beside.get(own[name], "")

    reference, number, word = value("report-reference"), value("report-id"), value("report-status")
    if not (reference or number):
        names = own["report-reference"], own["report-id"]
        raise BadCallback('parameter "{}" or "{}" is missing'.format(*names))
    return DeliveryReport(
        status=status_of(required(word, own["report-status"]), own),
        word=word,
        reference=reference or None,
        gateway_message_id=number or None,
        detail=value("report-detail"),
        parameters=(*beside.texts(), *_pairs(entry, beside)),
    )


def _pairs(entry: object, beside: Parameters) -> Sequence[tuple[str, str]]:
    """What came beside the query; a form's fields are in ``beside`` already."""
    if isinstance(entry, dict) and entry == dict(beside):
        return ()
    return documents.pairs_of(entry) if isinstance(entry, dict | list) else [("", clean(json.dumps(entry)))]
