"""RapidPro's External API channel, from either side of it.

``role="service"``: the host is the service that RapidPro sends through. RapidPro's texts to a contact come in as texts
*from* that contact's phone, for an adapter to answer or to pass on; a text to the phone goes to the channel's
``receive`` as one from the contact. ``role="rapidpro"``: the host stands in for RapidPro before such a service.
https://github.com/nyaruka/courier (handlers/external); docs/reference/dialects/rapidpro.md
"""

from collections.abc import Iterable, Sequence
from datetime import UTC
from hashlib import sha256
from uuid import uuid4

from host.errors import BadCallback, GiveUp, Problem
from host.gateways import courier, elements, heard, times
from host.gateways.base import (
    Conversation,
    Event,
    Features,
    Gateway,
    Parameter,
    digits,
    form_request,
    international,
    judge,
    required,
)  # fmt: skip
from host.gateways.courier import STATUS
from host.gateways.filling import in_url
from host.gateways.template import address
from host.messages import (
    Accepted,
    DeliveryReport,
    HttpRequest,
    HttpResponse,
    Inbound,
    Pairs,
    Part,
    plain,
)  # fmt: skip

_DIGEST = 16
_CHANNEL = "channel"
_STOPPED, _OPTED_OUT = "stopped", "STOP"


class Stopped(Inbound):
    """A contact who wants no more texts, as a text that says so."""


class RapidPro(Gateway):
    """One External API channel."""

    name = "rapidpro"
    protocol = "https"
    puts = True
    paths = tuple(f"{step}{slash}" for step in ("receive", _STOPPED, *STATUS) for slash in ("", "/"))
    features = Features(reports=True)
    parameters = (
        Parameter("role", "what the host is: the service RapidPro sends through, or rapidpro", default="service"),
        Parameter(_CHANNEL, "the channel's UUID, which is all that protects its address; to send", secret=True),
        Parameter("callbacks", "which of sent,delivered,failed RapidPro is called back for", default=",".join(STATUS)),
        Parameter("answer-body", "the answer to RapidPro's texts, for its mt_response_check", default="ok"),
        *heard.PARAMETERS,
    )

    @property
    def tells(self) -> frozenset[str]:
        wanted = {word.strip() for word in self.own["callbacks"].split(",")} - {""}
        return frozenset(wanted) if self.own[_CHANNEL] and self.own["role"] == "service" else frozenset()

    def recognises(self, request: HttpRequest) -> bool:
        return "to_no_plus" in request.parameters and self.config.text_param in request.parameters

    def read(self, request: HttpRequest) -> Sequence[Event]:
        pairs = elements.pairs_in_xml(request.body) if elements.is_xml(request) else request.parameters.texts()
        given = dict(reversed(pairs))
        step = request.path.rpartition(f"/{self.id}/")[2].rstrip("/")
        if step in STATUS:
            number = required(given.get("uuid") or given.get("id", ""), "uuid")
            return [DeliveryReport(STATUS[step], step, courier.reference_in(number), parameters=pairs)]
        if step == _STOPPED:
            sender = required(given.get(self.config.from_param, ""), self.config.from_param)
            return [Stopped(sender, _OPTED_OUT, keyword=_OPTED_OUT, parameters=pairs)]
        is_ours = step == "receive" or self.own["role"] == "rapidpro"
        return [self._received(given, pairs) if is_ours else self._sent(given, pairs)]

    def _sent(self, given: dict[str, str], pairs: Pairs) -> Inbound:
        """A text that RapidPro sends. The parts of a long one share its id, so the text is part of ours."""
        config = self.config
        to = given.get(config.to_param) or international(given.get("to_no_plus", ""))
        if config.text_param not in given:
            required("", config.text_param)
        text = given[config.text_param]
        number = given.get(config.id_param) or given.get("uuid") or given.get("id", "")
        digest = sha256(f"{to}\n{text}".encode()).hexdigest()[:_DIGEST]
        return Inbound(
            sender=required(to, config.to_param),
            text=text,
            receiver=given.get(config.from_param, ""),
            gateway_message_id=f"{number}/{digest}" if number else None,
            parameters=pairs,
        )

    def _received(self, given: dict[str, str], pairs: Pairs) -> Inbound:
        """A text as services bring them to RapidPro."""
        when = given.get("date") or given.get("time", "")
        sent_at = times.iso(when) if times.is_rfc3339(when) else None
        if when and sent_at is None:
            raise BadCallback(f"date is no RFC 3339 time, as 2012-04-23T18:25:43.511Z: {when!r:.60}")
        sender = given.get(self.config.from_param) or given.get("sender", "")
        sender = required(sender, self.config.from_param)
        return Inbound(sender, given.get(self.config.text_param, ""), sent_at=sent_at, parameters=pairs)

    def send(self, part: Part) -> Conversation:
        own = self.own
        if own["role"] == "rapidpro":
            answer = yield form_request(address(self.config), {**self._mt(part), **self._passed()})
            return heard.accepted(answer, own)
        if not own[_CHANNEL]:
            raise GiveUp(f'gateway "{self.id}" has no channel: RapidPro cannot be reached without its UUID')
        place = f"c/ex/{in_url(own[_CHANNEL])}"
        if part.about:
            number = part.about.rpartition("/")[0]
            answer = yield form_request(f"{self._base()}{place}/{part.text}", {courier.id_name(number): number})
            judge(answer)
            return Accepted()
        answer = yield form_request(f"{self._base()}{place}/receive", self._mo(part))
        return courier.accepted(answer)

    def _base(self) -> str:
        """RapidPro's address; ``programName`` is what comes before ``c/ex``."""
        target = address(self.config)
        return target if target.endswith("/") else f"{target}/"

    def _passed(self) -> dict[str, str]:
        return {each.name: each.value for each in self.config.parameters if each.name not in self.own}

    def _mo(self, part: Part) -> dict[str, str]:
        """A text from a contact, as RapidPro's ``receive`` takes it."""
        made = part.made_at.astimezone(UTC).isoformat(timespec="milliseconds") if part.made_at else ""
        when = {"date": made.replace("+00:00", "Z")} if made else {}
        return {self.config.from_param: part.receiver, self.config.text_param: part.text, **when, **self._passed()}

    def _mt(self, part: Part) -> dict[str, str]:
        """A text to a phone, as RapidPro sends it."""
        number = courier.as_uuid(part.reference)
        named = {"uuid": number, "id": number, self.config.text_param: part.text, self.config.to_param: part.receiver}
        named["to_no_plus"] = digits(part.receiver)
        return named

    def acknowledge(self, events: Sequence[Event]) -> HttpResponse:
        if self.own["role"] == "service":
            return plain(200, self.own["answer-body"])
        are_texts = all(isinstance(each, Inbound) for each in events)
        message = "Message Accepted" if are_texts else "Status Update Accepted"
        if any(isinstance(each, Stopped) for each in events):
            message = "Event Accepted"
        return courier.answer(200, message, [self._told(each) for each in events])

    def _told(self, event: Event) -> dict[str, object]:
        channel = {"channel_uuid": self.own[_CHANNEL]}
        if isinstance(event, DeliveryReport):
            return {"type": "status", **channel, "status": event.word[:1].upper()}
        urn = f"tel:{event.sender}"
        if isinstance(event, Stopped):
            return {"type": "event", **channel, "event_type": "stop_contact", "urn": urn}
        return {"type": "msg", **channel, "msg_uuid": str(uuid4()), "text": event.text, "urn": urn}

    def refuse(self, status: int, reason: str) -> HttpResponse:
        if self.own["role"] == "service":
            return super().refuse(status, reason)
        return courier.answer(status, "Error", [{"type": "error", "error": reason.strip()}])

    def compose(self, text: Inbound, url: str) -> HttpRequest:
        if self.own["role"] == "rapidpro":
            return super().compose(text, url)
        fields = {"uuid": text.gateway_message_id or str(uuid4()), self.config.text_param: text.text}
        fields |= {self.config.to_param: text.sender, "to_no_plus": digits(text.sender)}
        return form_request(url, {**fields, self.config.from_param: text.receiver, _CHANNEL: self.own[_CHANNEL]})

    def problems(self) -> Iterable[Problem]:
        yield from super().problems()
        if self.own["role"] not in {"service", "rapidpro"}:
            yield self.problem("role", "is service or rapidpro")
        if not self.tells <= STATUS.keys():
            yield self.problem("callbacks", f"has words from {', '.join(STATUS)}, separated by commas")
        for name, what in heard.problems(self.own):
            yield self.problem(name, what)
