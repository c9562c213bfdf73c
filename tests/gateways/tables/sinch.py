"""`sinch`."""

import json
from datetime import UTC, datetime

from host.errors import GiveUp, OutcomeUnknown, TryLater
from host.gateways.base import Features
from host.messages import Accepted, DeliveryStatus, HttpRequest, HttpResponse
from tests.gateways.dialects import part
from tests.gateways.table import SECRET, Gives, Hears, Refuses, Report, Says, Table, Text, post

TO = "https://host.example/context/receiveSMS/gw?token=t0ken-of-sinch"


def event(kind: str, /, **members: object) -> HttpRequest:
    return post(json.dumps({"type": kind, **members}).encode(), "application/json")


def text(kind: str, body: object) -> HttpRequest:
    numbers = {"from": "447700900000", "to": "447700900001"}
    return event(
        kind, id="01F", **numbers, body=body, received_at="2026-01-01T12:00:01.5Z", sent_at="2026-01-01T12:00Z"
    )


def report(status: str) -> HttpRequest:
    names = {"batch_id": "b-1", "client_reference": "ref-1", "recipient": "447700900000"}
    return event("recipient_delivery_report_sms", **names, code=0, status=status, at="2026-01-01T12:00:00Z")


TABLE = Table(
    dialect="sinch",
    features=Features(reports=True),
    accepted=HttpResponse(201, {}, b'{"id": "b-1", "canceled": false}'),
    parameters=f"""<parameter name="service-plan-id" value="plan"/><parameter name="api-token" value="{SECRET}"/>
        <parameter name="from" value="447700900001"/><parameter name="callback-url" value="{TO}"/>""",
    says=[
        Says(
            part("café"),
            url="https://127.0.0.1:9/xms/v1/plan/batches",
            headers={"Authorization": f"Bearer {SECRET}"},
            json={
                "to": ["15550001"],
                "body": "café",
                "from": "447700900001",
                "client_reference": "ref-1",
                "delivery_report": "per_recipient",
                "callback_url": TO,
            },
        )
    ],
    hears=[
        Hears(HttpResponse(201, {}, b"{}"), Accepted, None),
        Hears(HttpResponse(201, {}, b'{"id": "b-1"}'), Accepted, "b-1"),
        Hears(HttpResponse(201, {}, b"Created"), OutcomeUnknown),
        Hears(HttpResponse(400, {}, b'{"code": "syntax_invalid_parameter_format"}'), GiveUp),
        Hears(HttpResponse(401), TryLater),
    ],
    gives=[
        Gives(
            text("mo_text", "sub"),
            [Text("+447700900000", "sub", "+447700900001", "01F", datetime(2026, 1, 1, 12, tzinfo=UTC))],
        ),
        Gives(
            text("mo_media", {"media": [{"url": "https://media.example/1"}]}),
            [Text("+447700900000", "", "+447700900001", "01F", datetime(2026, 1, 1, 12, tzinfo=UTC))],
        ),
        Gives(
            text("mo_media", {"subject": "Hi", "message": "look", "media": [{"url": "https://media.example/1"}]}),
            [Text("+447700900000", "look", "+447700900001", "01F", datetime(2026, 1, 1, 12, tzinfo=UTC))],
        ),
        Gives(
            text("mo_binary", "c3Vi"),
            [Text("+447700900000", "", "+447700900001", "01F", datetime(2026, 1, 1, 12, tzinfo=UTC))],
        ),
        Gives(report("DELIVERED"), [Report(DeliveryStatus.DELIVERED, "DELIVERED", "ref-1", "b-1")]),
        Gives(report("Delivered"), [Report(DeliveryStatus.DELIVERED, "Delivered", "ref-1", "b-1")]),
        Gives(report("Dispatched"), [Report(DeliveryStatus.ACCEPTED, "Dispatched", "ref-1", "b-1")]),
        Gives(report("Purple"), [Report(DeliveryStatus.UNKNOWN, "Purple", "ref-1", "b-1")]),
        Gives(
            event("delivery_report_sms", batch_id="b-1", statuses=[{"code": 402, "status": "Aborted", "count": 1}]),
            [Report(DeliveryStatus.UNDELIVERED, "Aborted", None, "b-1")],
        ),
        Gives(event("purple"), []),
    ],
    refuses=[
        Refuses(event("mo_text", **{"from": "1"}), '"body" is missing'),
        Refuses(event("mo_text", body="sub"), '"from" is missing'),
        Refuses(event("recipient_delivery_report_sms", status="Delivered"), '"batch_id" is missing'),
        Refuses(post(b"{}", "application/json"), '"type" is missing'),
        Refuses(event("delivery_report_sms", batch_id="b-1", statuses=[[]] * 1001), "at most 1000"),
        Refuses(event("mo_text", **{"from": "1", "body": "a", "b" * 20_000: [1] * 500}), "1000000 characters"),
    ],
)
