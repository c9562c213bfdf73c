"""`vonage`; more of it in test_vonage.py, and with Vonage's own library in test_vendor_sdks.py."""

import json
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from host.errors import GiveUp, OutcomeUnknown, TryLater
from host.gateways.base import Features
from host.messages import Accepted, DeliveryStatus, HttpResponse
from tests.gateways.dialects import part
from tests.gateways.table import SECRET, Gives, Hears, Refuses, Report, Says, Table, Text, Verified, get, post

AT = 1_767_268_800
FIELDS = {
    "keyword": "FISH",
    "message-timestamp": "2026-01-01 12:00:00",
    "messageId": "0A0000000123ABCD1",
    "msisdn": "447700900000",
    "nonce": "aaaa-bbbb",
    "text": "fish & chips=ok",
    "timestamp": str(AT),
    "to": "447700900001",
    "type": "text",
}
HMAC_SHA256 = "7a5480c88c4acda2a63ada8755e225073535a6133331fea19b2137fb99c04546"
HMAC_MD5, PLAIN_MD5 = "232120d188907ab52acc52cc437d07ae", "62a67936e93375a737df820f0b2e463a"
SIGNED = {**FIELDS, "sig": HMAC_SHA256}
REPORT = {"msisdn": "447700900000", "messageId": "m-7", "err-code": "0", "scts": "2601011200"}
PART = {"msisdn": "447700900000", "messageId": "m-1", "text": "a", "concat": "true", "concat-ref": "77"}


def form(fields: dict[str, str]) -> bytes:
    return urlencode(fields).encode()


def answer(*statuses: str) -> HttpResponse:
    parts = [{"status": each, "message-id": f"m-{n}", "error-text": "why"} for n, each in enumerate(statuses)]
    return HttpResponse(200, {}, json.dumps({"message-count": str(len(parts)), "messages": parts}).encode())


HEARD = Text(
    "+447700900000", "fish & chips=ok", "+447700900001", "0A0000000123ABCD1", datetime(2026, 1, 1, 12, tzinfo=UTC)
)

TABLE = Table(
    dialect="vonage",
    features=Features(reports=True, signature=True, parts=True),
    accepted=answer("0"),
    parameters=f"""
        <parameter name="api-key" value="abcd1234"/>
        <parameter name="api-secret" value="{SECRET}"/>
        <parameter name="signature-secret" value="s3cret"/>
        <parameter name="from" value="+447700900001"/>
        <parameter name="callback-url" value="https://sms.example.org/context/receiveSMS/gw"/>
        <parameter name="ttl" value="600000"/>
    """,
    says=[
        Says(
            part("Да & tea"),
            "POST",
            "https://127.0.0.1:9/sms/json",
            form={
                "api_key": "abcd1234",
                "api_secret": SECRET,
                "from": "447700900001",
                "to": "15550001",
                "text": "Да & tea",
                "type": "unicode",
                "client-ref": "ref-1",
                "status-report-req": "1",
                "callback": "https://sms.example.org/context/receiveSMS/gw",
                "ttl": "600000",
            },
        )
    ],
    hears=[
        Hears(answer("0"), Accepted, "m-0"),
        Hears(answer("0", "0", "0"), Accepted, "m-0"),
        Hears(answer("0", "1"), OutcomeUnknown),
        Hears(answer("1"), TryLater),
        Hears(answer("5", "5"), TryLater),
        Hears(answer("9"), TryLater),
        Hears(answer("14"), TryLater),
        Hears(answer("7"), GiveUp),
        Hears(answer("1", "7"), GiveUp),
        Hears(answer("29"), GiveUp),
        Hears(answer("purple"), GiveUp),
        Hears(answer("", "1"), OutcomeUnknown),
        Hears(answer(), OutcomeUnknown),
        Hears(HttpResponse(200, {}, b'{"messages": {"status": "0"}}'), OutcomeUnknown),
        Hears(HttpResponse(200, {}, b"[]"), OutcomeUnknown),
        Hears(HttpResponse(200, {}, b"<html/>"), OutcomeUnknown),
        Hears(HttpResponse(401), TryLater),
    ],
    gives=[
        Gives(get(b""), []),
        Gives(post(form(FIELDS)), [HEARD]),
        Gives(get(form(FIELDS)), [HEARD]),
        Gives(post(json.dumps(FIELDS).encode(), "application/json"), [HEARD]),
        Gives(post(form(PART | {"concat-part": "2", "concat-total": "3"})), [Text("+447700900000", "a", "", "m-1/2")]),
        Gives(post(form(PART | {"concat-part": "4", "concat-total": "3"})), [Text("+447700900000", "a", "", "m-1")]),
        Gives(
            post(b"msisdn=447700900000&messageId=m-1&type=binary&data=ff00&udh="),
            [Text("+447700900000", "", "", "m-1")],
        ),
        Gives(
            get(form(REPORT | {"status": "delivered", "client-ref": "ref-1"})),
            [Report(DeliveryStatus.DELIVERED, "delivered", "ref-1", "m-7")],
        ),
        Gives(post(form(REPORT | {"status": "expired"})), [Report(DeliveryStatus.UNDELIVERED, "expired", None, "m-7")]),
        Gives(post(form(REPORT | {"status": "buffered"})), [Report(DeliveryStatus.BUFFERED, "buffered", None, "m-7")]),
        Gives(post(form(REPORT | {"status": "purple"})), [Report(DeliveryStatus.UNKNOWN, "purple", None, "m-7")]),
        Gives(
            post(json.dumps(REPORT | {"status": "accepted", "price": 0.03}).encode(), "application/json"),
            [Report(DeliveryStatus.ACCEPTED, "accepted", None, "m-7")],
        ),
    ],
    refuses=[
        Refuses(get(b"msisdn=447700900000&messageId=1"), '"text" is missing'),
        Refuses(get(b"text=sub"), '"msisdn" is missing'),
        Refuses(post(b"[1]", "application/json"), "must be an object"),
    ],
    verified=[
        Verified(post(form(SIGNED)), good=True, at=AT),
        Verified(get(form(SIGNED)), good=True, at=AT + 299),
        Verified(post(json.dumps(SIGNED | {"timestamp": AT}).encode(), "application/json"), good=True, at=AT - 299),
        Verified(post(form(SIGNED | {"sig": HMAC_SHA256.upper()})), good=True, at=AT),
        Verified(post(form(SIGNED)), good=True, at=AT + 86_400),
        Verified(post(form(SIGNED)), good=False, at=AT + 90_001),
        Verified(post(form(SIGNED)), good=False, at=AT - 301),
        Verified(post(form(SIGNED)), good=False),
        Verified(post(form(SIGNED | {"text": "fish"})), good=False, at=AT),
        Verified(post(form(SIGNED) + b"&text=fish"), good=False, at=AT),
        Verified(post(form(SIGNED), query=b"text=fish"), good=False, at=AT),
        Verified(post(form(SIGNED | {"timestamp": quote("soon")})), good=False, at=AT),
        Verified(post(form(SIGNED | {"sig": HMAC_MD5})), good=False, at=AT),
        Verified(post(form(SIGNED | {"sig": PLAIN_MD5})), good=False, at=AT),
        Verified(post(form(SIGNED | {"sig": ""})), good=False, at=AT),
        Verified(post(form(FIELDS)), good=False, at=AT),
    ],
)
