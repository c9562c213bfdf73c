"""Sinch: texts and delivery reports in JSON in, ``/xms/v1/<service plan>/batches`` out.

https://developers.sinch.com/docs/sms/api-reference/
"""

from collections.abc import Sequence

from host.gateways import documents
from host.gateways.base import (
    CALLBACK,
    Conversation,
    Event,
    Features,
    Gateway,
    Parameter,
    bearer,
    digits,
    international,
    json_request,
    judge,
)
from host.gateways.template import address
from host.gateways.times import iso
from host.messages import DeliveryReport, DeliveryStatus, HttpRequest, Inbound, Pairs, Part

_STATUS = {
    "Queued": DeliveryStatus.ACCEPTED,
    "Dispatched": DeliveryStatus.ACCEPTED,
    "Delivered": DeliveryStatus.DELIVERED,
    "Aborted": DeliveryStatus.UNDELIVERED,
    "Cancelled": DeliveryStatus.UNDELIVERED,
    "Deleted": DeliveryStatus.UNDELIVERED,
    "Expired": DeliveryStatus.UNDELIVERED,
    "Failed": DeliveryStatus.UNDELIVERED,
    "Rejected": DeliveryStatus.UNDELIVERED,
}


class Sinch(Gateway):
    """A service plan of Sinch's SMS API; its region is in the hostname."""

    name = "sinch"
    hostname = "us.sms.api.sinch.com"
    protocol = "https"
    parameters = (
        Parameter("service-plan-id", "the service plan, as the dashboard shows it", required=True),
        Parameter("api-token", "the service plan's API token", required=True, secret=True),
        Parameter("from", "the sender that phones see, without a plus; Sinch's choice without one"),
        CALLBACK,
    )
    features = Features(reports=True)

    def recognises(self, request: HttpRequest) -> bool:
        names = documents.members_of(request)
        return {"type", "received_at", "from", "to"} <= names or {"type", "batch_id"} <= names

    def read(self, request: HttpRequest) -> Sequence[Event]:
        document = documents.document_of(request)
        kind = documents.required_at(document, "type")
        if kind.startswith("mo_"):
            return [_text(document, kind)]
        if kind.startswith("recipient_delivery_report"):
            return [_report(document, "status", "code", documents.pairs_of(document))]
        if kind.startswith("delivery_report"):
            statuses = [f"statuses/{each}" for each in range(len(documents.list_at(document, "statuses")))]
            pairs = documents.pairs_of(document)
            return [_report(document, f"{each}/status", f"{each}/code", pairs) for each in statuses]
        return []

    def send(self, part: Part) -> Conversation:
        batch = {"to": [digits(part.receiver)], "body": part.text, "client_reference": part.reference, **self.passed()}
        if self.own["from"]:
            batch["from"] = digits(self.own["from"])
        if self.own["callback-url"]:
            batch |= {"delivery_report": "per_recipient", "callback_url": self.own["callback-url"]}
        to = address(self.config, f"xms/v1/{self.own['service-plan-id']}/batches")
        answer = yield json_request(to, batch, {"authorization": bearer(self.own["api-token"])})
        judge(answer)
        return documents.taken(answer, "id")

    def compose(self, text: Inbound, url: str) -> HttpRequest:
        numbers = {"from": digits(text.sender), "to": digits(text.receiver)}
        return json_request(url, {"type": "mo_text", "id": text.gateway_message_id, **numbers, "body": text.text})


def _text(document: object, kind: str) -> Inbound:
    """The body of an MMS (``mo_media``) is an object with a message; that of a binary text is no text."""
    where = {"mo_text": "body", "mo_media": "body/message"}.get(kind, "")
    read = documents.given_at if kind == "mo_text" else documents.text_at
    return Inbound(
        sender=international(documents.required_at(document, "from")),
        text=read(document, where) if where else "",
        receiver=international(documents.text_at(document, "to")),
        gateway_message_id=documents.text_at(document, "id") or None,
        sent_at=iso(documents.text_at(document, "sent_at") or documents.text_at(document, "received_at")),
        parameters=documents.pairs_of(document),
    )


def _report(document: object, status: str, code: str, pairs: Pairs) -> DeliveryReport:
    word = documents.text_at(document, status)
    return DeliveryReport(
        status=_STATUS.get(word.capitalize(), DeliveryStatus.UNKNOWN),
        word=word,
        reference=documents.text_at(document, "client_reference") or None,
        gateway_message_id=documents.required_at(document, "batch_id"),
        detail=documents.text_at(document, code),
        parameters=pairs,
    )
