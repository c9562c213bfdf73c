"""`textbee`. The signed body is the test vector of a recipe read in its server's source."""

import json
from datetime import UTC, datetime

from host.errors import GiveUp, OutcomeUnknown, TryLater
from host.gateways.base import Features
from host.messages import Accepted, DeliveryStatus, HttpRequest, HttpResponse
from tests.gateways.dialects import part
from tests.gateways.table import SECRET, Gives, Hears, Refuses, Report, Says, Table, Text, Verified, post

VECTOR = b'{"id":"evt-1","event":"sms:received","payload":{"message":"sub"}}'
SIGNATURE = "ed8c57c20ccc0220428c7e1981e7a0d94db88059e7c54628ce0baba7c798d342"


def signed(body: bytes = VECTOR, signature: str = SIGNATURE) -> HttpRequest:
    return post(body, "application/json", headers={"x-signature": signature})


def event(kind: str, /, **members: object) -> HttpRequest:
    document = {"webhookEvent": kind, "webhookSubscriptionId": "w", "deviceId": "dev", "smsId": "s-1", **members}
    return post(json.dumps(document).encode(), "application/json")


def report(kind: str, **members: object) -> HttpRequest:
    return event(kind, smsBatchId="b-1", recipient="+15550001", **members)


TABLE = Table(
    dialect="textbee",
    features=Features(reports=True, signature=True),
    accepted=HttpResponse(201, {}, b'{"data": {"success": true, "smsBatchId": "b-1"}}'),
    parameters=f"""<parameter name="device-id" value="dev"/><parameter name="api-key" value="{SECRET}"/>
        <parameter name="signing-secret" value="a-secret-of-at-least-20-chars"/>
        <parameter name="simSubscriptionId" value="3"/>""",
    says=[
        Says(
            part("café"),
            url="https://127.0.0.1:9/api/v1/gateway/devices/dev/send-sms",
            headers={"x-api-key": SECRET},
            json={"recipients": ["+15550001"], "message": "café", "simSubscriptionId": 3},
        )
    ],
    hears=[
        Hears(HttpResponse(200, {}, b'{"data": {"smsBatchId": "b-1"}}'), Accepted, "b-1"),
        Hears(HttpResponse(200, {}, b'{"data": {"success": true}}'), Accepted, None),
        Hears(HttpResponse(200, {}, b"OK"), OutcomeUnknown),
        Hears(
            HttpResponse(201, {}, b'{"data": {"responses": [{"success": true}], "successCount": 1}}'), Accepted, None
        ),
        Hears(
            HttpResponse(400, {}, b'{"success": false, "error": "Device does not exist or is not enabled"}'), TryLater
        ),
        Hears(HttpResponse(400, {}, b'{"success": false, "error": "Failed to send SMS"}'), TryLater),
        Hears(HttpResponse(400, {}, b'{"success": false, "error": "Invalid recipients"}'), GiveUp),
        Hears(HttpResponse(401), TryLater),
    ],
    gives=[
        Gives(
            event("MESSAGE_RECEIVED", sender="+15550100", message="sub", receivedAt="2026-01-01T12:00:00.000Z"),
            [Text("+15550100", "sub", "", "s-1", datetime(2026, 1, 1, 12, tzinfo=UTC))],
        ),
        Gives(
            event("MESSAGE_RECEIVED", sender="+15550100", message="", idempotencyKey="k-1"),
            [Text("+15550100", "", "", "k-1")],
        ),
        Gives(report("MESSAGE_SENT"), [Report(DeliveryStatus.ACCEPTED, "MESSAGE_SENT", None, "b-1")]),
        Gives(report("MESSAGE_DELIVERED"), [Report(DeliveryStatus.DELIVERED, "MESSAGE_DELIVERED", None, "b-1")]),
        Gives(
            report("MESSAGE_FAILED", errorCode="1", errorMessage="GENERIC_FAILURE"),
            [Report(DeliveryStatus.UNDELIVERED, "MESSAGE_FAILED", None, "b-1")],
        ),
        Gives(
            report("SMS_STATUS_UPDATED", status="delivered"),
            [Report(DeliveryStatus.DELIVERED, "delivered", None, "b-1")],
        ),
        Gives(event("DEVICE_PURPLE"), []),
        Gives(report("UNKNOWN_STATE"), [Report(DeliveryStatus.UNKNOWN, "UNKNOWN_STATE", None, "b-1")]),
    ],
    refuses=[
        Refuses(event("MESSAGE_RECEIVED", message="sub"), '"sender" is missing'),
        Refuses(event("MESSAGE_RECEIVED", sender="1"), '"message" is missing'),
        Refuses(event("MESSAGE_SENT"), '"smsBatchId" is missing'),
        Refuses(signed(), '"webhookEvent" is missing'),
    ],
    verified=[
        Verified(signed(), good=True),
        Verified(signed(signature=SIGNATURE.upper()), good=True),
        Verified(signed(VECTOR + b" "), good=False),
        Verified(signed(signature=SIGNATURE[:-1] + "3"), good=False),
        Verified(signed(signature="é"), good=False),
        Verified(post(VECTOR, "application/json"), good=False),
    ],
)
