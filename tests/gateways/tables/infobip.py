"""`infobip`."""

import json
from datetime import UTC, datetime

from host.errors import GiveUp, OutcomeUnknown, TryLater
from host.gateways.base import Features
from host.messages import Accepted, DeliveryStatus, HttpRequest, HttpResponse
from tests.gateways.dialects import part
from tests.gateways.table import SECRET, Gives, Hears, Refuses, Report, Says, Table, Text, post

TO = "https://host.example/context/receiveSMS/gw?token=t0ken-of-infobip"


def batch(*results: object) -> HttpRequest:
    document = {"results": results, "messageCount": len(results), "pendingMessageCount": 0}
    return post(json.dumps(document).encode(), "application/json")


def answer(group: object, name: str = "X") -> HttpResponse:
    message = {"messageId": "ref-1", "status": {"groupId": group, "name": name, "description": "why"}}
    return HttpResponse(200, {}, json.dumps({"bulkId": "b", "messages": [message]}).encode())


def text(number: int) -> dict[str, object]:
    return {
        "messageId": f"m-{number}",
        "from": "447700900000",
        "to": "447700900001",
        "text": f"sub {number}",
        "cleanText": f"{number}",
        "keyword": "sub",
        "receivedAt": "2026-01-01T13:00:00.000+0100",
        "price": {"pricePerMessage": 0, "currency": "EUR"},
    }


def report(group: str, name: str = "X") -> dict[str, object]:
    return {"messageId": "ref-1", "to": "447700900000", "status": {"groupId": 3, "groupName": group, "name": name}}


def heard(number: int) -> Text:
    return Text("+447700900000", f"sub {number}", "+447700900001", f"m-{number}", datetime(2026, 1, 1, 12, tzinfo=UTC))


TABLE = Table(
    dialect="infobip",
    features=Features(reports=True),
    accepted=answer(1),
    parameters=f"""<parameter name="api-key" value="{SECRET}"/><parameter name="from" value="+447700900001"/>
        <parameter name="callback-url" value="{TO}"/><parameter name="options" value='{{"flash": true}}'/>""",
    says=[
        Says(
            part("café"),
            url="https://127.0.0.1:9/sms/3/messages",
            headers={"Authorization": f"App {SECRET}"},
            json={
                "messages": [
                    {
                        "sender": "447700900001",
                        "destinations": [{"to": "15550001", "messageId": "ref-1"}],
                        "content": {"text": "café"},
                        "options": {"flash": True},
                        "webhooks": {"delivery": {"url": TO}, "contentType": "application/json"},
                    }
                ]
            },
        )
    ],
    hears=[
        Hears(answer(0, "MESSAGE_ACCEPTED"), Accepted, "ref-1"),
        Hears(answer(1), Accepted, "ref-1"),
        Hears(answer("3"), Accepted, "ref-1"),
        Hears(answer(5), GiveUp),
        Hears(answer(5, "REJECTED_NOT_ENOUGH_CREDITS"), TryLater),
        Hears(answer(9), OutcomeUnknown),
        Hears(HttpResponse(200, {}, b"<html>"), OutcomeUnknown),
        Hears(HttpResponse(401), TryLater),
    ],
    gives=[
        Gives(
            batch({"messageId": "m-1", "from": "447700900000", "message": [{"contentType": "image/png"}]}),
            [Text("+447700900000", "", "", "m-1")],
        ),
        Gives(batch(text(1), text(2)), [heard(1), heard(2)]),
        Gives(
            batch({"messageId": "m-1", "from": "447700900000", "text": None}, text(2)),
            [Text("+447700900000", "", "", "m-1"), heard(2)],
        ),
        Gives(
            batch(report("DELIVERED", "DELIVERED_TO_OPERATOR"), report("DELIVERED", "DELIVERED_TO_HANDSET")),
            [
                Report(DeliveryStatus.ACCEPTED, "DELIVERED", "ref-1", "ref-1"),
                Report(DeliveryStatus.DELIVERED, "DELIVERED", "ref-1", "ref-1"),
            ],
        ),
        Gives(batch(report("ACCEPTED")), [Report(DeliveryStatus.ACCEPTED, "ACCEPTED", "ref-1", "ref-1")]),
        Gives(
            batch(report("DELIVERED"), report("EXPIRED"), report("PURPLE")),
            [
                Report(DeliveryStatus.DELIVERED, "DELIVERED", "ref-1", "ref-1"),
                Report(DeliveryStatus.UNDELIVERED, "EXPIRED", "ref-1", "ref-1"),
                Report(DeliveryStatus.UNKNOWN, "PURPLE", "ref-1", "ref-1"),
            ],
        ),
    ],
    refuses=[
        Refuses(batch(text(1), {"to": "1"}), '"results/1/from" is missing'),
        Refuses(post(b"{}", "application/json"), '"results" is no array'),
    ],
)
