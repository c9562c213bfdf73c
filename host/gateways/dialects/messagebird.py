"""MessageBird's classic SMS API, now Bird's: posted texts and queried reports in, the messages resource out.

https://developers.messagebird.com/api/sms-messaging/; the newer Bird API is another one.
"""

import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from host.alphabet import Alphabet
from host.errors import OutcomeUnknown, TryLater
from host.gateways import base, documents, times
from host.gateways.base import Conversation, Event, Features, Gateway, Parameter, digits, international, required
from host.gateways.signing import messagebird as signing
from host.gateways.template import address
from host.messages import Accepted, DeliveryReport, DeliveryStatus, HttpRequest, HttpResponse, Inbound, Part, plain
from host.parameters import Parameters

_STATUS = {
    **dict.fromkeys(("scheduled", "sent"), DeliveryStatus.ACCEPTED),
    "buffered": DeliveryStatus.BUFFERED,
    "delivered": DeliveryStatus.DELIVERED,
    **dict.fromkeys(("expired", "delivery_failed"), DeliveryStatus.UNDELIVERED),
}
_MARKS = ({"originator", "recipient"}, {"mid", "shortcode"}, {"recipient", "statusDatetime"})
_MENDABLE = {"2", "25"}  # access key, balance


class MessageBird(Gateway):
    """An account of MessageBird's."""

    name = "messagebird"
    hostname, protocol = "rest.messagebird.com", "https"

    parameters = (
        Parameter("access-key", "the API key that texts are sent with", required=True, secret=True),
        Parameter("signing-key", "the key that webhooks are signed with; not the API key", secret=True),
        Parameter("from", "the originator: a number, a short code or a name", required=True),
        Parameter("premium-sender-field", "what premium short codes call the sender", default="originator"),
        base.CALLBACK,
    )
    features = Features(reports=True, signature=True)

    def recognises(self, request: HttpRequest) -> bool:
        return signing.HEADER in request.headers or any(marks <= request.parameters.keys() for marks in _MARKS)

    def read(self, request: HttpRequest) -> Sequence[Event]:
        everything = request.parameters
        given = Parameters(tuple(reversed(everything.pairs)))  # older names come first: of two ids the last is its own
        premium = "message" in given and "body" not in given
        has_media = any(name.casefold().startswith("mediaurls") for name in given)
        if "status" in given and "body" not in given and not premium:
            return [_report(everything)]
        if "body" not in given and not premium and not has_media:
            required("", "body")
        sender = self.own["premium-sender-field"] if premium else "originator"
        number = next(filter(None, map(given.spelled, ("mid", "message_id", "id") if premium else ("id",))), None)
        when = given.get("createdDatetime") or given.get("receive_datetime", "")
        receiver = (premium and given.get("shortcode")) or given.get("recipient", "")
        return [
            Inbound(
                sender=international(required(given.get(sender, ""), sender)),
                text=given.get("message" if premium else "body", ""),
                receiver=international(receiver),
                gateway_message_id=number,
                sent_at=times.written(when, "%Y%m%d%H%M%S") or times.iso(when),
                parameters=everything.texts(),
                raw=None if everything.lossless() else request.query + b"\n" + request.body,
            )
        ]

    def acknowledge(self, events: Sequence[Event]) -> HttpResponse:
        return plain(200, "OK")

    def send(self, part: Part) -> Conversation:
        headers = {"authorization": f"AccessKey {self.own['access-key']}", "accept": "application/json"}
        answer = yield base.json_request(address(self.config, "messages"), self._document(part), headers)
        return Accepted(_judged(answer))

    def _document(self, part: Part) -> dict[str, object]:
        document: dict[str, object] = {"recipients": [digits(part.receiver)], "originator": digits(self.own["from"])}
        document |= {"body": part.text, "reference": part.reference}
        document["datacoding"] = "unicode" if part.alphabet is Alphabet.UCS2 else "plain"
        if self.own["callback-url"]:
            document["reportUrl"] = self.own["callback-url"]
        return {**document, **self.passed()}

    def verify(self, request: HttpRequest) -> bool:
        return signing.good(request, self.own["signing-key"])

    def compose(self, text: Inbound, url: str) -> HttpRequest:
        fields = {"id": text.gateway_message_id or uuid.uuid4().hex, "originator": digits(text.sender)}
        fields |= {"recipient": digits(text.receiver), "body": text.text}
        request = base.form_request(url, fields)
        key = self.own["signing-key"]
        signed = {signing.HEADER: signing.sign(request, key)} if key else {}
        return replace(request, headers={**request.headers, **signed})


def _report(given: Parameters) -> DeliveryReport:
    word = given["status"]
    status, reference = _STATUS.get(word, DeliveryStatus.UNKNOWN), given.get("reference") or None
    detail = " ".join(given[name] for name in ("statusErrorCode", "statusReason") if given.get(name))
    return DeliveryReport(status, word, reference, given.spelled("id") or None, detail, given.texts())


def _judged(answer: HttpResponse) -> str:
    """The text's id; raises what MessageBird's own code, or the status, means."""
    with suppress(OutcomeUnknown):
        if documents.text_at(documents.answered(answer), "errors/0/code") in _MENDABLE:
            raise TryLater(f"the gateway answered {answer.status}: {answer.start}")
    base.judge(answer)
    message = documents.text_at(documents.answered(answer), "id")
    if not message:
        raise OutcomeUnknown(f"MessageBird answered {answer.status} without an id: {answer.start!r}")
    return message
