"""Bandwidth: arrays of texts and delivery reports in JSON in, ``/api/v2/users/<account>/messages`` out.

https://dev.bandwidth.com/docs/messaging/webhooks
"""

from collections.abc import Sequence

from host.gateways import documents
from host.gateways.base import (
    Conversation,
    Event,
    Features,
    Gateway,
    Parameter,
    basic,
    international,
    json_request,
    judge,
)
from host.gateways.template import address
from host.gateways.times import iso
from host.messages import DeliveryReport, DeliveryStatus, HttpRequest, Inbound, Part

_STATUS = {
    **dict.fromkeys(("message-sending", "message-sent"), DeliveryStatus.ACCEPTED),
    **dict.fromkeys(("message-delivered", "message-read"), DeliveryStatus.DELIVERED),
    "message-failed": DeliveryStatus.UNDELIVERED,
}
_ARRIVED = {"message-received", "suggestion-response", "requested-location-response"}  # the last two by RCS
_WORDS = ("text", "content/text", "suggestionResponse/text")


class Bandwidth(Gateway):
    """A messaging application of a Bandwidth account."""

    name = "bandwidth"
    hostname = "messaging.bandwidth.com"
    protocol = "https"
    parameters = (
        Parameter("account-id", "the account's number", required=True),
        Parameter("application-id", "the messaging application", required=True),
        Parameter("username", "an API user of the account", required=True),
        Parameter("password", "its password", required=True, secret=True),
        Parameter("from", "the account's number that phones see, in E.164", required=True),
    )
    features = Features(reports=True)

    def recognises(self, request: HttpRequest) -> bool:
        return b'"message-' in request.body and b'"owner"' in request.body

    def read(self, request: HttpRequest) -> Sequence[Event]:
        document = documents.document_of(request)
        return [_event(document, str(number)) for number in range(len(documents.list_at(document, "")))]

    def send(self, part: Part) -> Conversation:
        message = {
            "applicationId": self.own["application-id"],
            "to": [part.receiver],
            "from": self.own["from"],
            "text": part.text,
            "tag": part.reference,
            **self.passed(),
        }
        to = address(self.config, f"api/v2/users/{self.own['account-id']}/messages")
        headers = {"authorization": basic(self.own["username"], self.own["password"])}
        answer = yield json_request(to, message, headers)
        judge(answer)
        return documents.taken(answer, "id")

    def compose(self, text: Inbound, url: str) -> HttpRequest:
        numbers = {"from": text.sender, "owner": text.receiver, "to": [text.receiver]}
        message = {"id": text.gateway_message_id, **numbers, "text": text.text, "direction": "in"}
        return json_request(url, [{"type": "message-received", "to": text.receiver, "message": message}])


def _event(document: object, path: str) -> Event:
    kind = documents.required_at(document, f"{path}/type")
    return _text(document, path) if kind in _ARRIVED else _report(document, path, kind)


def _text(document: object, path: str) -> Inbound:
    owner = documents.text_at(document, f"{path}/message/owner")
    words = (documents.text_at(document, f"{path}/message/{each}") for each in _WORDS)
    return Inbound(
        sender=international(documents.required_at(document, f"{path}/message/from")),
        text=next(filter(None, words), ""),  # none in an MMS
        receiver=international(owner or documents.text_at(document, f"{path}/to")),
        gateway_message_id=documents.text_at(document, f"{path}/message/id") or None,
        sent_at=iso(documents.text_at(document, f"{path}/message/time")),
        parameters=documents.pairs_of(documents.at(document, path)),
    )


def _report(document: object, path: str, kind: str) -> DeliveryReport:
    said = (documents.text_at(document, f"{path}/{name}") for name in ("errorCode", "description"))
    return DeliveryReport(
        status=_STATUS.get(kind, DeliveryStatus.UNKNOWN),
        word=kind,
        reference=documents.text_at(document, f"{path}/message/tag") or None,
        gateway_message_id=documents.required_at(document, f"{path}/message/id"),
        detail=" ".join(filter(None, said)),
        parameters=documents.pairs_of(documents.at(document, path)),
    )
