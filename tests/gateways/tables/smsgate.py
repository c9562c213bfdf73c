"""`smsgate`. The signed body is the test vector of a recipe read in the app's source."""

import json
from datetime import UTC, datetime

from host.errors import GiveUp, OutcomeUnknown, TryLater
from host.gateways.base import Features, basic
from host.messages import Accepted, DeliveryStatus, HttpRequest, HttpResponse
from tests.gateways.dialects import part
from tests.gateways.table import SECRET, Gives, Hears, Refuses, Report, Says, Table, Text, Verified, post

NOON = 1767268800  # 2026-01-01T12:00:00Z
NOONS = datetime(2026, 1, 1, 12, tzinfo=UTC)
FROM = {"sender": "+15550100", "recipient": "+15550199", "simNumber": 1, "receivedAt": "2026-01-01T13:00:00.000+01:00"}
VECTOR = b'{"id":"evt-1","event":"sms:received","payload":{"message":"sub"}}'
SIGNATURE = "016964725c316013098d2d9cf3738ae5f88b8e3e921416775be2f16af7a33ac7"


def signed(body: bytes = VECTOR, stamp: str = str(NOON), signature: str = SIGNATURE) -> HttpRequest:
    return post(body, "application/json", headers={"x-signature": signature, "x-timestamp": stamp})


def event(kind: str, /, **payload: object) -> HttpRequest:
    document = {"id": "evt-1", "webhookId": "w", "event": kind, "deviceId": "d", "payload": payload}
    return post(json.dumps(document).encode(), "application/json")


def report(kind: str) -> HttpRequest:
    return event(kind, messageId="key-1", recipient="+15550001", reason="RESULT_ERROR_LIMIT_EXCEEDED")


TEXT = event(
    "sms:received",
    messageId="e4f1a2b3",
    message="sub",
    sender="+15550100",
    recipient="+15550199",
    simNumber=1,
    receivedAt="2026-01-01T13:00:00.000+01:00",
)

TABLE = Table(
    dialect="smsgate",
    features=Features(reports=True, signature=True),
    accepted=HttpResponse(202, {}, b'{"id": "key-1", "state": "Pending"}'),
    parameters=f"""<parameter name="username" value="user"/><parameter name="password" value="{SECRET}"/>
        <parameter name="signing-key" value="abcd1234"/><parameter name="simNumber" value="2"/>""",
    says=[
        Says(
            part("café"),
            url="https://127.0.0.1:9/3rdparty/v1/messages",
            headers={"Authorization": basic("user", SECRET)},
            json={
                "id": "key-1",
                "textMessage": {"text": "café"},
                "phoneNumbers": ["+15550001"],
                "withDeliveryReport": True,
                "simNumber": 2,
            },
        )
    ],
    hears=[
        Hears(HttpResponse(202, {}, b'{"id": "key-1", "state": "Pending"}'), Accepted, "key-1"),
        Hears(HttpResponse(409, {}, b'{"message": "message already exists"}'), Accepted, "key-1"),
        Hears(HttpResponse(202, {}, b"<html>"), OutcomeUnknown),
        Hears(HttpResponse(400, {}, b'{"message": "invalid phone number"}'), GiveUp),
        Hears(HttpResponse(401), TryLater),
    ],
    gives=[
        Gives(TEXT, [Text("+15550100", "sub", "+15550199", "evt-1", datetime(2026, 1, 1, 12, tzinfo=UTC))]),
        Gives(
            event("sms:received", messageId="1", message="", phoneNumber="+15550100"),
            [Text("+15550100", "", "", "evt-1")],
        ),
        Gives(report("sms:sent"), [Report(DeliveryStatus.ACCEPTED, "sms:sent", None, "key-1")]),
        Gives(report("sms:delivered"), [Report(DeliveryStatus.DELIVERED, "sms:delivered", None, "key-1")]),
        Gives(report("sms:failed"), [Report(DeliveryStatus.UNDELIVERED, "sms:failed", None, "key-1")]),
        Gives(report("sms:purple"), [Report(DeliveryStatus.UNKNOWN, "sms:purple", None, "key-1")]),
        Gives(event("system:ping", health={"status": "pass"}), []),
        Gives(event("app:started", startReason="BootCompleted"), []),
        Gives(
            event("sms:data-received", messageId="1", data="AQI=", **FROM),
            [Text("+15550100", "", "+15550199", "evt-1", NOONS)],
        ),
        Gives(
            event(
                "mms:received", messageId="1", transactionId="T", subject="Picture", size=9, attachmentCount=1, **FROM
            ),
            [Text("+15550100", "", "+15550199", "evt-1", NOONS)],
        ),
        Gives(
            event("mms:downloaded", body="look ☕", subject=None, attachments=[{"partId": 1, "data": "AQI="}], **FROM),
            [Text("+15550100", "look ☕", "+15550199", "evt-1", NOONS)],
        ),
        Gives(
            event(
                "sms:batch:received", messages=[{"message": "sub", **FROM}, {"message": "", "phoneNumber": "+15550101"}]
            ),
            [Text("+15550100", "sub", "+15550199", "evt-1/0", NOONS), Text("+15550101", "", "", "evt-1/1")],
        ),
        Gives(
            event("mms:batch:downloaded", messages=[{"body": "look", **FROM}]),
            [Text("+15550100", "look", "+15550199", "evt-1/0", NOONS)],
        ),
        Gives(event("sms:batch:data-received", messages=[]), []),
    ],
    refuses=[
        Refuses(signed(), '"payload/sender" is missing'),
        Refuses(event("sms:received", sender="1"), '"payload/message" is missing'),
        Refuses(event("sms:sent"), '"payload/messageId" is missing'),
        Refuses(event("sms:batch:received", sender="1"), '"payload/messages" is no array'),
        Refuses(event("sms:batch:received", messages=[{"message": "sub"}]), '"payload/sender" is missing'),
        Refuses(post(b"[]", "application/json"), '"event" is missing'),
    ],
    verified=[
        Verified(signed(), good=True, at=NOON + 299),
        Verified(signed(signature=SIGNATURE.upper()), good=True, at=NOON),
        Verified(signed(), good=False, at=NOON + 301),
        Verified(signed(), good=False, at=NOON - 301),
        Verified(signed(stamp=str(NOON + 1)), good=False, at=NOON),
        Verified(signed(VECTOR + b" "), good=False, at=NOON),
        Verified(signed(signature="é"), good=False, at=NOON),
        Verified(post(VECTOR, "application/json"), good=False, at=NOON),
    ],
)
