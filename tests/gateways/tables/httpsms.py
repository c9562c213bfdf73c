"""`httpsms`."""

import json
from datetime import UTC, datetime

import jwt

from host.errors import GiveUp, OutcomeUnknown, TryLater
from host.gateways.base import Features
from host.messages import Accepted, DeliveryStatus, HttpRequest, HttpResponse
from tests.gateways.dialects import part
from tests.gateways.table import SECRET, URL, Gives, Hears, Refuses, Report, Says, Table, Text, Verified, post

NOON = 1767268800  # 2026-01-01T12:00:00Z
LATER = 4102444800  # 2100
KEY = "a-signing-key-of-32-bytes-or-more"
BODY = b'{"type": "message.phone.received"}'


def claims(**more: object) -> dict[str, object]:
    return {"iss": "api.httpsms.com", "aud": URL, "iat": NOON, "nbf": NOON - 600, "exp": LATER, **more}


def bringing(token: str, scheme: str = "Bearer") -> HttpRequest:
    return post(BODY, "", headers={"authorization": f"{scheme} {token}", "x-event-type": "message.phone.received"})


def signed(key: str = KEY, algorithm: str = "HS256", **more: object) -> HttpRequest:
    return bringing(jwt.encode(claims(**more), key, algorithm))


def event(kind: str, /, **data: object) -> HttpRequest:
    document = {"specversion": "1.0", "id": "e-1", "source": "/v1", "type": kind, "data": data}
    return post(json.dumps(document).encode(), "", headers={"x-event-type": kind})


def report(kind: str, **data: object) -> HttpRequest:
    return event(kind, id="m-2", request_id="ref-1", owner="+15550199", contact="+15550001", **data)


def reported(status: DeliveryStatus, kind: str) -> list[Report]:
    return [Report(status, kind, "ref-1", "m-2")]


TEXT = event(
    "message.phone.received",
    message_id="m-1",
    owner="+15550199",
    contact="+15550100",
    content="sub",
    timestamp="2026-01-01T12:00:00.000Z",
    sim="SIM1",
)

TABLE = Table(
    dialect="httpsms",
    features=Features(reports=True, signature=True),
    accepted=HttpResponse(200, {}, b'{"data": {"id": "m-2"}, "status": "success"}'),
    parameters=f"""<parameter name="api-key" value="{SECRET}"/><parameter name="from" value="+15550199"/>
        <parameter name="signing-key" value="{KEY}"/>""",
    says=[
        Says(
            part("café"),
            url="https://127.0.0.1:9/v1/messages/send",
            headers={"x-api-key": SECRET},
            json={"from": "+15550199", "to": "+15550001", "content": "café", "request_id": "ref-1"},
        )
    ],
    hears=[
        Hears(HttpResponse(200, {}, b'{"data": null}'), Accepted, None),
        Hears(HttpResponse(200, {}, b'{"data": {"id": "m-2"}}'), Accepted, "m-2"),
        Hears(HttpResponse(200, {}, b"OK"), OutcomeUnknown),
        Hears(HttpResponse(422, {}, b'{"message": "validation errors"}'), GiveUp),
        Hears(HttpResponse(402), TryLater),
    ],
    gives=[
        Gives(TEXT, [Text("+15550100", "sub", "+15550199", "m-1", datetime(2026, 1, 1, 12, tzinfo=UTC))]),
        Gives(report("message.phone.sent"), reported(DeliveryStatus.ACCEPTED, "message.phone.sent")),
        Gives(report("message.phone.delivered"), reported(DeliveryStatus.DELIVERED, "message.phone.delivered")),
        Gives(
            report("message.send.failed", error_message="NO_SERVICE"),
            reported(DeliveryStatus.UNDELIVERED, "message.send.failed"),
        ),
        Gives(
            event("message.send.expired", message_id="m-2", request_id="ref-1"),
            reported(DeliveryStatus.UNDELIVERED, "message.send.expired"),
        ),
        Gives(
            event("message.send.expired", message_id="m-2", request_id="ref-1", is_final=False),
            reported(DeliveryStatus.BUFFERED, "message.send.expired"),
        ),
        Gives(report("message.phone.purple"), reported(DeliveryStatus.UNKNOWN, "message.phone.purple")),
        Gives(event("message.call.missed", message_id="m-3", contact="+15550100"), []),
        Gives(event("phone.heartbeat.offline", phone_id="p"), []),
    ],
    refuses=[
        Refuses(event("message.phone.received", content="sub"), '"data/contact" is missing'),
        Refuses(event("message.phone.received", contact="1"), '"data/content" is missing'),
        Refuses(event("message.phone.sent"), '"data/message_id" is missing'),
        Refuses(post(b"{}", ""), '"type" is missing'),
    ],
    verified=[
        Verified(signed(), good=True, at=NOON + 299),
        Verified(signed(), good=False, at=NOON + 301),
        Verified(signed(), good=False, at=NOON - 301),
        Verified(signed(key="another-signing-key-of-32-bytes-or-more"), good=False, at=NOON),
        Verified(signed(aud="https://sms.example.org/context/receiveSMS/other"), good=False, at=NOON),
        Verified(signed(aud=[URL]), good=False, at=NOON),
        Verified(signed(exp=NOON), good=False, at=NOON),
        Verified(signed(exp=None), good=False, at=NOON),
        Verified(signed(iat="noon"), good=False, at=NOON),
        Verified(bringing(jwt.encode(claims(), None, "none")), good=False, at=NOON),
        Verified(signed(key=KEY * 2, algorithm="HS512"), good=False, at=NOON),
        Verified(bringing(jwt.encode(claims(), KEY, "HS256"), "Basic"), good=False, at=NOON),
        Verified(bringing("rubbish.é.x"), good=False, at=NOON),
        Verified(post(BODY), good=False, at=NOON),
    ],
)
