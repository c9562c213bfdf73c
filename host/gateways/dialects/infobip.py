"""Infobip: batches of texts and of delivery reports in JSON in, ``/sms/3/messages`` out.

https://www.infobip.com/docs/api/channels/sms
"""

from collections.abc import Sequence

from host.errors import GiveUp, OutcomeUnknown, TryLater
from host.gateways import documents
from host.gateways.base import (
    CALLBACK,
    Conversation,
    Event,
    Features,
    Gateway,
    Parameter,
    digits,
    international,
    json_request,
    judge,
)
from host.gateways.template import address
from host.gateways.times import iso
from host.messages import Accepted, DeliveryReport, DeliveryStatus, HttpRequest, HttpResponse, Inbound, Part

_STATUS = {  # by status.groupName
    **dict.fromkeys(("ACCEPTED", "PENDING"), DeliveryStatus.ACCEPTED),
    "UNDELIVERABLE": DeliveryStatus.UNDELIVERED,
    "DELIVERED": DeliveryStatus.DELIVERED,
    "EXPIRED": DeliveryStatus.UNDELIVERED,
    "REJECTED": DeliveryStatus.UNDELIVERED,
}
_TO_OPERATOR = "DELIVERED_TO_OPERATOR"  # not yet to the phone, though its group is DELIVERED
_TAKEN, _REFUSED = {"0", "1", "3"}, {"2", "4", "5"}  # by status.groupId: 0 accepted, 1 pending, 3 delivered
_SAID = ("groupId", "name", "description")
_MENDABLE = {"REJECTED_NOT_ENOUGH_CREDITS"}


class Infobip(Gateway):
    """An Infobip account, at the base address of its own that Infobip's portal shows."""

    name = "infobip"
    protocol = "https"
    parameters = (
        Parameter("api-key", "the account's API key", required=True, secret=True),
        Parameter("from", "the sender that phones see"),
        Parameter("sender-field", "what the sender is called in `messages[]`: `sender`, or `from`", default="sender"),
        CALLBACK,
    )
    features = Features(reports=True)

    def recognises(self, request: HttpRequest) -> bool:
        return "results" in documents.members_of(request) and b'"messageId"' in request.body

    def read(self, request: HttpRequest) -> Sequence[Event]:
        document = documents.document_of(request)
        count = len(documents.list_at(document, "results"))
        return [_event(document, f"results/{number}") for number in range(count)]

    def send(self, part: Part) -> Conversation:
        headers = {"authorization": f"App {self.own['api-key']}", "accept": "application/json"}
        answer = yield json_request(
            address(self.config, "sms/3/messages"), {"messages": [self._message(part)]}, headers
        )
        judge(answer)
        return _accepted(answer)

    def _message(self, part: Part) -> dict[str, object]:
        destination = {"to": digits(part.receiver), "messageId": part.reference}
        message: dict[str, object] = {"destinations": [destination], "content": {"text": part.text}, **self.passed()}
        if self.own["from"]:
            message[self.own["sender-field"]] = digits(self.own["from"])
        if self.own["callback-url"]:
            message["webhooks"] = {"delivery": {"url": self.own["callback-url"]}, "contentType": "application/json"}
        return message

    def compose(self, text: Inbound, url: str) -> HttpRequest:
        result = {"messageId": text.gateway_message_id, "from": digits(text.sender), "to": digits(text.receiver)}
        result["text"] = text.text
        return json_request(url, {"results": [result], "messageCount": 1, "pendingMessageCount": 0})


def _event(document: object, path: str) -> Event:
    return (_report if isinstance(documents.at(document, f"{path}/status"), dict) else _text)(document, path)


def _text(document: object, path: str) -> Inbound:
    """An MMS, which has an array ``message`` and no text, is an empty one: the others of its batch are not to wait."""
    return Inbound(
        sender=international(documents.required_at(document, f"{path}/from")),
        text=documents.text_at(document, f"{path}/text"),
        receiver=international(documents.text_at(document, f"{path}/to")),
        keyword=documents.text_at(document, f"{path}/keyword"),
        gateway_message_id=documents.text_at(document, f"{path}/messageId") or None,
        sent_at=iso(documents.text_at(document, f"{path}/receivedAt")),
        parameters=documents.pairs_of(documents.at(document, path)),
    )


def _report(document: object, path: str) -> DeliveryReport:
    """Our reference went out as the text's ``messageId``."""
    word, name = (documents.text_at(document, f"{path}/status/{each}") for each in ("groupName", "name"))
    message = documents.required_at(document, f"{path}/messageId")
    return DeliveryReport(
        status=DeliveryStatus.ACCEPTED if name == _TO_OPERATOR else _STATUS.get(word, DeliveryStatus.UNKNOWN),
        word=word,
        reference=message,
        gateway_message_id=message,
        detail=documents.text_at(document, f"{path}/error/name") or name,
        parameters=documents.pairs_of(documents.at(document, path)),
    )


def _accepted(answer: HttpResponse) -> Accepted:
    document = documents.answered(answer)
    status, name, why = (documents.text_at(document, f"messages/0/status/{each}") for each in _SAID)
    if status in _TAKEN:
        return Accepted(documents.text_at(document, "messages/0/messageId") or None)
    said = f"Infobip answered {name}: {why}"
    if name in _MENDABLE:
        raise TryLater(said)
    raise GiveUp(said) if status in _REFUSED else OutcomeUnknown(f"{said}, which says nothing of the text")
