"""`messagebird`; more of it in test_messagebird.py, and with MessageBird's own library in test_vendor_sdks.py."""

import hashlib
from datetime import UTC, datetime

import jwt

from host.errors import GiveUp, OutcomeUnknown, TryLater
from host.gateways.base import Features
from host.messages import Accepted, DeliveryStatus, HttpRequest, HttpResponse
from tests.gateways.dialects import part
from tests.gateways.table import SECRET, Gives, Hears, Refuses, Report, Says, Table, Text, Verified, get, post

KEY = "signing-key-of-messagebird-that-is-long-enough-for-every-hmac-of-them"
IN = "https://sms.example.org/in/receiveSMS"
FORM = b"id=m-1&originator=31612345678&recipient=31612345679&body=sub+caf%C3%A9&createdDatetime=2026-01-01T13%3A00%3A00%2B01%3A00"
REPORT = b"id=m-7&reference=ref-1&recipient=31612345678&statusDatetime=2026-01-01T12%3A00%3A00%2B00%3A00&status="
PAST, FUTURE = 1_767_268_800, 4_102_444_800


def hashed(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


CLAIMS = {"iss": "MessageBird", "nbf": PAST, "exp": FUTURE, "jti": "1", "url_hash": hashed(IN.encode())}
POSTED = {**CLAIMS, "payload_hash": hashed(FORM)}


def posted(claims: dict[str, object], key: str = KEY, algorithm: str = "HS256", body: bytes = FORM) -> HttpRequest:
    token = jwt.encode(claims, key if algorithm != "none" else "", algorithm)
    return post(body, url=IN, headers={"messagebird-signature-jwt": token})


def without(name: str) -> dict[str, object]:
    return {each: value for each, value in POSTED.items() if each != name}


def got(query: bytes, claims: dict[str, object]) -> HttpRequest:
    token = jwt.encode({**claims, "url_hash": hashed(IN.encode() + b"?" + query)}, KEY, "HS256")
    return get(query, url=IN, headers={"messagebird-signature-jwt": token})


HEARD = Text("+31612345678", "sub café", "+31612345679", "m-1", datetime(2026, 1, 1, 12, tzinfo=UTC))

TABLE = Table(
    dialect="messagebird",
    features=Features(reports=True, signature=True),
    accepted=HttpResponse(201, {}, b'{"id": "m-7", "recipients": {"totalCount": 1}}'),
    parameters=f"""
        <parameter name="access-key" value="{SECRET}"/>
        <parameter name="signing-key" value="{KEY}"/>
        <parameter name="from" value="Books"/>
        <parameter name="callback-url" value="https://sms.example.org/context/receiveSMS/gw"/>
        <parameter name="validity" value="600"/>
    """,
    says=[
        Says(
            part("Да & tea"),
            "POST",
            "https://127.0.0.1:9/messages",
            headers={"Authorization": f"AccessKey {SECRET}", "Content-Type": "application/json"},
            json={
                "recipients": ["15550001"],
                "originator": "Books",
                "body": "Да & tea",
                "reference": "ref-1",
                "datacoding": "unicode",
                "reportUrl": "https://sms.example.org/context/receiveSMS/gw",
                "validity": 600,
            },
        )
    ],
    hears=[
        Hears(HttpResponse(201, {}, b'{"id": "m-7"}'), Accepted, "m-7"),
        Hears(HttpResponse(200, {}, b'{"href": ""}'), OutcomeUnknown),
        Hears(HttpResponse(200, {}, b"<html/>"), OutcomeUnknown),
        Hears(HttpResponse(422, {}, b'{"errors": [{"code": 10, "description": "invalid recipient"}]}'), GiveUp),
        Hears(HttpResponse(422, {}, b'{"errors": [{"code": 25, "description": "no balance"}]}'), TryLater),
        Hears(HttpResponse(401, {}, b'{"errors": [{"code": 2, "description": "incorrect access_key"}]}'), TryLater),
        Hears(HttpResponse(429), TryLater),
    ],
    gives=[
        Gives(post(FORM), [HEARD]),
        Gives(
            post(b'{"id": "m-1", "originator": "31612345678", "body": "sub", "mediaUrls": []}', "application/json"),
            [Text("+31612345678", "sub", "", "m-1")],
        ),
        Gives(
            post(b"mid=p-1&originator=31612345678&shortcode=8338&message=sub&receive_datetime=20260101120000"),
            [Text("+31612345678", "sub", "8338", "p-1", datetime(2026, 1, 1, 12, tzinfo=UTC))],
        ),
        Gives(
            post(b"receiver=8338&sender=31612345678&body=sub&date=1&reference=1&id=mt-1&id=m-1&recipient=8338"
                 b"&originator=31612345678&body=sub+me&receive_datetime=2026-01-01T12%3A00%3A00%2B00%3A00&mms=false"),
            [Text("+31612345678", "sub me", "8338", "m-1", datetime(2026, 1, 1, 12, tzinfo=UTC))],
        ),
        Gives(
            post(b"message=look&id=mt-1&message_id=m-1&recipient=18005550100&originator=31612345678&mms=true"
                 b"&mediaURLs=https%3A%2F%2Fmedia.example%2F1.jpg&receive_datetime=2026-01-01T12%3A00%3A00%2B00%3A00"),
            [Text("+31612345678", "look", "+18005550100", "m-1", datetime(2026, 1, 1, 12, tzinfo=UTC))],
        ),
        Gives(post(b"id=m-1&originator=31612345678&mediaUrls%5B%5D=x"), [Text("+31612345678", "", "", "m-1")]),
        Gives(get(REPORT + b"delivered"), [Report(DeliveryStatus.DELIVERED, "delivered", "ref-1", "m-7")]),
        Gives(get(REPORT + b"buffered"), [Report(DeliveryStatus.BUFFERED, "buffered", "ref-1", "m-7")]),
        Gives(
            get(REPORT + b"delivery_failed&statusErrorCode=103"),
            [Report(DeliveryStatus.UNDELIVERED, "delivery_failed", "ref-1", "m-7")],
        ),
        Gives(get(b"id=m-7&status=purple"), [Report(DeliveryStatus.UNKNOWN, "purple", None, "m-7")]),
    ],
    refuses=[
        Refuses(post(b"id=m-1&originator=31612345678"), '"body" is missing'),
        Refuses(post(b"id=m-1&body=sub"), '"originator" is missing'),
    ],
    verified=[
        Verified(posted(POSTED), good=True),
        Verified(posted(POSTED, algorithm="HS384"), good=True),
        Verified(posted(POSTED, algorithm="HS512"), good=True),
        Verified(got(REPORT + b"sent", CLAIMS), good=True),
        Verified(posted(POSTED, algorithm="none"), good=False),
        Verified(posted(POSTED, key=KEY[::-1]), good=False),
        Verified(posted(POSTED, body=FORM + b"x"), good=False),
        Verified(posted(CLAIMS), good=False),
        Verified(posted(POSTED, body=b""), good=False),
        Verified(got(REPORT + b"sent", POSTED), good=False),
        Verified(posted({**POSTED, "url_hash": hashed(b"https://other.example.org/")}), good=False),
        Verified(posted({**POSTED, "url_hash": 5}), good=False),
        Verified(posted({**POSTED, "payload_hash": None}), good=False),
        Verified(posted({**POSTED, "exp": PAST}), good=False),
        Verified(posted({**POSTED, "nbf": FUTURE}), good=False),
        Verified(posted({**POSTED, "iss": "Somebody"}), good=False),
        *(Verified(posted(without(each)), good=False) for each in ("iss", "nbf", "exp", "url_hash", "payload_hash")),
        Verified(post(FORM, url=IN), good=False),
        Verified(post(FORM, url=IN, headers={"messagebird-signature-jwt": "a.b.c"}), good=False),
    ],
    acknowledged=HttpResponse(200, {"Content-Type": "text/plain; charset=utf-8"}, b"OK"),
)  # fmt: skip
