"""httpSMS: an Android phone's events in JSON in, each with a token in HS256; ``/v1/messages/send`` out.

https://docs.httpsms.com/webhooks/introduction
"""

from collections.abc import Iterable, Sequence

import jwt
from jwt.types import Options

from host.errors import Problem
from host.gateways import documents, signatures
from host.gateways.base import Conversation, Event, Features, Gateway, Parameter, bearer, json_request, judge
from host.gateways.template import address
from host.gateways.times import iso
from host.messages import DeliveryReport, DeliveryStatus, HttpRequest, Inbound, Part

_EXPIRED = "message.send.expired"
_STATUS = {
    "message.phone.sent": DeliveryStatus.ACCEPTED,
    "message.phone.delivered": DeliveryStatus.DELIVERED,
    "message.send.failed": DeliveryStatus.UNDELIVERED,
    _EXPIRED: DeliveryStatus.UNDELIVERED,
}
_RECEIVED, _ON_TEXTS = "message.phone.received", ("message.phone.", "message.send.")
_KEY_BYTES = 32  # RFC 7518, 3.2: a key of the hash's size or larger
_LIFETIME = 600
_WANTED: Options = {"require": ["aud", "exp", "iat"], "strict_aud": True}


class HttpSms(Gateway):
    """A phone of an httpSMS account."""

    name = "httpsms"
    hostname = "api.httpsms.com"
    protocol = "https"
    parameters = (
        Parameter("api-key", "the account's API key", required=True, secret=True),
        Parameter("from", "the phone's own number, in E.164", required=True),
        Parameter("signing-key", "the webhook's signing key, 32 characters or more", secret=True),
    )
    features = Features(reports=True, signature=True)

    def recognises(self, request: HttpRequest) -> bool:
        return "x-event-type" in request.headers and b'"specversion"' in request.body

    def read(self, request: HttpRequest) -> Sequence[Event]:
        document = documents.document_of(request)
        kind = documents.required_at(document, "type")
        if kind == _RECEIVED:
            return [_text(document)]
        return [_report(document, kind)] if kind.startswith(_ON_TEXTS) else []

    def send(self, part: Part) -> Conversation:
        numbers = {"from": self.own["from"], "to": part.receiver}
        message = {**numbers, "content": part.text, "request_id": part.reference, **self.passed()}
        headers = {"x-api-key": self.own["api-key"]}
        answer = yield json_request(address(self.config, "v1/messages/send"), message, headers)
        judge(answer)
        return documents.taken(answer, "data/id")

    def verify(self, request: HttpRequest) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        key = self.own["signing-key"]
        if not key or scheme.lower() != "bearer":
            return False
        try:
            claims = jwt.decode(token, key, ["HS256"], _WANTED, audience=request.url, leeway=signatures.TOLERANCE)
        except (jwt.InvalidTokenError, ValueError):
            return False
        return signatures.is_fresh(str(claims["iat"]))

    def compose(self, text: Inbound, url: str) -> HttpRequest:
        data = {"message_id": text.gateway_message_id, "owner": text.receiver, "contact": text.sender, "sim": "SIM1"}
        event = {"specversion": "1.0", "id": "event", "source": "/v1/messages/receive", "type": _RECEIVED}
        request = json_request(url, {**event, "data": {**data, "content": text.text}}, {"x-event-type": _RECEIVED})
        if not self.own["signing-key"]:
            return request
        now = int(signatures.now())
        claims = {"iss": "api.httpsms.com", "aud": url, "iat": now, "exp": now + _LIFETIME}
        token = jwt.encode(claims, self.own["signing-key"], "HS256")
        return HttpRequest("POST", url, {**request.headers, "authorization": bearer(token)}, request.body)

    def problems(self) -> Iterable[Problem]:
        yield from super().problems()
        if 0 < len(self.own["signing-key"].encode()) < _KEY_BYTES:
            yield self.problem(
                "signing-key", f"is too short for HS256: give the webhook one of {_KEY_BYTES} characters"
            )


def _text(document: object) -> Inbound:
    return Inbound(
        sender=documents.required_at(document, "data/contact"),
        text=documents.given_at(document, "data/content"),
        receiver=documents.text_at(document, "data/owner"),
        gateway_message_id=documents.text_at(document, "data/message_id") or None,
        sent_at=iso(documents.text_at(document, "data/timestamp")),
        parameters=documents.pairs_of(document),
    )


def _report(document: object, kind: str) -> DeliveryReport:
    goes_on = kind == _EXPIRED and documents.at(document, "data/is_final") is False  # httpSMS itself tries again
    message = documents.text_at(document, "data/id") or documents.required_at(document, "data/message_id")
    return DeliveryReport(
        status=DeliveryStatus.BUFFERED if goes_on else _STATUS.get(kind, DeliveryStatus.UNKNOWN),
        word=kind,
        reference=documents.text_at(document, "data/request_id") or None,
        gateway_message_id=message,
        detail=documents.text_at(document, "data/error_message"),
        parameters=documents.pairs_of(document),
    )
