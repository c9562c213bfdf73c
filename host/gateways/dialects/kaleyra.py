"""Kaleyra (mGage): texts as forwarded for Acoustic Campaign, and kaleyra.io both ways.

Acoustic's help, article 360044331173 (MO posts, retries, addresses); https://developers.kaleyra.io (the rest).
What neither says can be configured: docs/reference/dialects/kaleyra.md
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from host.errors import GiveUp, Problem
from host.gateways import heard, reporting, times
from host.gateways.base import (
    Conversation,
    Event,
    Features,
    Gateway,
    Parameter,
    digits,
    form_request,
    international,
    required,
)  # fmt: skip
from host.gateways.callbacks import NO_URL, is_url, with_reference
from host.gateways.filling import in_url
from host.gateways.template import address
from host.messages import DeliveryReport, HttpRequest, Inbound, Part

_FROM, _TO = "device_address", "inbound_address"
_TEXT_MARKS = ("message", "message_orig", "a2w_mo_ref_id", "mmsID", "attachment")
_NOTICE_MARKS = ("smscid", "client_message_id")
_DEFAULTS = {
    "id-path": "data/0/message_id",
    "report-undelivered": "undelivered,undeliv,failed,notsent,expired,rejected",
    "report-accepted": "sent,submitted,carrier success",
    "report-detail": "status_code",
}


class Kaleyra(Gateway):
    """Texts of short codes and long numbers at Kaleyra, dedicated and shared."""

    name = "kaleyra"
    hostname = "api.kaleyra.io"
    protocol = "https"
    paths = ("report",)
    networks = ("208.71.240.0/21",)
    features = Features(reports=True)
    parameters = (
        Parameter("sid", "the account's SID at kaleyra.io; to send"),
        Parameter("api-key", "the API key at kaleyra.io; to send", secret=True),
        Parameter("callback-url", "this host's address for delivery callbacks", secret=True),
        Parameter("callback-method", "how kaleyra.io calls back: POST or GET", default="POST"),
        Parameter("sender-field", "in texts by kaleyra.io's own profile, the phone's number", default="source"),
        Parameter("receiver-field", "likewise, our number or code", default="recipient"),
        *(
            replace(each, default=_DEFAULTS.get(each.name, each.default))
            for each in (*heard.PARAMETERS, *reporting.PARAMETERS)
        ),
    )

    def recognises(self, request: HttpRequest) -> bool:
        return {_FROM, _TO} <= request.parameters.keys()

    def read(self, request: HttpRequest) -> Sequence[Event]:
        given = request.parameters
        if request.path.endswith(f"/{self.id}/report"):
            return reporting.read_reports(request, self.own)
        if any(name in given for name in _TEXT_MARKS):
            return [self._text(request)]
        if any(name in given for name in _NOTICE_MARKS):
            return [self._notice(request)]
        if _FROM in given or self.own["sender-field"] in given:
            return [self._text(request)]  # without any mark: rather an empty text than a lost one
        return reporting.read_reports(request, self.own)

    def _text(self, request: HttpRequest) -> Inbound:
        given = request.parameters
        is_io = _FROM not in given and self.own["sender-field"] in given
        names = (
            (self.own["sender-field"], self.own["receiver-field"]) if is_io else ("device_address", "inbound_address")
        )
        number = [given.spelled(name) for name in (("id",) if is_io else ("message_id", "message_subid"))]
        return Inbound(
            sender=international(required(given.get(names[0], ""), names[0])),
            text=given.get("message") or given.get("message_orig", ""),  # of an emoji alone nothing is left in message
            receiver=international(given.get(names[1], "")),
            gateway_message_id="/".join(filter(None, number)) if number[0] else None,
            sent_at=times.iso(given.get("timestamp", "")) if is_io else None,
            parameters=given.texts(),
            raw=None if given.lossless() else request.query + b"\n" + request.body,
        )

    def _notice(self, request: HttpRequest) -> DeliveryReport:
        """A status notification of the older API; ``client_message_id`` is what the sender of the text called it."""
        given = request.parameters
        word = required(given.get("status") or given.get("status_code", ""), "status")
        reference, number = given.get("client_message_id", ""), given.get("message_id", "")
        required(reference or number, "message_id")
        return DeliveryReport(
            reporting.status_of(word, self.own), word, reference or None, number or None,
            given.get("status_code", ""), given.texts(),
        )  # fmt: skip

    def send(self, part: Part) -> Conversation:
        if not self.own["sid"]:
            raise GiveUp(f'gateway "{self.id}" has no sid: texts are taken in {self.config.place}, and not sent')
        target = address(self.config, f"v1/{in_url(self.own['sid'])}/messages")
        answer = yield form_request(target, self._fields(part), {"api-key": self.own["api-key"]})
        return heard.accepted(answer, self.own)

    def _fields(self, part: Part) -> dict[str, str]:
        passed = {each.name: each.value for each in self.config.parameters if each.name not in self.own}
        callback = {"url": with_reference(self.own["callback-url"], part.reference)}
        callback["method"] = self.own["callback-method"]
        text = {"to": digits(part.receiver), "body": part.text, "source": "API", "ref": part.reference}
        return {**text, **passed, **({"callback": json.dumps(callback)} if self.own["callback-url"] else {})}

    def compose(self, text: Inbound, url: str) -> HttpRequest:
        fields = {_FROM: digits(text.sender), _TO: digits(text.receiver)}
        fields.update(message=text.text, message_orig=text.text, message_id=text.gateway_message_id or "")
        return form_request(url, {**fields, "message_subid": "1", "channel": "sms", "status": "", "status_code": ""})

    def masked_names(self) -> set[str]:
        return super().masked_names() | {"callback"}

    def problems(self) -> Iterable[Problem]:
        yield from super().problems()
        if bool(self.own["sid"]) != bool(self.own["api-key"]):
            yield self.problem("sid" if self.own["sid"] else "api-key", "stands alone: sending needs sid and api-key")
        if self.own["callback-url"] and not is_url(self.own["callback-url"]):
            yield self.problem("callback-url", f"{NO_URL}/report")
        if self.own["callback-method"] not in {"GET", "POST"}:
            yield self.problem("callback-method", "is POST or GET")
        for name, what in (*heard.problems(self.own), *reporting.twice(self.own)):
            yield self.problem(name, what)
