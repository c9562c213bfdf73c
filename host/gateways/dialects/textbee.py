"""textbee: an Android phone's webhooks in, signed over the body; ``/api/v1/gateway/devices/<device>/send-sms`` out.

https://textbee.dev/docs
"""

from collections.abc import Sequence

from host.errors import TryLater
from host.gateways import documents, signatures
from host.gateways.base import Conversation, Event, Features, Gateway, Parameter, json_request, judge
from host.gateways.template import address
from host.gateways.times import iso
from host.messages import DeliveryReport, DeliveryStatus, HttpRequest, Inbound, Part

_STATUS = {  # by the event, or by the `status` of one that tells no more than that it changed
    "MESSAGE_SENT": DeliveryStatus.ACCEPTED,
    "MESSAGE_DELIVERED": DeliveryStatus.DELIVERED,
    "MESSAGE_FAILED": DeliveryStatus.UNDELIVERED,
    "pending": DeliveryStatus.ACCEPTED,
    "dispatched": DeliveryStatus.ACCEPTED,
    "sent": DeliveryStatus.ACCEPTED,
    "delivered": DeliveryStatus.DELIVERED,
    "failed": DeliveryStatus.UNDELIVERED,
}
_RECEIVED, _CHANGED = "MESSAGE_RECEIVED", "SMS_STATUS_UPDATED"
_SIGNATURE = "x-signature"
_BAD, _MENDABLE = 400, ("Device does not exist or is not enabled", "Failed to send SMS", "Failed to create SMS batch")


class Textbee(Gateway):
    """A phone of a textbee account, or of a server of one's own."""

    name = "textbee"
    hostname = "api.textbee.dev"
    protocol = "https"
    parameters = (
        Parameter("device-id", "the phone, as the dashboard shows it", required=True),
        Parameter("api-key", "the account's API key", required=True, secret=True),
        Parameter("signing-secret", "the webhook's signing secret, 20 characters or more", secret=True),
    )
    features = Features(reports=True, signature=True)

    def recognises(self, request: HttpRequest) -> bool:
        return {"webhookSubscriptionId", "webhookEvent"} <= documents.members_of(request)

    def read(self, request: HttpRequest) -> Sequence[Event]:
        document = documents.document_of(request)
        kind = documents.required_at(document, "webhookEvent")
        if kind == _RECEIVED:
            return [_text(document)]
        about_text = kind in _STATUS or documents.text_at(document, "smsBatchId")
        return [_report(document, kind)] if about_text else []

    def send(self, part: Part) -> Conversation:
        message = {"recipients": [part.receiver], "message": part.text, **self.passed()}
        to = address(self.config, f"api/v1/gateway/devices/{self.own['device-id']}/send-sms")
        answer = yield json_request(to, message, {"x-api-key": self.own["api-key"]})
        if answer.status == _BAD and any(words in answer.text for words in _MENDABLE):
            raise TryLater(f"textbee answered {answer.status}: {answer.start}")
        judge(answer)
        return documents.taken(answer, "data/smsBatchId", "smsBatchId")

    def verify(self, request: HttpRequest) -> bool:
        secret = self.own["signing-secret"]
        given = request.headers.get(_SIGNATURE, "").lower()
        return bool(secret) and signatures.same(given, signatures.hmac_hex(secret, request.body))

    def compose(self, text: Inbound, url: str) -> HttpRequest:
        event = {"webhookEvent": _RECEIVED, "webhookSubscriptionId": "webhook", "deviceId": self.own["device-id"]}
        numbers = {"smsId": text.gateway_message_id, "idempotencyKey": text.gateway_message_id, "sender": text.sender}
        request = json_request(url, {**event, **numbers, "message": text.text})
        signature = signatures.hmac_hex(self.own["signing-secret"], request.body)
        return HttpRequest("POST", url, {**request.headers, _SIGNATURE: signature}, request.body)


def _text(document: object) -> Inbound:
    """The phone's own number is not said: ``deviceId`` is where the text came to."""
    key = documents.text_at(document, "idempotencyKey") or documents.text_at(document, "smsId")
    return Inbound(
        sender=documents.required_at(document, "sender"),
        text=documents.given_at(document, "message"),
        gateway_message_id=key or None,
        sent_at=iso(documents.text_at(document, "receivedAt")),
        parameters=documents.pairs_of(document),
    )


def _report(document: object, kind: str) -> DeliveryReport:
    word = documents.text_at(document, "status") if kind == _CHANGED else kind
    said = (documents.text_at(document, name) for name in ("errorCode", "errorMessage"))
    return DeliveryReport(
        status=_STATUS.get(word, DeliveryStatus.UNKNOWN),
        word=word or kind,
        gateway_message_id=documents.required_at(document, "smsBatchId"),
        detail=" ".join(filter(None, said)),
        parameters=documents.pairs_of(document),
    )
