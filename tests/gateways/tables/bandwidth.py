"""`bandwidth`."""

import json
from datetime import UTC, datetime

from host.errors import GiveUp, OutcomeUnknown, TryLater
from host.gateways.base import Features, basic
from host.messages import Accepted, DeliveryStatus, HttpRequest, HttpResponse
from tests.gateways.dialects import part
from tests.gateways.table import SECRET, Gives, Hears, Refuses, Report, Says, Table, Text, post


def events(*each: object) -> HttpRequest:
    return post(json.dumps(each).encode(), "application/json; charset=utf-8")


def text(number: int, **more: object) -> dict[str, object]:
    message = {
        "id": f"m-{number}",
        "owner": "+15550199",
        "time": "2026-01-01T12:00:00Z",
        "from": "+15550100",
        "to": ["+15550199"],
        "text": "sub",
        "segmentCount": 1,
        **more,
    }
    return {
        "type": "message-received",
        "time": "2026-01-01T12:00:01Z",
        "to": "+15550199",
        "description": "Incoming message received",
        "message": message,
    }


def report(kind: str) -> dict[str, object]:
    message = {"id": "m-9", "owner": "+15550199", "tag": "ref-1", "to": ["+15550100"]}
    return {"type": kind, "to": "+15550100", "description": "why", "errorCode": 4720, "message": message}


def heard(number: int, words: str = "sub") -> Text:
    return Text("+15550100", words, "+15550199", f"m-{number}", datetime(2026, 1, 1, 12, tzinfo=UTC))


TABLE = Table(
    dialect="bandwidth",
    features=Features(reports=True),
    accepted=HttpResponse(202, {}, b'{"id": "m-9"}'),
    parameters=f"""<parameter name="account-id" value="9900000"/><parameter name="application-id" value="app"/>
        <parameter name="username" value="user"/><parameter name="password" value="{SECRET}"/>
        <parameter name="from" value="+15550199"/>""",
    says=[
        Says(
            part("café"),
            url="https://127.0.0.1:9/api/v2/users/9900000/messages",
            headers={"Authorization": basic("user", SECRET)},
            json={
                "applicationId": "app",
                "to": ["+15550001"],
                "from": "+15550199",
                "text": "café",
                "tag": "ref-1",
            },
        )
    ],
    hears=[
        Hears(HttpResponse(202, {}, b"{}"), Accepted, None),
        Hears(HttpResponse(202, {}, b'{"id": "m-9"}'), Accepted, "m-9"),
        Hears(HttpResponse(202, {}, b"Accepted"), OutcomeUnknown),
        Hears(HttpResponse(400, {}, b'{"type": "request-validation"}'), GiveUp),
        Hears(HttpResponse(401), TryLater),
    ],
    gives=[
        Gives(
            events(text(1, **{"from": "447700900000", "owner": "26161"})),
            [Text("+447700900000", "sub", "26161", "m-1", datetime(2026, 1, 1, 12, tzinfo=UTC))],
        ),
        Gives(events(text(1), text(2)), [heard(1), heard(2)]),
        Gives(events(text(3, text=None, media=["https://media.example/1"])), [heard(3, "")]),
        Gives(
            events(report("message-sending"), report("message-delivered"), report("message-failed")),
            [
                Report(DeliveryStatus.ACCEPTED, "message-sending", "ref-1", "m-9"),
                Report(DeliveryStatus.DELIVERED, "message-delivered", "ref-1", "m-9"),
                Report(DeliveryStatus.UNDELIVERED, "message-failed", "ref-1", "m-9"),
            ],
        ),
        Gives(
            events(report("message-sent"), report("message-read")),
            [
                Report(DeliveryStatus.ACCEPTED, "message-sent", "ref-1", "m-9"),
                Report(DeliveryStatus.DELIVERED, "message-read", "ref-1", "m-9"),
            ],
        ),
        Gives(events(text(4, text=None, channel="RBM", content={"text": "sub"})), [heard(4)]),
        Gives(
            events(
                {
                    **text(5, text=None, suggestionResponse={"text": "Yes", "postbackData": "1"}),
                    "type": "suggestion-response",
                }
            ),
            [heard(5, "Yes")],
        ),
        Gives(events(report("message-purple")), [Report(DeliveryStatus.UNKNOWN, "message-purple", "ref-1", "m-9")]),
    ],
    refuses=[
        Refuses(events(text(1), {"to": "1"}), '"1/type" is missing'),
        Refuses(events(text(1, **{"from": None})), '"0/message/from" is missing'),
        Refuses(events({"type": "message-failed"}), '"0/message/id" is missing'),
        Refuses(post(b"{}", "application/json"), "the JSON body is no array"),
    ],
)
