"""Twilio Programmable Messaging: webhooks in, TwiML as their answer, the Messages resource out.

https://www.twilio.com/docs/messaging/guides/webhook-request, https://www.twilio.com/docs/messaging/api/message-resource
"""

import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace

from host import clock
from host.alphabet import clean
from host.errors import OutcomeUnknown, Problem, TryLater
from host.gateways import base, checks, documents, markup
from host.gateways.base import Conversation, Event, Features, Gateway, Parameter
from host.gateways.callbacks import reference_of, with_reference
from host.gateways.signing import twilio as signing
from host.gateways.template import address
from host.messages import Accepted, DeliveryReport, DeliveryStatus, HttpRequest, HttpResponse, Inbound, Part

_STATUS = {
    **dict.fromkeys(("queued", "accepted", "scheduled", "sending", "sent"), DeliveryStatus.ACCEPTED),
    **dict.fromkeys(("delivered", "read"), DeliveryStatus.DELIVERED),
    **dict.fromkeys(("undelivered", "failed", "canceled"), DeliveryStatus.UNDELIVERED),
}
_TOO_MANY = {"20429", "21611"}  # requests; texts in the queue of this sender
_TOKEN = "i-twilio-idempotency-token"  # noqa: S105 - a header, the same in every attempt at a webhook


class Twilio(Gateway):
    """An account of Twilio's, sending by a number or a Messaging Service."""

    name = "twilio"
    hostname, protocol = "api.twilio.com", "https"

    parameters = (
        Parameter("account-sid", "the account: AC and 32 more characters", required=True),
        Parameter("auth-token", "the account's auth token: it signs webhooks, and sends without API key", secret=True),
        Parameter("api-key", "the SID of an API key (SK...) to send with instead of the auth token"),
        Parameter("api-secret", "the secret of that API key", secret=True),
        Parameter("signing-key", "the id of the shared key that webhooks are signed with by HMAC-SHA256"),
        Parameter("signing-secret", "the secret of that shared key", secret=True),
        Parameter("from", "the sender: a number with +, a short code or a name"),
        Parameter("messaging-service", "the SID of a Messaging Service (MG...), which chooses the sender"),
        base.CALLBACK,
    )
    features = Features(reports=True, signature=True, answer=True)

    def recognises(self, request: HttpRequest) -> bool:
        return signing.SIGNATURE in request.headers or {"AccountSid", "MessageSid"} <= request.parameters.keys()

    def read(self, request: HttpRequest) -> Sequence[Event]:
        given, token = request.parameters, request.headers.get(_TOKEN)
        everything = (*given.texts(), *([(_TOKEN, clean(token))] if token else []))
        sid = given.spelled("MessageSid") or given.spelled("SmsSid") or None
        if "MessageStatus" in given or ("SmsStatus" in given and "Body" not in given):
            word = given.get("MessageStatus") or given.get("SmsStatus", "")
            detail = " ".join(given[name] for name in ("ErrorCode", "ErrorMessage") if name in given)
            status, reference = _STATUS.get(word, DeliveryStatus.UNKNOWN), reference_of(request)
            return [DeliveryReport(status, word, reference, sid, detail, everything)]
        if "Body" not in given:
            base.required("", "Body")
        sender, receiver = base.required(given.get("From", ""), "From"), given.get("To", "")
        raw = None if given.lossless() else request.query + b"\n" + request.body
        return [Inbound(sender, given["Body"], receiver, "", sid, None, everything, raw)]

    def acknowledge(self, events: Sequence[Event]) -> HttpResponse:
        return self.answer_with(events, ())

    def answer_with(self, events: Sequence[Event], parts: Sequence[Part]) -> HttpResponse:
        return markup.messages([each.text for each in parts])

    def send(self, part: Part) -> Conversation:
        own, account = self.own, self.own["account-sid"]
        credentials = base.basic(own["api-key"] or account, own["api-secret"] or own["auth-token"])
        url = address(self.config, f"2010-04-01/Accounts/{account}/Messages.json")
        answer = yield base.form_request(url, self._fields(part), {"authorization": credentials})
        return Accepted(_judged(answer))

    def _fields(self, part: Part) -> dict[str, str]:
        own, callback = self.own, self.own["callback-url"]
        optional = {"From": own["from"], "MessagingServiceSid": own["messaging-service"]}
        optional["StatusCallback"] = with_reference(callback, part.reference) if callback else ""
        fields = {"To": part.receiver, "Body": part.text, **{name: each for name, each in optional.items() if each}}
        return fields | {each.name: each.value for each in self.config.parameters if each.name not in own}

    def masked_names(self) -> set[str]:
        return super().masked_names() | {"StatusCallback"}  # may carry the credentials of callback-url

    def problems(self) -> Iterable[Problem]:
        yield from super().problems()
        yield from checks.one_of(self, "from", "messaging-service")
        yield from checks.one_of(self, "auth-token", "api-key")
        yield from checks.together(self, "api-key", "api-secret")
        yield from checks.together(self, "signing-key", "signing-secret")

    def verify(self, request: HttpRequest) -> bool:
        return signing.good(request, self._keys())

    def _keys(self) -> signing.Keys:
        return signing.Keys(self.own["auth-token"], self.own["signing-secret"], self.own["signing-key"])

    def compose(self, text: Inbound, url: str) -> HttpRequest:
        sid = text.gateway_message_id or f"SM{uuid.uuid4().hex}"
        fields = {"MessageSid": sid, "SmsSid": sid, "AccountSid": self.own["account-sid"], "SmsStatus": "received"}
        fields |= {"From": text.sender, "To": text.receiver, "Body": text.text, "NumSegments": "1", "NumMedia": "0"}
        request = base.form_request(url, fields)
        return replace(request, headers={**request.headers, **signing.sign(request, self._keys())})


def _judged(answer: HttpResponse) -> str:
    """The text's SID. Most errors are a 400, so that Twilio's own code decides first."""
    with suppress(OutcomeUnknown):
        if documents.text_at(documents.answered(answer), "code") in _TOO_MANY:
            wait = base.retry_after(answer, clock.now())
            raise TryLater(f"the gateway answered {answer.status}: {answer.start}", wait, about_gateway=True)
    base.judge(answer)
    sid = documents.text_at(documents.answered(answer), "sid")
    if not sid:
        raise OutcomeUnknown(f"Twilio answered {answer.status} without the sid of a text: {answer.start!r}")
    return sid
