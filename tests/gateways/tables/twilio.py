"""`twilio`; more of it in test_twilio.py, and with Twilio's own library in test_vendor_sdks.py."""

import base64

from host.errors import GiveUp, OutcomeUnknown, TryLater
from host.gateways.base import Features
from host.messages import Accepted, DeliveryStatus, HttpResponse
from tests.gateways.dialects import part
from tests.gateways.table import SECRET, Gives, Hears, Refuses, Report, Says, Table, Text, Verified, get, post

BASIC = "Basic " + base64.b64encode(f"SK1:{SECRET}".encode()).decode()
IN = "https://sms.example.org/in/receiveSMS"
FORM = (
    b"Body=sub+caf%C3%A9+%26+tea&From=%2B15005550006&MessageSid=SM00000000000000000000000000000001"
    b"&NumSegments=1&To=%2B15005550001"
)
SHA1, SHA256 = "Wn7p1MsKbHEZ2H7HY4/dm8Qos9k=", "D1bDcfHFnZ4zjBYeHiI7frXHdqdZwsG73yBtZan4Lto="


def signed(signature: str, settings: str = "", url: str = IN, body: bytes = FORM) -> Verified:
    headers = {"x-twilio-signature": signature}
    if settings:
        headers["x-twilio-webhooks-signature-settings"] = settings
    return Verified(post(body, query=b"gw=tw", url=url, headers=headers), good=False)


def good(row: Verified) -> Verified:
    return Verified(row.callback, good=True)


TABLE = Table(
    dialect="twilio",
    features=Features(reports=True, signature=True, answer=True),
    accepted=HttpResponse(201, {}, b'{"sid": "SM7", "status": "queued"}'),
    parameters=f"""
        <parameter name="account-sid" value="AC1"/>
        <parameter name="auth-token" value="tok3n"/>
        <parameter name="api-key" value="SK1"/>
        <parameter name="api-secret" value="{SECRET}"/>
        <parameter name="signing-key" value="webhooks_sharedkey_1"/>
        <parameter name="signing-secret" value="tok3n"/>
        <parameter name="from" value="+15005550006"/>
        <parameter name="callback-url" value="https://sms.example.org/context/receiveSMS/gw"/>
        <parameter name="ValidityPeriod" value="600"/>
    """,
    says=[
        Says(
            part("café & tea"),
            "POST",
            "https://127.0.0.1:9/2010-04-01/Accounts/AC1/Messages.json",
            headers={"Authorization": BASIC, "Content-Type": "application/x-www-form-urlencoded; charset=utf-8"},
            form={
                "To": "+15550001",
                "From": "+15005550006",
                "Body": "café & tea",
                "StatusCallback": "https://sms.example.org/context/receiveSMS/gw?reference=ref-1",
                "ValidityPeriod": "600",
            },
        )
    ],
    hears=[
        Hears(HttpResponse(201, {}, b'{"sid": "SM7", "status": "accepted", "error_code": null}'), Accepted, "SM7"),
        Hears(HttpResponse(200, {}, b"<html>welcome</html>"), OutcomeUnknown),
        Hears(HttpResponse(201, {}, b'{"status": "queued"}'), OutcomeUnknown),
        Hears(HttpResponse(400, {}, b'{"code": 21610, "message": "unsubscribed recipient"}'), GiveUp),
        Hears(HttpResponse(400, {}, b'{"code": 21611, "message": "queue is full"}'), TryLater),
        Hears(HttpResponse(400, {}, b'{"code": 20429, "message": "too many requests"}'), TryLater),
        Hears(HttpResponse(400, {}, b'{"code": 21211, "message": "invalid To"}'), GiveUp),
        Hears(HttpResponse(401, {}, b'{"code": 20003, "message": "Authenticate"}'), TryLater),
        Hears(HttpResponse(429), TryLater),
    ],
    gives=[
        Gives(
            post(FORM + b"&SmsStatus=received&OptOutType=STOP&NewOne=1"),
            [Text("+15005550006", "sub café & tea", "+15005550001", "SM00000000000000000000000000000001")],
        ),
        Gives(
            get(FORM), [Text("+15005550006", "sub café & tea", "+15005550001", "SM00000000000000000000000000000001")]
        ),
        Gives(
            post(b"MessageSid=SM7&MessageStatus=delivered&SmsStatus=delivered", query=b"reference=ref-1"),
            [Report(DeliveryStatus.DELIVERED, "delivered", "ref-1", "SM7")],
        ),
        Gives(post(b"MessageSid=SM7&MessageStatus=sent"), [Report(DeliveryStatus.ACCEPTED, "sent", None, "SM7")]),
        Gives(
            post(b"MessageSid=SM7&MessageStatus=undelivered&ErrorCode=30003"),
            [Report(DeliveryStatus.UNDELIVERED, "undelivered", None, "SM7")],
        ),
        Gives(post(b"SmsSid=SM7&SmsStatus=purple"), [Report(DeliveryStatus.UNKNOWN, "purple", None, "SM7")]),
    ],
    refuses=[
        Refuses(post(b"From=%2B15005550006&MessageSid=SM1"), '"Body" is missing'),
        Refuses(post(b"Body=sub&MessageSid=SM1"), '"From" is missing'),
    ],
    verified=[
        good(signed(SHA1)),
        good(signed(SHA1, url=IN.replace("org/", "org:443/"))),
        good(signed(SHA1, url=IN.replace("org/", "org:8443/"))),
        good(signed(SHA256, "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256")),
        signed(SHA1, url=IN.replace("https", "http")),
        signed(SHA1, body=FORM.replace(b"sub", b"unsub")),
        signed(SHA1, body=FORM + b"&Body=unsub"),
        signed(""),
        signed(SHA256),
        signed(SHA1, "key=webhooks_sharedkey_1,algorithm=HMAC_SHA1"),
        signed(SHA1, "algorithm=HMAC_SHA1"),
        signed(SHA256, "key=another,algorithm=HMAC_SHA256"),
        signed(SHA256, "key=webhooks_sharedkey_1"),
        signed(SHA256, "rubbish,,=,key"),
    ],
    acknowledged=HttpResponse(
        200,
        {"Content-Type": "text/xml; charset=utf-8"},
        b"<?xml version='1.0' encoding='UTF-8'?>\n<Response/>",
    ),
)
