"""Africa's Talking: forms for texts, delivery reports and opt-outs in, ``/version1/messaging`` out.

https://developers.africastalking.com/docs/sms/overview
"""

from collections.abc import Sequence

from host.errors import GiveUp, OutcomeUnknown, TryLater
from host.gateways import documents
from host.gateways.base import Conversation, Event, Features, Gateway, Parameter, form_request, judge, required
from host.gateways.template import address
from host.gateways.times import iso
from host.messages import Accepted, DeliveryReport, DeliveryStatus, HttpRequest, HttpResponse, Inbound, Part

_STATUS = {
    "Sent": DeliveryStatus.ACCEPTED,
    "Submitted": DeliveryStatus.ACCEPTED,
    "Buffered": DeliveryStatus.BUFFERED,
    "Success": DeliveryStatus.DELIVERED,
    "Rejected": DeliveryStatus.UNDELIVERED,
    "Failed": DeliveryStatus.UNDELIVERED,
    "Expired": DeliveryStatus.UNDELIVERED,
    "AbsentSubscriber": DeliveryStatus.UNDELIVERED,
}
_TAKEN = {"100", "101", "102"}  # processed, sent, queued
_MENDABLE = {"InvalidSenderId", "InsufficientBalance", "RiskHold"}
_OPTED_OUT = "STOP"


class AfricasTalking(Gateway):
    """An account of Africa's Talking; its sandbox is ``hostname="api.sandbox.africastalking.com"``."""

    name = "africastalking"
    hostname = "api.africastalking.com"
    protocol = "https"
    parameters = (
        Parameter("username", "the account's user name; `sandbox` for the sandbox", required=True),
        Parameter("api-key", "the account's API key", required=True, secret=True),
    )
    features = Features(reports=True)

    def recognises(self, request: HttpRequest) -> bool:
        given = request.parameters
        return {"linkId", "from", "text"} <= given.keys() or {"status", "phoneNumber", "networkCode"} <= given.keys()

    def read(self, request: HttpRequest) -> Sequence[Event]:
        given = request.parameters
        if "phoneNumber" in given and "senderId" in given and "text" not in given:
            return [_opt_out(request)]
        return [_report(request)] if "status" in given and "text" not in given else [_text(request)]

    def send(self, part: Part) -> Conversation:
        fields = {"username": self.own["username"], "to": part.receiver, "message": part.text, **self.extras()}
        headers = {"apiKey": self.own["api-key"], "accept": "application/json"}
        answer = yield form_request(address(self.config, "version1/messaging"), fields, headers)
        judge(answer)
        return _accepted(answer)

    def compose(self, text: Inbound, url: str) -> HttpRequest:
        fields = {"from": text.sender, "to": text.receiver, "text": text.text, "id": text.gateway_message_id or ""}
        return form_request(url, {**fields, "linkId": ""})


def _text(request: HttpRequest) -> Inbound:
    given = request.parameters
    if "text" not in given:
        required("", "text")
    return Inbound(
        sender=required(given.get("from", ""), "from"),
        text=given["text"],
        receiver=given.get("to", ""),
        gateway_message_id=given.spelled("id") or None,
        sent_at=iso(given.get("date", "")),
        parameters=given.texts(),
        raw=None if given.lossless() else request.query + b"\n" + request.body,
    )


def _opt_out(request: HttpRequest) -> Inbound:
    """Whoever opted out of a sender's texts said so to Africa's Talking: here it is a text that says so."""
    given = request.parameters
    sender = required(given["phoneNumber"], "phoneNumber")
    return Inbound(sender, _OPTED_OUT, given["senderId"], _OPTED_OUT, parameters=given.texts())


def _report(request: HttpRequest) -> DeliveryReport:
    given = request.parameters
    word = given["status"]
    return DeliveryReport(
        status=_STATUS.get(word, DeliveryStatus.UNKNOWN),
        word=word,
        gateway_message_id=required(given.spelled("id"), "id"),
        detail=given.get("failureReason", ""),
        parameters=given.texts(),
    )


def _accepted(answer: HttpResponse) -> Accepted:
    """Whether the text was taken is said for each recipient in the body of a 201."""
    document = documents.answered(answer)
    recipient = "SMSMessageData/Recipients/0"
    code = documents.text_at(document, f"{recipient}/statusCode")
    word = documents.text_at(document, f"{recipient}/status")
    if word == "Success" or code in _TAKEN:
        return Accepted(documents.text_at(document, f"{recipient}/messageId") or None)
    refusal = word or documents.text_at(document, "SMSMessageData/Message")  # of the whole request: no recipients
    said = f"Africa's Talking answered {code} {refusal}"
    if refusal in _MENDABLE or code.startswith("5"):
        raise TryLater(said, about_gateway=code.startswith("5"))
    raise GiveUp(said) if refusal else OutcomeUnknown(f"{said}, which says nothing of the text")
