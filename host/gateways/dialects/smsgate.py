"""SMS Gate (android-sms-gateway): an Android phone's signed webhooks in, its own or its cloud's API out.

https://docs.sms-gate.app/features/webhooks/
"""

from collections.abc import Sequence

from host.gateways import documents, signatures
from host.gateways.base import Conversation, Event, Features, Gateway, Parameter, basic, json_request, judge
from host.gateways.template import address
from host.gateways.times import iso
from host.messages import Accepted, DeliveryReport, DeliveryStatus, HttpRequest, Inbound, Part

_STATUS = {
    "sms:sent": DeliveryStatus.ACCEPTED,
    "sms:delivered": DeliveryStatus.DELIVERED,
    "sms:failed": DeliveryStatus.UNDELIVERED,
    "sms:cancelled": DeliveryStatus.UNDELIVERED,
}
_RECEIVED = "sms:received"
_ARRIVED = frozenset({_RECEIVED, "sms:data-received", "mms:received", "mms:downloaded"})
_BATCH = "batch:"  # as in sms:batch:received, whose payload has several messages
_KNOWN = 409
_SIGNATURE, _STAMP = "x-signature", "x-timestamp"


class SmsGate(Gateway):
    """A phone with the app; the id of a text is ours, so a repeat is known (409) and does no harm."""

    name = "smsgate"
    hostname = "api.sms-gate.app"
    protocol = "https"
    on_unknown = "retry"
    parameters = (
        Parameter("username", "the user name that the app shows", required=True),
        Parameter("password", "its password", required=True, secret=True),
        Parameter("signing-key", "the webhooks' signing key, in the app's settings", secret=True),
    )
    features = Features(reports=True, signature=True)

    def recognises(self, request: HttpRequest) -> bool:
        return {"event", "webhookId", "deviceId", "payload"} <= documents.members_of(request)

    def read(self, request: HttpRequest) -> Sequence[Event]:
        document = documents.document_of(request)
        kind = documents.required_at(document, "event")
        if kind.replace(_BATCH, "", 1) in _ARRIVED:
            return [_text(each) for each in (_singly(document) if _BATCH in kind else [document])]
        return [_report(document, kind)] if kind.startswith("sms:") else []

    def send(self, part: Part) -> Conversation:
        message = {"id": part.key, "textMessage": {"text": part.text}, "phoneNumbers": [part.receiver]}
        headers = {"authorization": basic(self.own["username"], self.own["password"])}
        to = address(self.config, "3rdparty/v1/messages")
        answer = yield json_request(to, {**message, "withDeliveryReport": True, **self.passed()}, headers)
        if answer.status == _KNOWN:
            return Accepted(part.key)
        judge(answer)
        return Accepted(documents.text_at(documents.answered(answer), "id") or part.key)

    def verify(self, request: HttpRequest) -> bool:
        key, stamp = self.own["signing-key"], request.headers.get(_STAMP, "")
        signed = signatures.same(request.headers.get(_SIGNATURE, "").lower(), _signature(key, request.body, stamp))
        return bool(key) and signed and signatures.is_fresh(stamp)

    def compose(self, text: Inbound, url: str) -> HttpRequest:
        payload = {"messageId": "00000000", "sender": text.sender, "recipient": text.receiver, "message": text.text}
        event = {"id": text.gateway_message_id, "event": _RECEIVED, "deviceId": "device", "webhookId": "webhook"}
        request, stamp = json_request(url, {**event, "payload": payload}), signatures.now()
        signature = _signature(self.own["signing-key"], request.body, stamp)
        headers = {**request.headers, _STAMP: stamp, _SIGNATURE: signature}
        return HttpRequest("POST", url, headers, request.body)


def _signature(key: str, body: bytes, stamp: str) -> str:
    return signatures.hmac_hex(key, body + stamp.encode())


def _singly(document: object) -> list[dict[str, object]]:
    """The events of a batch as if each had come alone; its ``id`` is the batch's, with a number."""
    assert isinstance(document, dict)  # it has an event
    number = documents.text_at(document, "id")
    messages = enumerate(documents.list_at(document, "payload/messages"))
    return [{**document, "id": number and f"{number}/{each}", "payload": message} for each, message in messages]


def _text(document: object) -> Inbound:
    """The outer ``id`` is the same when the phone tries again; ``messageId`` is a hash, which two texts can share.

    Data texts have none, and an MMS has one once it is downloaded: ``event`` tells them apart, and what they bring is
    among the parameters.
    """
    is_text = documents.text_at(document, "event").replace(_BATCH, "", 1) == _RECEIVED
    sender = documents.text_at(document, "payload/sender") or documents.text_at(document, "payload/phoneNumber")
    return Inbound(
        sender=sender or documents.required_at(document, "payload/sender"),
        text=(documents.given_at if is_text else documents.text_at)(
            document, "payload/message" if is_text else "payload/body"
        ),
        receiver=documents.text_at(document, "payload/recipient"),
        gateway_message_id=documents.text_at(document, "id") or None,
        sent_at=iso(documents.text_at(document, "payload/receivedAt")),
        parameters=documents.pairs_of(document),
    )


def _report(document: object, kind: str) -> DeliveryReport:
    return DeliveryReport(
        status=_STATUS.get(kind, DeliveryStatus.UNKNOWN),
        word=kind,
        gateway_message_id=documents.required_at(document, "payload/messageId"),
        detail=documents.text_at(document, "payload/reason"),
        parameters=documents.pairs_of(document),
    )
