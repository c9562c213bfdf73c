"""`africastalking`."""

import json
from datetime import UTC, datetime

from host.errors import GiveUp, OutcomeUnknown, TryLater
from host.gateways.base import Features
from host.messages import Accepted, DeliveryStatus, HttpResponse
from tests.gateways.dialects import part
from tests.gateways.table import SECRET, Gives, Hears, Refuses, Report, Says, Table, Text, post

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
PREMIUM = b"id=a-1&from=%2B254711000001&to=26161&text=sub&date=2026-01-01T12%3A00%3A00Z&linkId=L1&networkCode=63902"


def answer(code: int, status: str) -> HttpResponse:
    recipient = {"statusCode": code, "number": "+15550001", "status": status, "cost": "KES 0.8", "messageId": "ATXid_1"}
    return whole("Sent to 1/1", recipient)


def whole(message: str, *recipients: object) -> HttpResponse:
    return HttpResponse(
        201, {}, json.dumps({"SMSMessageData": {"Message": message, "Recipients": recipients}}).encode()
    )


def report(status: str) -> bytes:
    return f"id=ATXid_1&status={status}&phoneNumber=%2B254711000001&networkCode=63902&retryCount=0".encode()


TABLE = Table(
    dialect="africastalking",
    features=Features(reports=True),
    accepted=answer(101, "Success"),
    parameters=f"""<parameter name="username" value="sandbox"/><parameter name="api-key" value="{SECRET}"/>
        <parameter name="from" value="26161"/>""",
    says=[
        Says(
            part("café"),
            url="https://127.0.0.1:9/version1/messaging",
            headers={"apiKey": SECRET, "Accept": "application/json"},
            form={"username": "sandbox", "to": "+15550001", "message": "café", "from": "26161"},
        )
    ],
    hears=[
        Hears(answer(101, "Success"), Accepted, "ATXid_1"),
        Hears(answer(102, "Queued"), Accepted, "ATXid_1"),
        Hears(answer(403, "InvalidPhoneNumber"), GiveUp),
        Hears(answer(405, "InsufficientBalance"), TryLater),
        Hears(answer(500, "InternalServerError"), TryLater),
        Hears(whole("InvalidSenderId"), TryLater),
        Hears(whole("The request is not allowed"), GiveUp),
        Hears(HttpResponse(201, {}, b"{}"), OutcomeUnknown),
        Hears(HttpResponse(201, {}, b"Created"), OutcomeUnknown),
        Hears(HttpResponse(401), TryLater),
    ],
    gives=[
        Gives(post(PREMIUM), [Text("+254711000001", "sub", "26161", "a-1", NOON)]),
        Gives(
            post(b"id=a-2&from=%2B254711000001&to=26161&text=&date=2026-01-01+12%3A00%3A00"),
            [Text("+254711000001", "", "26161", "a-2", NOON)],
        ),
        Gives(post(b"phoneNumber=%2B254711000001&senderId=26161"), [Text("+254711000001", "STOP", "26161")]),
        Gives(post(report("Success")), [Report(DeliveryStatus.DELIVERED, "Success", None, "ATXid_1")]),
        Gives(post(report("Failed")), [Report(DeliveryStatus.UNDELIVERED, "Failed", None, "ATXid_1")]),
        Gives(post(report("Purple")), [Report(DeliveryStatus.UNKNOWN, "Purple", None, "ATXid_1")]),
    ],
    refuses=[
        Refuses(post(b"from=1&to=2"), '"text" is missing'),
        Refuses(post(b"text=sub"), '"from" is missing'),
        Refuses(post(b"status=Sent&phoneNumber=1"), '"id" is missing'),
    ],
)
