"""`plivo`; more of it in test_plivo.py, and with Plivo's own library in test_vendor_sdks.py."""

import base64

from host.errors import GiveUp, OutcomeUnknown, TryLater
from host.gateways.base import Features
from host.messages import Accepted, DeliveryStatus, HttpRequest, HttpResponse
from tests.gateways.dialects import part
from tests.gateways.table import SECRET, Gives, Hears, Refuses, Report, Says, Table, Text, Verified, get, post

BASIC = "Basic " + base64.b64encode(f"SA1:{SECRET}".encode()).decode()
IN = "https://sms.example.org/in/receiveSMS"
FORM = b"From=15005550006&MessageUUID=u-1&Text=sub&To=15005550001"
V2 = "CgjS0DNk8nok6egZMV7mEcUMfQ6S8+sVOpWzucE6DrM="
V3 = "mQqfQFJmQEe9GzvJF+r91Ow0NVM6m7kin69YANWjYxo="
V3_WITHOUT_QUERY = "o/PmtbHavwWxdy1cDq5ytxZnHHqCewVONFt+C/PNBg8="
V3_GET = "EmyU6tLwEjB88axAfcPLOiYk0dwinllgmTXJeNMpe6Y="


def by(**signatures: str) -> dict[str, str]:
    named = {f"x-plivo-signature-{name.replace('_', '-')}": value for name, value in signatures.items()}
    return {**named, "x-plivo-signature-v2-nonce": "12345", "x-plivo-signature-v3-nonce": "12345"}


def posted(
    body: bytes = FORM, query: bytes = b"gw=pl", kind: str = "application/x-www-form-urlencoded", **signatures: str
) -> HttpRequest:
    return post(body, kind, query=query, url=IN, headers=by(**signatures))


def got(query: bytes, **signatures: str) -> HttpRequest:
    return get(query, url=IN, headers=by(**signatures))


HEARD = Text("+15005550006", "sub", "+15005550001", "u-1")

TABLE = Table(
    dialect="plivo",
    features=Features(reports=True, signature=True, answer=True),
    accepted=HttpResponse(202, {}, b'{"message": "message(s) queued", "message_uuid": ["u-7"], "api_id": "a"}'),
    parameters=f"""
        <parameter name="auth-id" value="SA1"/>
        <parameter name="auth-token" value="{SECRET}"/>
        <parameter name="main-auth-token" value="tok3n"/>
        <parameter name="from" value="+15005550001"/>
        <parameter name="callback-url" value="https://sms.example.org/context/receiveSMS/gw?from=plivo"/>
        <parameter name="log" value="false"/>
    """,
    says=[
        Says(
            part("café & tea"),
            "POST",
            "https://127.0.0.1:9/v1/Account/SA1/Message/",
            headers={"Authorization": BASIC, "Content-Type": "application/json"},
            json={
                "src": "15005550001",
                "dst": "15550001",
                "text": "café & tea",
                "type": "sms",
                "url": "https://sms.example.org/context/receiveSMS/gw?from=plivo&reference=ref-1",
                "method": "POST",
                "log": False,
            },
        )
    ],
    hears=[
        Hears(HttpResponse(202, {}, b'{"message_uuid": ["u-7"]}'), Accepted, "u-7"),
        Hears(HttpResponse(202, {}, b'{"message_uuid": []}'), OutcomeUnknown),
        Hears(HttpResponse(200, {}, b"<html/>"), OutcomeUnknown),
        Hears(HttpResponse(400, {}, b'{"error": "src is not valid"}'), GiveUp),
        Hears(HttpResponse(401), TryLater),
        Hears(HttpResponse(429), TryLater),
    ],
    gives=[
        Gives(post(FORM + b"&MessageIntent=optout&Units=1"), [HEARD]),
        Gives(get(FORM), [HEARD]),
        Gives(post(b"From=8338&MessageUUID=u-1&Text=&To=15005550001"), [Text("8338", "", "+15005550001", "u-1")]),
        Gives(
            post(b"MessageUUID=u-7&Status=delivered&ErrorCode=000", query=b"from=plivo&reference=ref-1"),
            [Report(DeliveryStatus.DELIVERED, "delivered", "ref-1", "u-7")],
        ),
        Gives(
            post(b"From=15005550006&MessageUUID=u-1&To=15005550001&Type=mms&Media0=https%3A%2F%2Fmedia.example%2F1"),
            [Text("+15005550006", "", "+15005550001", "u-1")],
        ),
        Gives(
            post(b"MessageUUID=u-8&ParentMessageUUID=u-7&PartInfo=2+of+2&Status=sent&ErrorCode="),
            [Report(DeliveryStatus.ACCEPTED, "sent", None, "u-7")],
        ),
        Gives(post(b"MessageUUID=u-7&Status=queued"), [Report(DeliveryStatus.ACCEPTED, "queued", None, "u-7")]),
        Gives(get(b"MessageUUID=u-7&Status=rejected"), [Report(DeliveryStatus.UNDELIVERED, "rejected", None, "u-7")]),
        Gives(post(b"MessageUUID=u-7&Status=purple"), [Report(DeliveryStatus.UNKNOWN, "purple", None, "u-7")]),
    ],
    refuses=[
        Refuses(post(b"From=15005550006&MessageUUID=u-1"), '"Text" is missing'),
        Refuses(post(b"Text=sub&MessageUUID=u-1"), '"From" is missing'),
    ],
    verified=[
        Verified(posted(ma_v2=V2), good=True),
        Verified(posted(ma_v3=V3), good=True),
        Verified(posted(ma_v3=f"another,{V3}", ma_v2="wrong"), good=True),
        Verified(posted(query=b"", ma_v3=V3_WITHOUT_QUERY), good=True),
        Verified(got(b"gw=pl&" + FORM, ma_v3=V3_GET), good=False),
        Verified(got(FORM, ma_v3=V3_GET), good=True),
        Verified(posted(ma_v2=V2, ma_v3="wrong"), good=False),
        Verified(posted(FORM + b"&Text=unsub", ma_v3=V3), good=False),
        Verified(posted(FORM, query=b"gw=other", ma_v3=V3), good=False),
        Verified(posted(b'{"Text": "unsub"}', kind="application/json", ma_v3=V3), good=False),
        Verified(posted(v2=V2), good=False),
        Verified(posted(v3=V3), good=False),
        Verified(posted(), good=False),
        Verified(post(FORM, query=b"gw=pl", url=IN, headers={"x-plivo-signature-ma-v2": V2}), good=False),
        Verified(HttpRequest("GET", f"{IN}?{FORM.decode()}", by(ma_v3=V3_GET), b"Text=unsub", query=FORM), good=False),
    ],
    acknowledged=HttpResponse(
        200,
        {"Content-Type": "text/xml; charset=utf-8"},
        b"<?xml version='1.0' encoding='UTF-8'?>\n<Response/>",
    ),
)
