"""`telnyx`. The keys are those of a pair made for this table."""

import json
from datetime import UTC, datetime

from host.errors import GiveUp, OutcomeUnknown, TryLater
from host.gateways import signatures
from host.gateways.base import Features
from host.messages import Accepted, DeliveryStatus, HttpRequest, HttpResponse
from tests.gateways.dialects import part
from tests.gateways.table import SECRET, Gives, Hears, Refuses, Report, Says, Table, Text, Verified, post

PRIVATE = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
PUBLIC = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="
STRANGER = "HwABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4="
TO = "https://host.example/context/receiveSMS/gw"
NOON = 1767268800  # 2026-01-01T12:00:00Z


def event(kind: str, query: bytes = b"", /, **payload: object) -> HttpRequest:
    document = {"data": {"id": "e-1", "event_type": kind, "occurred_at": "2026-01-01T13:00:00.000+01:00"}}
    return post(
        json.dumps({"data": {**document["data"], "payload": payload}}).encode(), "application/json", query=query
    )


def signed(request: HttpRequest, stamp: int = NOON, key: str = PRIVATE, body: bytes = b"") -> HttpRequest:
    signature = signatures.ed25519(key, f"{stamp}|".encode() + request.body)
    headers = {"telnyx-timestamp": str(stamp), "telnyx-signature-ed25519": signature}
    return HttpRequest(request.method, request.url, {**request.headers, **headers}, body or request.body, request.path)


TEXT = event(
    "message.received",
    id="m-1",
    **{"from": {"phone_number": "+15550100"}},
    to=[{"phone_number": "+15550199", "status": "webhook_delivered"}],
    text="sub",
    parts=1,
)


def report(kind: str, word: str, query: bytes = b"") -> HttpRequest:
    return event(kind, query, id="m-2", to=[{"phone_number": "+15550100", "status": word}])


TABLE = Table(
    dialect="telnyx",
    features=Features(reports=True, signature=True),
    accepted=HttpResponse(200, {}, b'{"data": {"id": "m-2"}}'),
    parameters=f"""<parameter name="api-key" value="{SECRET}"/><parameter name="from" value="+15550199"/>
        <parameter name="public-key" value="{PUBLIC}"/><parameter name="simulation-key" value="{PRIVATE}"/>
        <parameter name="callback-url" value="{TO}"/>""",
    says=[
        Says(
            part("café"),
            url="https://127.0.0.1:9/v2/messages",
            headers={"Authorization": f"Bearer {SECRET}"},
            json={"to": "+15550001", "text": "café", "from": "+15550199", "webhook_url": f"{TO}?reference=ref-1"},
        )
    ],
    hears=[
        Hears(HttpResponse(200, {}, b'{"data": {}}'), Accepted, None),
        Hears(HttpResponse(200, {}, b'{"data": {"id": "m-2"}}'), Accepted, "m-2"),
        Hears(HttpResponse(200, {}, b"OK"), OutcomeUnknown),
        Hears(HttpResponse(403, {}, b'{"errors": [{"code": "40300", "title": "Blocked"}]}'), GiveUp),
        Hears(HttpResponse(403, {}, b'{"errors": [{"code": "10010"}]}'), TryLater),
        Hears(HttpResponse(422), GiveUp),
    ],
    gives=[
        Gives(TEXT, [Text("+15550100", "sub", "+15550199", "m-1", datetime(2026, 1, 1, 12, tzinfo=UTC))]),
        Gives(
            report("message.finalized", "delivered", b"reference=ref-1"),
            [Report(DeliveryStatus.DELIVERED, "delivered", "ref-1", "m-2")],
        ),
        Gives(report("message.sent", "sent"), [Report(DeliveryStatus.ACCEPTED, "sent", None, "m-2")]),
        Gives(
            report("message.finalized", "delivery_failed"),
            [Report(DeliveryStatus.UNDELIVERED, "delivery_failed", None, "m-2")],
        ),
        Gives(
            report("message.finalized", "delivery_unconfirmed"),
            [Report(DeliveryStatus.ACCEPTED, "delivery_unconfirmed", None, "m-2")],
        ),
        Gives(report("message.finalized", "purple"), [Report(DeliveryStatus.UNKNOWN, "purple", None, "m-2")]),
        Gives(event("10dlc.campaign.update"), []),
    ],
    refuses=[
        Refuses(event("message.received", text="sub"), '"data/payload/from/phone_number" is missing'),
        Refuses(event("message.sent"), '"data/payload/id" is missing'),
        Refuses(post(b"{}", "application/json"), '"data/event_type" is missing'),
    ],
    verified=[
        Verified(signed(TEXT), good=True, at=NOON + 299),
        Verified(signed(TEXT), good=False, at=NOON + 301),
        Verified(signed(TEXT), good=False, at=NOON - 301),
        Verified(signed(TEXT, key=STRANGER), good=False, at=NOON),
        Verified(signed(TEXT, body=TEXT.body + b" "), good=False, at=NOON),
        Verified(post(TEXT.body, headers={"telnyx-timestamp": "1767268800"}), good=False, at=NOON),
        Verified(post(TEXT.body, headers={"telnyx-signature-ed25519": "é", "telnyx-timestamp": "²"}), good=False),
    ],
)
