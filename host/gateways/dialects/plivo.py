"""Plivo's SMS API: message webhooks in, XML as their answer, the Message resource out.

https://docs.plivo.com/docs/messaging/xml/request, https://docs.plivo.com/docs/messaging/api/message/send-a-message,
https://docs.plivo.com/docs/messaging/api/message/message-status-callbacks
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace

from host.errors import OutcomeUnknown, Problem
from host.gateways import base, checks, documents, markup
from host.gateways.base import Conversation, Event, Features, Gateway, Parameter, digits, international, required
from host.gateways.callbacks import reference_of, with_reference
from host.gateways.signing import plivo as signing
from host.gateways.template import address
from host.messages import Accepted, DeliveryReport, DeliveryStatus, HttpRequest, HttpResponse, Inbound, Part

_STATUS = {
    **dict.fromkeys(("queued", "sent"), DeliveryStatus.ACCEPTED),
    **dict.fromkeys(("delivered", "read"), DeliveryStatus.DELIVERED),
    **dict.fromkeys(("undelivered", "rejected", "failed"), DeliveryStatus.UNDELIVERED),
}


class Plivo(Gateway):
    """An account or sub-account of Plivo's, sending by a number or a Powerpack."""

    name = "plivo"
    hostname, protocol = "api.plivo.com", "https"

    parameters = (
        Parameter("auth-id", "the account (MA...) or sub-account (SA...)", required=True),
        Parameter("auth-token", "its auth token: sends, and signs webhooks", required=True, secret=True),
        Parameter("main-auth-token", "of a sub-account: the main account's token, which signs as well", secret=True),
        Parameter("signature", "the least that counts: v2, or v3, which covers the body as well", default=signing.V2),
        Parameter("from", "the sender: a number, a short code or a name"),
        Parameter("powerpack", "the UUID of a Powerpack, which chooses the sender"),
        base.CALLBACK,
    )
    features = Features(reports=True, signature=True, answer=True)

    def recognises(self, request: HttpRequest) -> bool:
        return "MessageUUID" in request.parameters or any(each in request.headers for each in signing.HEADERS)

    def read(self, request: HttpRequest) -> Sequence[Event]:
        given, pairs = request.parameters, request.parameters.texts()
        names = ("ParentMessageUUID", "MessageUUID")  # the parts of a long text have ids of their own
        uuid_of_text = next(filter(None, map(given.spelled, names)), None)
        if "Status" in given and "Text" not in given:
            word = given["Status"]
            status, detail = _STATUS.get(word, DeliveryStatus.UNKNOWN), given.get("ErrorCode", "")
            return [DeliveryReport(status, word, reference_of(request), uuid_of_text, detail, pairs)]
        if "Text" not in given and given.get("Type") != "mms":
            required("", "Text")
        return [
            Inbound(
                sender=international(required(given.get("From", ""), "From")),
                text=given.get("Text", ""),
                receiver=international(given.get("To", "")),
                gateway_message_id=uuid_of_text,
                parameters=pairs,
                raw=None if given.lossless() else request.query + b"\n" + request.body,
            )
        ]

    def acknowledge(self, events: Sequence[Event]) -> HttpResponse:
        return markup.messages(())

    def answer_with(self, events: Sequence[Event], parts: Sequence[Part]) -> HttpResponse:
        inbound = (each for each in events if isinstance(each, Inbound))
        ends = [{"src": digits(each.receiver), "dst": digits(each.sender)} for each in inbound]
        return markup.messages([each.text for each in parts], {**(ends[0] if ends else {}), "type": "sms"})

    def send(self, part: Part) -> Conversation:
        account = self.own["auth-id"]
        headers = {"authorization": base.basic(account, self.own["auth-token"])}
        url = address(self.config, f"v1/Account/{account}/Message/")
        answer = yield base.json_request(url, self._document(part), headers)
        base.judge(answer)
        message = documents.text_at(documents.answered(answer), "message_uuid/0")
        if not message:
            raise OutcomeUnknown(f"Plivo answered {answer.status} without a message_uuid: {answer.start!r}")
        return Accepted(message)

    def _document(self, part: Part) -> dict[str, object]:
        own, document = self.own, {"dst": digits(part.receiver), "text": part.text, "type": "sms"}
        for name, parameter in (("src", "from"), ("powerpack_uuid", "powerpack")):
            document |= {name: digits(own[parameter])} if own[parameter] else {}
        if own["callback-url"]:
            document |= {"url": with_reference(own["callback-url"], part.reference), "method": "POST"}
        return {**document, **self.passed()}

    def problems(self) -> Iterable[Problem]:
        yield from super().problems()
        yield from checks.one_of(self, "from", "powerpack")
        yield from checks.choice(self, "signature", (signing.V2, signing.V3))

    def verify(self, request: HttpRequest) -> bool:
        version = signing.version_of(request)
        if not version or (version == signing.V2 and self.own["signature"] != signing.V2):
            return False
        return signing.good(request, version, self.own["auth-token"], self.own["main-auth-token"])

    def compose(self, text: Inbound, url: str) -> HttpRequest:
        fields = {"MessageUUID": text.gateway_message_id or str(uuid.uuid4()), "Type": "sms", "Units": "1"}
        fields |= {"From": digits(text.sender), "To": digits(text.receiver), "Text": text.text, "MessageIntent": ""}
        request = base.form_request(url, fields)
        signed = signing.sign(request, self.own["auth-token"], str(uuid.uuid4().int))
        return replace(request, headers={**request.headers, **signed})
