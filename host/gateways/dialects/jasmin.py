"""Jasmin SMS Gateway: its HTTP client connector in, ``/send`` of its HTTP API out (port 1401), ``dlr-url`` reports.

https://docs.jasminsms.com/en/latest/apis/http/index.html
"""

import re
from collections.abc import Sequence

from host import parameters
from host.alphabet import Alphabet
from host.errors import OutcomeUnknown, TryLater
from host.gateways import gsm7, smpp
from host.gateways.base import CALLBACK, Conversation, Event, Features, Gateway, Parameter, digits, judge, required
from host.gateways.base import form_request as form
from host.gateways.callbacks import reference_of, with_reference
from host.gateways.template import address
from host.messages import Accepted, DeliveryReport, DeliveryStatus, HttpRequest, HttpResponse, Inbound, Part, plain

_AGAIN = ("ESME_RSYSERR", "ESME_RTHROTTLED", "ESME_RMSGQFUL", "ESME_RINVSCHED")  # Jasmin itself tries again
_STATUS = {
    "ESME_ROK": DeliveryStatus.ACCEPTED,
    "ACCEPTD": DeliveryStatus.ACCEPTED,
    "ENROUTE": DeliveryStatus.BUFFERED,
    "DELIVRD": DeliveryStatus.DELIVERED,
    **dict.fromkeys(("UNDELIV", "REJECTD", "EXPIRED", "DELETED"), DeliveryStatus.UNDELIVERED),
    **dict.fromkeys(_AGAIN, DeliveryStatus.BUFFERED),
}
_UNICODE, _GSM, _AUTO = "8", "gsm-7", "auto"
_CODING_0 = (_AUTO, "utf-8", _GSM, "iso-8859-1")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")
_SUCCESS = re.compile(r'Success "([^"]+)"')
_NO_ROUTE, _REFUSED = 412, "ESME_"


class Jasmin(Gateway):
    """A Jasmin; it splits long texts and joins those that come."""

    name = "jasmin"
    parameters = (
        Parameter("username", "a user of Jasmin", required=True),
        Parameter("password", "its password", required=True, secret=True),
        Parameter("dlr-level", "1 the SMSC's reports, 2 the phone's, 3 all", default="3", choices=("1", "2", "3")),
        Parameter("coding-0", "what texts of coding 0 come in", default=_AUTO, choices=_CODING_0),
        CALLBACK,
    )
    features = Features(reports=True)

    def recognises(self, request: HttpRequest) -> bool:
        names = request.parameters.keys()
        return {"origin-connector", "id"} <= names or {"message_status", "level", "id"} <= names

    def read(self, request: HttpRequest) -> Sequence[Event]:
        return [_report(request) if "message_status" in request.parameters else self._text(request)]

    def _text(self, request: HttpRequest) -> Inbound:
        given = request.parameters
        if "content" not in given and "binary" not in given:
            required("", "content")
        coding = smpp.coding(given.raw("coding"))  # one byte, as %08; in digits up to 0.9
        charset = smpp.CHARSETS.get(coding, self.own["coding-0"])
        binary = given.get("binary", "")  # the content in hexadecimal, which no charset on the way can spoil
        content = bytes.fromhex(binary) if _HEX.fullmatch(binary) else given.raw("content")
        if charset == _AUTO:
            charset = _GSM if gsm7.is_evident(content) else "utf-8"
        text = gsm7.decode(content) if charset == _GSM else parameters.decode(content, charset)
        read = {"content": text, "coding": coding}
        return Inbound(
            sender=required(given.get("from", ""), "from"),
            text=text,
            receiver=given.get("to", ""),
            gateway_message_id=given.spelled("id") or None,
            parameters=tuple((name, read.get(name, value)) for name, value in given.texts()),
            raw=None if "binary" in given or given.lossless() else request.query + b"\n" + request.body,
        )

    def send(self, part: Part) -> Conversation:
        account = {name: self.own[name] for name in ("username", "password")}
        fields = {**account, "to": digits(part.receiver), **self.extras()}
        if part.alphabet is Alphabet.UCS2:
            fields |= {"coding": _UNICODE, "hex-content": part.text.encode("utf-16-be").hex()}
        else:
            fields |= {"coding": "0", "content": part.text}
        return _accepted((yield form(address(self.config, "send"), {**fields, **self._callback(part)})))

    def _callback(self, part: Part) -> dict[str, str]:
        url, level = self.own["callback-url"], self.own["dlr-level"]
        told = {"dlr": "yes", "dlr-url": with_reference(url, part.reference), "dlr-level": level, "dlr-method": "POST"}
        return told if url else {}

    def masked_names(self) -> set[str]:
        return super().masked_names() | {"dlr-url"}  # carries the credentials of callback-url

    def acknowledge(self, events: Sequence[Event]) -> HttpResponse:
        return plain(200, "ACK/Jasmin")  # whatever else the body is, Jasmin brings it again

    def compose(self, text: Inbound, url: str) -> HttpRequest:
        content = {"coding": chr(int(_UNICODE)), "content": text.text, "binary": text.text.encode("utf-16-be").hex()}
        numbers = {"from": text.sender, "to": text.receiver, "origin-connector": "simulated"}
        return form(url, {"id": text.gateway_message_id or "", **numbers, **content})


def _report(request: HttpRequest) -> DeliveryReport:
    given = request.parameters
    word = given["message_status"]
    unknown = DeliveryStatus.UNDELIVERED if word.startswith(_REFUSED) else DeliveryStatus.UNKNOWN
    return DeliveryReport(
        status=_STATUS.get(word, unknown),
        word=word,
        reference=reference_of(request),
        gateway_message_id=required(given.spelled("id"), "id"),
        detail=given.get("err", ""),
        parameters=given.texts(),
    )


def _accepted(answer: HttpResponse) -> Accepted:
    if answer.status == _NO_ROUTE:
        raise TryLater(f"Jasmin answered {answer.status}: {answer.start}")  # the administrator's to mend
    judge(answer)
    if match := _SUCCESS.search(answer.text):
        return Accepted(match[1])
    raise OutcomeUnknown(f"Jasmin answered {answer.status} with {answer.start!r}, which is no answer of /send")
