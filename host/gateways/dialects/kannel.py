"""Kannel's smsbox: ``sms-service`` get-url or post-url in, ``/cgi-bin/sendsms`` out, ``dlr-url`` reports.

Kannel 1.4.5 user guide, https://www.kannel.org/download/1.4.5/userguide-1.4.5/userguide.html; what is said below of its
behaviour was seen on Debian's 1.4.5-12.
"""

import re
import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import ClassVar

from host import clock, parameters
from host.alphabet import Alphabet
from host.errors import GiveUp, OutcomeUnknown, Problem
from host.gateways.base import Conversation, Event, Features, Gateway, Limits, Parameter, judge, required
from host.gateways.template import Field, address, encode
from host.messages import Accepted, DeliveryReport, DeliveryStatus, HttpRequest, HttpResponse, Inbound, Part, plain

_STATUS = {
    "1": DeliveryStatus.DELIVERED,
    "2": DeliveryStatus.UNDELIVERED,
    "4": DeliveryStatus.BUFFERED,
    "8": DeliveryStatus.ACCEPTED,
    "16": DeliveryStatus.UNDELIVERED,  # the SMSC refused it
    "32": DeliveryStatus.BUFFERED,  # an intermediate notification
}
_CHARSETS = {  # by Kannel's %C, or by what ends a post-url's Content-Type; UTF-8 without one of these
    "UTF-16BE": "utf-16-be",
    "ISO-8859-1": "iso-8859-1",
    "WINDOWS-1252": "cp1252",
    "8-BIT": "iso-8859-1",  # binary: every byte stays readable from its character
    "APPLICATION/OCTET-STREAM": "iso-8859-1",  # the same, posted
}
_MASK = re.compile(r"[0-9]|[1-5][0-9]|6[0-3]")
_REPORT = "dlr-status"
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_ESCAPES = "reference={}&dlr-status=%d&dlr-id=%F&dlr-text=%A"


class Kannel(Gateway):
    """Kannel as the gateway; it splits long texts itself (``concatenation = true`` in its ``sendsms-user``)."""

    name = "kannel"

    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "callback-url",
            "this host's /receiveSMS/<gateway id> as Kannel reaches it, with credentials; turns delivery reports on",
            secret=True,
        ),
        Parameter(
            "dlr-mask",
            "which reports Kannel sends: 1 delivered, 2 failed, 4 buffered, 8 accepted, 16 rejected",
            default="31",
        ),
    )
    limits = Limits(splits=True)
    features = Features(reports=True, answer=True)

    def recognises(self, request: HttpRequest) -> bool:
        given = request.parameters
        return _REPORT in given or "x-kannel-to" in request.headers or ("coding" in given and "from" in given)

    def read(self, request: HttpRequest) -> Sequence[Event]:
        if _REPORT in request.parameters:
            return [self._report(request)]
        return [self._text(request)]

    def _report(self, request: HttpRequest) -> DeliveryReport:
        given = request.parameters
        word = given[_REPORT]
        return DeliveryReport(
            status=_STATUS.get(word, DeliveryStatus.UNKNOWN),
            word=word,
            reference=required(given.get("reference", ""), "reference"),
            detail=given.get("dlr-text", ""),
            parameters=given.texts(),
        )

    def _text(self, request: HttpRequest) -> Inbound:
        """A text, as get-url's ``text=%b`` or as post-url's body; that one needs ``send-sender = true``."""
        given, headers, name = request.parameters, request.headers, self.config.text_param
        posted = name not in given
        if posted and "x-kannel-to" not in headers:
            required("", name)
        sender = given.get(self.config.from_param) or headers.get("x-kannel-from", "")
        named = headers.get("content-type", "") if posted else given.get("charset", "")
        charset = _CHARSETS.get(named.rpartition("charset=")[2].strip(' "').upper(), "utf-8")
        text = parameters.decode(request.body if posted else given.raw(name), charset)
        pairs = [(key, text if key == name else value) for key, value in given.texts()]
        pairs += [each for each in headers.items() if each[0].startswith("x-kannel-")]
        lost = any(_REPLACEMENT in word for pair in [("", text), *pairs] for word in pair)
        return Inbound(
            sender=required(sender, "X-Kannel-From" if posted else self.config.from_param),
            text=text,
            receiver=given.get(self.config.to_param) or headers.get("x-kannel-to", ""),
            gateway_message_id=given.get(self.config.id_param or "id") or None,
            sent_at=_time(given.get("ts", "")),
            parameters=tuple(pairs),
            raw=request.query + b"\n" + request.body if lost else None,
        )

    def send(self, part: Part) -> Conversation:
        answer = yield HttpRequest("GET", f"{address(self.config, 'cgi-bin/sendsms')}?{encode(self._fields(part))}")
        _judge(answer)
        return Accepted()

    def _fields(self, part: Part) -> list[Field]:
        coding = "2" if part.alphabet is Alphabet.UCS2 else "0"  # without it Kannel turns Cyrillic into ???
        own = [(each.name, each.value, each.encode) for each in self.config.parameters if each.name not in self.own]
        text = [(self.config.to_param, part.receiver, True), (self.config.text_param, part.text, True)]
        return [*text, *own, ("coding", coding, True), ("charset", "UTF-8", True), *self._callback(part)]

    def answer_with(self, events: Sequence[Event], parts: Sequence[Part]) -> HttpResponse:
        """Kannel texts the body: one text, however many there are; ``max-messages`` of its sms-service bounds it."""
        return plain(200, "\n".join(part.text for part in parts))

    def compose(self, text: Inbound, url: str) -> HttpRequest:
        """By the ``get-url`` of docs/how-to/connect-kannel.md."""
        name, coding = self.config.id_param or "id", "0" if Alphabet.of(text.text) is Alphabet.GSM7 else "2"
        fields = [(self.config.from_param, text.sender), (self.config.to_param, text.receiver)]
        fields += [(self.config.text_param, text.text), (name, text.gateway_message_id or str(uuid.uuid4()))]
        fields += [("ts", str(clock.now() // 1000)), ("coding", coding), ("charset", "UTF-8")]
        query = encode((*field, True) for field in fields)
        return HttpRequest("GET", f"{url}{'&' if '?' in url else '?'}{query}", query=query.encode())

    def masked_names(self) -> set[str]:
        return super().masked_names() | {"dlr-url"}  # carries the credentials of callback-url

    def problems(self) -> Iterable[Problem]:
        yield from super().problems()
        if not _MASK.fullmatch(self.own["dlr-mask"]):
            yield self.problem("dlr-mask", "is a sum of 1, 2, 4, 8, 16 and 32: write a whole number from 0 to 63")

    def _callback(self, part: Part) -> list[Field]:
        base = self.own["callback-url"]
        if not base:
            return []
        joint = "&" if "?" in base else "?"
        template = base.replace("%", "%%") + joint + _ESCAPES.format(part.reference)
        return [("dlr-mask", self.own["dlr-mask"], True), ("dlr-url", template, True)]


def _judge(answer: HttpResponse) -> None:
    text = answer.text.strip()
    if "Do not try again" in text:
        raise GiveUp(f"Kannel answered {answer.status}: {answer.start}")
    judge(answer)
    if not text.startswith(("0:", "3:", "Sent")):  # accepted, queued while no SMSC is online, several recipients
        raise OutcomeUnknown(f"Kannel answered {answer.status} with {answer.start!r}, which is no answer of sendsms")


def _time(epoch: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError):
        return None
