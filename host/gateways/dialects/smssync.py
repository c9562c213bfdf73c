"""An Android phone with the SMSsync app, 2.7, 2.8 and 3.x: it posts the texts it gets, and polls for those it sends.

https://github.com/ushahidi/SMSSync, whose ``documentation`` folder differs from what the app does; its source was read.
"""

import base64
import hmac
import json
import re
import uuid
from collections.abc import Iterable, Sequence
from urllib.parse import urlencode

from host import clock
from host.alphabet import clean
from host.errors import BadCallback, Problem
from host.gateways import lenient, times
from host.gateways.android import judged
from host.gateways.base import Event, Features, Parameter, form_request, required
from host.gateways.documents import at, document_of, list_at, pairs_of, text_at
from host.gateways.pull import PULLING, Alert, Asked, Fetch, News, PullGateway, Took
from host.messages import DeliveryReport, HttpRequest, HttpResponse, Inbound, Part
from host.parameters import Parameters, decode

_KEYS = ("from", "message", "sent_timestamp", "sent_to", "message_id", "device_id")
_SECRET = "secret"  # noqa: S105 - the parameter's name
_UNSPOILT = re.compile(r"[^?&#]*")
_TEST_SENDER = "000000000000"  # of the app's test button; +000000000000, its plus perhaps unescaped
_RESULT = ("sent_result_message", "delivered_result_message", "sent_result_code", "delivered_result_code")


class SMSsync(PullGateway):
    """The app; the address it posts to and polls is ``/receiveSMS/<gateway id>``."""

    name = "smssync"
    puts = True
    features = Features(reports=True, answer=True, pull=True)
    parameters = (
        Parameter(_SECRET, "the secret key of the app's sync URL; what GatewaySignature asks for", secret=True),
        Parameter(
            "message-results", "whether the app's Message Results API is on", default="on", choices=("on", "off")
        ),
        Parameter("alerts", "whose battery alerts are heard", default="secret", choices=("secret", "open")),
        Parameter("secret-key", "the name of the key secret, where the sync URL renames it", default=_SECRET),
        *(Parameter(f"{key.replace('_', '-')}-key", f"the same of {key}", default=key) for key in _KEYS),
        *PULLING,
    )

    def recognises(self, request: HttpRequest) -> bool:
        return request.headers.get("user-agent", "").startswith("SMSSync-Android")

    def asked(self, request: HttpRequest) -> Asked | None:
        given = lenient.read(request)
        match _task(given), request.method:
            case "send", "GET":
                return Fetch()
            case "sent", "POST" | "PUT":
                return Took(_references(request))
            case "result", "GET":
                return News()
            case "alert", _:
                return Alert(given.get("message", ""))
        return None

    def read(self, request: HttpRequest) -> Sequence[Event]:
        given = lenient.read(request)
        task = _task(given)
        if task == "result":
            return [_report(each) for each in _results(request)]
        if task:
            raise BadCallback(f'task "{task[:20]}" is none that a {request.method} asks for')
        sender = required(given.get(self.own["from-key"], ""), self.own["from-key"])
        if sender.strip(" +") == _TEST_SENDER:
            return []
        if self.own["message-key"] not in given:
            required("", self.own["message-key"])
        return [self._text(given, sender)]

    def _text(self, given: Parameters, sender: str) -> Inbound:
        kept = Parameters(tuple(pair for pair in given.pairs if decode(pair[0]) not in self._secret_keys))
        return Inbound(
            sender=sender,
            text=given[self.own["message-key"]],
            receiver=given.get(self.own["sent-to-key"], ""),
            gateway_message_id=given.spelled(self.own["message-id-key"]) or None,
            sent_at=times.epoch(given.get(self.own["sent-timestamp-key"], ""), 1000),
            parameters=kept.texts(),
            raw=None if given.lossless() else urlencode(kept.pairs).encode(),
        )

    def verify(self, request: HttpRequest) -> bool:
        """By the secret; task=sent, which carries none, by references that only this gateway was given."""
        secret, given = self.own[_SECRET], lenient.read(request)
        if not secret:
            return False
        task, brought = _task(given), next((given.raw(key) for key in self._secret_keys if key in given), None)
        if brought is None and task == "sent":
            named = _references(request)
            return bool(named) and all(_same(each, self._signed(each[:16])) for each in named)
        if brought is None and task == "alert":
            return self.own["alerts"] == "open"
        return hmac.compare_digest(brought or b"", secret.encode("utf-8", "surrogatepass"))

    def problems(self) -> Iterable[Problem]:
        yield from super().problems()
        if not _UNSPOILT.fullmatch(self.own[_SECRET]):
            yield self.problem(_SECRET, "must be without ?, & and #: the app puts it into addresses where they end it")

    @property
    def _secret_keys(self) -> tuple[str, ...]:
        return (self.own["secret-key"], _SECRET)  # tasks have it under its own name

    def reference(self) -> str:
        return self._signed(super().reference())

    def _signed(self, name: str) -> str:
        key, message = self.own[_SECRET].encode("utf-8", "surrogatepass"), f"{self.id}/{name}".encode()
        return name + base64.urlsafe_b64encode(hmac.digest(key, message, "sha256"))[:16].decode()

    @property
    def confirms(self) -> bool:
        return self.own["message-results"] == "on"

    def acknowledge(self, events: Sequence[Event]) -> HttpResponse:
        return _json({"payload": {"success": True, "error": None}})

    def answer_with(self, events: Sequence[Event], parts: Sequence[Part]) -> HttpResponse:
        messages = list(map(_message, parts))
        return _json({"payload": {"success": True, "error": None, "messages": messages}})

    def hand(self, parts: Sequence[Part]) -> HttpResponse:
        messages = list(map(_message, parts))
        answer = {"task": "send", "secret": self.own[_SECRET], "success": True, "error": None, "messages": messages}
        return _json({"payload": answer})

    def list_texts(self, references: Sequence[str]) -> HttpResponse:
        return _json({"message_uuids": list(references)})

    def refuse(self, status: int, reason: str) -> HttpResponse:
        return _json({"payload": {"success": False, "error": reason.strip()}}, status)

    def compose(self, text: Inbound, url: str) -> HttpRequest:
        when = int(text.sent_at.timestamp() * 1000) if text.sent_at else clock.now()
        values = (text.sender, text.text, str(when), text.receiver, text.gateway_message_id or str(uuid.uuid4()), "")
        fields = {self.own[f"{key.replace('_', '-')}-key"]: value for key, value in zip(_KEYS, values, strict=True)}
        agent = {"user-agent": "SMSSync-Android/v3.1.1"}
        return form_request(url, {self.own["secret-key"]: self.own[_SECRET], **fields}, agent)


def _task(given: Parameters) -> str:
    """The first; leftovers of earlier requests come after it. Battery alerts spell it Task."""
    return next((value for name, value in given.texts() if name in {"task", "Task"}), "").casefold()


def _message(part: Part) -> dict[str, str]:
    return {"to": part.receiver, "message": part.text, "uuid": part.reference}


def _json(document: object, status: int = 200) -> HttpResponse:
    return HttpResponse(status, {"Content-Type": "application/json"}, json.dumps(document).encode())


def _references(request: HttpRequest) -> tuple[str, ...]:
    named = list_at(document_of(request), "queued_messages")
    return tuple(each for each in named if isinstance(each, str) and each == clean(each))


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _results(request: HttpRequest) -> list[object]:
    """The results; they are an array, or text that holds one."""
    document = document_of(request)
    inner = at(document, "message_result")
    if isinstance(inner, str):
        document = {"message_result": document_of(HttpRequest("POST", "", body=clean(inner).encode() or b"[]"))}
    return list_at(document, "message_result")


def _report(result: object) -> DeliveryReport:
    sent, delivered, sent_code, delivered_code = (text_at(result, name) for name in _RESULT)
    word = delivered or sent or f"sent {sent_code or '-'}, delivered {delivered_code or '-'}"
    status = judged(sent, delivered, sent_code, delivered_code)
    reference = required(text_at(result, "uuid"), "uuid")
    return DeliveryReport(status, word, reference, detail=sent if delivered else "", parameters=pairs_of(result))
