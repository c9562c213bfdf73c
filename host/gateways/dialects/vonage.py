"""Vonage's SMS API, formerly Nexmo's: callbacks as query, form or JSON in, ``/sms/json`` out.

https://developer.vonage.com/en/messaging/sms/guides/inbound-sms, https://developer.vonage.com/en/api/sms,
https://developer.vonage.com/en/api-errors/sms
"""

import uuid
from collections.abc import Iterable, Sequence

from host.alphabet import Alphabet
from host.errors import GiveUp, OutcomeUnknown, Problem, TryLater
from host.gateways import base, checks, documents, pieces, times
from host.gateways.base import Conversation, Event, Features, Gateway, Parameter, digits, international, required
from host.gateways.signatures import now
from host.gateways.signing import vonage as signing
from host.gateways.template import address
from host.messages import Accepted, DeliveryReport, DeliveryStatus, HttpRequest, Inbound, Part
from host.parameters import Parameters

_STATUS = {
    **dict.fromkeys(("failed", "expired", "rejected"), DeliveryStatus.UNDELIVERED),
    **{each.lower(): each for each in (DeliveryStatus.DELIVERED, DeliveryStatus.BUFFERED, DeliveryStatus.ACCEPTED)},
}
_MARKS = {"msisdn", "to", "messageId", "text", "status"}
_TAKEN = "0"
_BUSY = {"1", "5", "10"}  # throttled, internal error, too many connections
_MENDABLE = {"4", "8", "9", "11", "14", "32"}  # credentials, suspended, no credit, no HTTP, signature


class Vonage(Gateway):
    """An account of Vonage's; long texts come in parts."""

    name = "vonage"
    hostname, protocol = "rest.nexmo.com", "https"

    parameters = (
        Parameter("api-key", "the account's API key", required=True),
        Parameter("api-secret", "the account's API secret; without it texts are sent signed", secret=True),
        Parameter("signature-secret", "what callbacks are signed with", secret=True),
        Parameter("signature-method", f"one of {', '.join(signing.METHODS)}", default="sha256-hmac"),
        Parameter("signature-max-age", "seconds after which a signed callback is too old", default="90000"),
        Parameter("from", "the sender: a number, a short code or a name", required=True),
        base.CALLBACK,
    )
    features = Features(reports=True, signature=True, parts=True)

    def recognises(self, request: HttpRequest) -> bool:
        return {"msisdn", "messageId"} <= request.parameters.keys()

    def read(self, request: HttpRequest) -> Sequence[Event]:
        given = request.parameters
        if not _MARKS & given.keys():
            return []  # the dashboard tries an address by calling it with nothing
        if "status" in given and "text" not in given:
            return [_report(given)]
        if "text" not in given and given.get("type") != "binary":
            required("", "text")
        concat = [given.get(f"concat-{name}", "") for name in ("ref", "part", "total")]
        piece, message = pieces.piece(*concat) if given.get("concat") == "true" else None, given.spelled("messageId")
        sender, receiver = international(required(given.get("msisdn", ""), "msisdn")), given.get("to", "")
        name = f"{message}/{piece.number}" if piece and message else message
        keyword, sent_at = "" if piece else given.get("keyword", ""), times.iso(given.get("message-timestamp", ""))
        raw = None if given.lossless() else request.query + b"\n" + request.body
        texts, text = given.texts(), given.get("text", "")
        return [Inbound(sender, text, international(receiver), keyword, name or None, sent_at, texts, raw, piece)]

    def send(self, part: Part) -> Conversation:
        answer = yield base.form_request(address(self.config, "sms/json"), self._fields(part))
        base.judge(answer)
        return Accepted(_judged(documents.answered(answer)))

    def _fields(self, part: Part) -> dict[str, str]:
        own, kind = self.own, "unicode" if part.alphabet is Alphabet.UCS2 else "text"
        fields = {"api_key": own["api-key"], "from": digits(own["from"]), "to": digits(part.receiver)}
        fields |= {"text": part.text, "type": kind, "client-ref": part.reference}
        if own["callback-url"]:
            fields |= {"status-report-req": "1", "callback": own["callback-url"]}
        fields |= {each.name: each.value for each in self.config.parameters if each.name not in own}
        if own["api-secret"]:
            return {**fields, "api_secret": own["api-secret"]}
        return signing.signed({**fields, "timestamp": now()}, self._key())

    def _key(self) -> signing.Key:
        own = self.own
        return signing.Key(own["signature-secret"], own["signature-method"], int(own["signature-max-age"]))

    def masked_names(self) -> set[str]:
        return super().masked_names() | {"api_secret", "sig", "callback"}

    def problems(self) -> Iterable[Problem]:
        yield from super().problems()
        yield from checks.one_of(self, "api-secret", "signature-secret")
        yield from checks.choice(self, "signature-method", signing.METHODS)
        if not self.own["signature-max-age"].isdecimal():
            yield self.problem("signature-max-age", "is a whole number of seconds")

    def verify(self, request: HttpRequest) -> bool:
        return signing.good(request.parameters, self._key())

    def compose(self, text: Inbound, url: str) -> HttpRequest:
        message = text.gateway_message_id or uuid.uuid4().hex
        fields = {"msisdn": digits(text.sender), "to": digits(text.receiver), "messageId": message, "text": text.text}
        fields |= {"type": "text", "api-key": self.own["api-key"], "nonce": str(uuid.uuid4()), "timestamp": now()}
        return base.form_request(url, signing.signed(fields, self._key()))


def _report(given: Parameters) -> DeliveryReport:
    word = given["status"]
    status, reference = _STATUS.get(word, DeliveryStatus.UNKNOWN), given.get("client-ref") or None
    message, detail = given.spelled("messageId") or None, given.get("err-code", "")
    return DeliveryReport(status, word, reference, message, detail, given.texts())


def _judged(document: object) -> str | None:
    """The first part's id; raises what the parts' statuses mean for the text."""
    found = documents.at(document, "messages")
    parts = found if isinstance(found, list) else []
    statuses = [documents.text_at(each, "status") for each in parts]
    refused = {status for status in statuses if status != _TAKEN}
    if statuses and not refused:
        return documents.text_at(document, "messages/0/message-id") or None
    whys = [f"{documents.text_at(each, 'status')} {documents.text_at(each, 'error-text')}" for each in parts]
    said = f"Vonage answered {'; '.join(whys) or 'without messages'}"
    if not statuses or "" in refused or _TAKEN in statuses:
        raise OutcomeUnknown(f"{said}: it may have taken parts of the text")
    if refused <= _BUSY | _MENDABLE:
        raise TryLater(said, about_gateway=bool(refused & _BUSY))
    raise GiveUp(said)
