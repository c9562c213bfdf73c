"""Telnyx: signed events in JSON in, ``/v2/messages`` out.

https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks
"""

from collections.abc import Iterable, Sequence

from host.errors import GiveUp, Problem
from host.gateways import documents, signatures
from host.gateways.base import CALLBACK, Conversation, Event, Features, Gateway, Parameter, bearer, json_request, judge
from host.gateways.callbacks import reference_of, with_reference
from host.gateways.template import address
from host.gateways.times import iso
from host.messages import DeliveryReport, DeliveryStatus, HttpRequest, Inbound, Part

_STATUS = {
    "queued": DeliveryStatus.ACCEPTED,
    "sending": DeliveryStatus.ACCEPTED,
    "sent": DeliveryStatus.ACCEPTED,
    "delivery_unconfirmed": DeliveryStatus.ACCEPTED,  # final: the carrier took it, and says no more
    "delivered": DeliveryStatus.DELIVERED,
    "delivery_failed": DeliveryStatus.UNDELIVERED,
    "sending_failed": DeliveryStatus.UNDELIVERED,
    "expired": DeliveryStatus.UNDELIVERED,
}
_REPORTS = {"message.sent", "message.finalized"}
_ERROR, _OPTED_OUT = 400, "40300"
_STAMP, _SIGNATURE = "telnyx-timestamp", "telnyx-signature-ed25519"
_PAYLOAD = "data/payload"


class Telnyx(Gateway):
    """A messaging profile of Telnyx."""

    name = "telnyx"
    hostname = "api.telnyx.com"
    protocol = "https"
    parameters = (
        Parameter("api-key", "the account's API key (v2)", required=True, secret=True),
        Parameter("public-key", "the account's public key, as the portal shows it; requests are checked with it"),
        Parameter("simulation-key", "the private key of a pair made for `smshost simulate`, in base64", secret=True),
        CALLBACK,
    )
    features = Features(reports=True, signature=True)

    def recognises(self, request: HttpRequest) -> bool:
        return _SIGNATURE in request.headers

    def read(self, request: HttpRequest) -> Sequence[Event]:
        document = documents.document_of(request)
        kind = documents.required_at(document, "data/event_type")
        if kind == "message.received":
            return [_text(document)]
        return [_report(document, request)] if kind in _REPORTS else []

    def send(self, part: Part) -> Conversation:
        message = {"to": part.receiver, "text": part.text, **self.passed()}
        if self.own["callback-url"]:
            message["webhook_url"] = with_reference(self.own["callback-url"], part.reference)
        headers = {"authorization": bearer(self.own["api-key"])}
        answer = yield json_request(address(self.config, "v2/messages"), message, headers)
        if (
            answer.status >= _ERROR and f'"{_OPTED_OUT}"' in answer.text
        ):  # with 403, which elsewhere is the administrator's to mend
            raise GiveUp(f"Telnyx answered {answer.status}: the phone has opted out ({_OPTED_OUT})")
        judge(answer)
        return documents.taken(answer, "data/id")

    def verify(self, request: HttpRequest) -> bool:
        stamp, given = (request.headers.get(name, "") for name in (_STAMP, _SIGNATURE))
        signed = signatures.is_ed25519(self.own["public-key"], given, stamp.encode() + b"|" + request.body)
        return signed and signatures.is_fresh(stamp)

    def can_verify(self, request: HttpRequest) -> bool:
        return bool(self.own["public-key"])

    def compose(self, text: Inbound, url: str) -> HttpRequest:
        numbers = {"from": {"phone_number": text.sender}, "to": [{"phone_number": text.receiver}]}
        payload = {"id": text.gateway_message_id, **numbers, "text": text.text, "type": "SMS"}
        request = json_request(url, {"data": {"event_type": "message.received", "id": "event", "payload": payload}})
        return HttpRequest("POST", url, {**request.headers, **self._signed(request.body)}, request.body)

    def _signed(self, body: bytes) -> dict[str, str]:
        if not self.own["simulation-key"]:
            return {}
        stamp = signatures.now()
        return {_STAMP: stamp, _SIGNATURE: signatures.ed25519(self.own["simulation-key"], f"{stamp}|".encode() + body)}

    def problems(self) -> Iterable[Problem]:
        yield from super().problems()
        for name in ("public-key", "simulation-key"):
            if self.own[name] and not signatures.is_ed25519_key(self.own[name]):
                yield self.problem(name, "is no Ed25519 key: write its 32 bytes in base64")


def _text(document: object) -> Inbound:
    return Inbound(
        sender=documents.required_at(document, f"{_PAYLOAD}/from/phone_number"),
        text=documents.text_at(document, f"{_PAYLOAD}/text"),  # none in an MMS
        receiver=documents.text_at(document, f"{_PAYLOAD}/to/0/phone_number"),
        gateway_message_id=documents.text_at(document, f"{_PAYLOAD}/id") or None,
        sent_at=iso(documents.text_at(document, "data/occurred_at")),
        parameters=documents.pairs_of(document),
    )


def _report(document: object, request: HttpRequest) -> DeliveryReport:
    word = documents.text_at(document, f"{_PAYLOAD}/to/0/status")
    return DeliveryReport(
        status=_STATUS.get(word, DeliveryStatus.UNKNOWN),
        word=word,
        reference=reference_of(request),
        gateway_message_id=documents.required_at(document, f"{_PAYLOAD}/id"),
        detail=documents.text_at(document, f"{_PAYLOAD}/errors/0/title"),
        parameters=documents.pairs_of(document),
    )
