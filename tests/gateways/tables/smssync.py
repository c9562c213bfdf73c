"""`smssync`; more of it in test_smssync.py, and with a simulated phone in tests/smssync."""

import json
from datetime import UTC, datetime

from host.gateways.base import Features
from host.gateways.pull import Alert, Fetch, News, Took
from host.messages import DeliveryStatus, HttpRequest, HttpResponse, Part
from tests.gateways.table import SECRET, Asks, Gives, Hands, Refuses, Report, Table, Text, get, post

WHEN = datetime(2026, 1, 1, 12, tzinfo=UTC)
TEXT = Text("+15550100", "café & tea", "26161", "u-1", WHEN)
FIELDS = {
    "secret": SECRET,
    "from": "+15550100",
    "message": "café & tea",
    "sent_timestamp": "1767268800000",
    "sent_to": "26161",
    "message_id": "u-1",
    "device_id": "phone-1",
}
FORM = (
    b"secret=s3cret-of-the-gateway&from=%2B15550100&message=caf%C3%A9%20%26%20tea&sent_timestamp=1767268800000"
    b"&sent_to=26161&message_id=u-1&device_id=phone-1"
)
XML = (
    "<?xml version='1.0' encoding='UTF-8'?><payload><secret>s3cret-of-the-gateway</secret><from>+15550100</from>"
    "<message>café &amp; tea</message><sent_timestamp>1767268800000</sent_timestamp><sent_to>26161</sent_to>"
    "<message_id>u-1</message_id><device_id>phone-1</device_id></payload>"
).encode()
MULTIPART = b"".join(
    f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    for name, value in FIELDS.items()
)


def result(words: dict[str, object], *, twice: bool = True, content_type: str = "application/json") -> HttpRequest:
    """Results as the app posts them, encoded twice, or as its documentation has them."""
    results = [{"uuid": "ref-1", **words}]
    document = {"message_result": json.dumps(results) if twice else results}
    return post(json.dumps(document).encode(), content_type, query=b"task=result&secret=" + SECRET.encode())


def reported(status: DeliveryStatus, word: str) -> list[Report]:
    return [Report(status, word, "ref-1")]


SENT, DELIVERED, FAILED = "SMS sent", "SMS delivered", "Failed to send SMS - Maybe insufficient air time on the phone."

TABLE = Table(
    dialect="smssync",
    features=Features(reports=True, answer=True, pull=True),
    parameters=f'<parameter name="secret" value="{SECRET}"/>',
    gives=[
        Gives(post(FORM), [TEXT]),
        Gives(post(FORM, "text/plain"), [TEXT]),
        Gives(post(MULTIPART + b"--x--\r\n", "multipart/form-data; boundary=x"), [TEXT]),
        Gives(post(json.dumps(FIELDS).encode(), "application/json"), [TEXT]),
        Gives(post(json.dumps(FIELDS).encode(), "text/plain; charset=utf-8"), [TEXT]),
        Gives(post(b"\n " + XML.partition(b"?>")[2], "application/json"), [TEXT]),  # as 3.x labels it
        Gives(post(XML, "text/xml"), [TEXT]),
        Gives(post(FORM, query=b"gw=1"), [TEXT]),
        Gives(post(b"secret=x&from=+15550100&message="), [Text(" 15550100", "")]),
        Gives(post(b"secret=x&from=%2B000000000000&message=Test+Message+From+SMSSync+Integration"), []),
        Gives(post(b'{"message_result":[]}', query=b"task=result"), []),
        Gives(post(b'{"message_result":""}', query=b"task=result"), []),
        Gives(
            result({"sent_result_code": -1, "sent_result_message": SENT, "delivered_result_code": -1,
                    "delivered_result_message": DELIVERED}),
            reported(DeliveryStatus.DELIVERED, DELIVERED),
        ),
        Gives(result({"sent_result_code": 0, "sent_result_message": SENT}), reported(DeliveryStatus.ACCEPTED, SENT)),
        Gives(
            result({"sent_result_code": 0, "sent_result_message": "SMSSync Message Sent"}, twice=False),
            reported(DeliveryStatus.ACCEPTED, "SMSSync Message Sent"),
        ),
        Gives(
            result({"sent_result_code": 0, "sent_result_message": FAILED}, content_type="text/plain"),
            reported(DeliveryStatus.UNDELIVERED, FAILED),
        ),
        Gives(
            result({"sent_result_code": -1, "delivered_result_code": 0, "delivered_result_message": ""}),
            reported(DeliveryStatus.ACCEPTED, "sent -1, delivered 0"),
        ),
        Gives(
            result({"sent_result_code": -1, "delivered_result_code": 0, "sent_result_message": SENT,
                    "delivered_result_message": "SMS not delivered"}),
            reported(DeliveryStatus.UNDELIVERED, "SMS not delivered"),
        ),
        Gives(result({"sent_result_code": 2}), reported(DeliveryStatus.UNDELIVERED, "sent 2, delivered -")),
        *(
            Gives(result({"sent_result_code": code}), reported(DeliveryStatus.UNKNOWN, f"sent {code}, delivered -"))
            for code in (0, -2, 133404)
        ),
        Gives(result({"sent_result_message": "purple"}), reported(DeliveryStatus.UNKNOWN, "purple")),
    ],
    refuses=[
        Refuses(post(b"message=sub"), '"from" is missing'),
        Refuses(post(b"from=1"), '"message" is missing'),
        Refuses(post(b"{", "application/json"), "JSON body is broken"),
        Refuses(post(b"<payload><from>"), "XML body is broken"),
        Refuses(post(b'<!DOCTYPE a [<!ENTITY b "c">]><payload><from>1</from></payload>'), "DOCTYPE"),
        Refuses(get(b"task=sent"), 'task "sent"'),
        Refuses(post(b"", query=b"task=dance"), 'task "dance"'),
        Refuses(post(b'{"message_result":"["}', query=b"task=result"), "JSON body is broken"),
        Refuses(post(b'{"message_result":[{}]}', query=b"task=result"), '"uuid" is missing'),
        Refuses(post(b'{"message_result":[' + b"1," * 2000 + b"1]}", query=b"task=result"), "at most 1000"),
        Refuses(post(b'{"message_result":"\\ud800"}', query=b"task=result"), "broken"),
    ],
    acknowledged=HttpResponse(
        200, {"Content-Type": "application/json"}, b'{"payload": {"success": true, "error": null}}'
    ),
    asks=[
        Asks(get(b"task=send&secret=S"), Fetch()),
        Asks(get(b"gw=1?task=send&secret=S"), Fetch()),
        Asks(get(b"task=send?Task=alert&message=x"), Fetch()),
        Asks(get(b"task=result&secret=S?secret=S&from=%2B1555&message=x"), News()),
        Asks(post(b'{"queued_messages":["a","b"]}', "text/plain", query=b"gw=1?task=sent"), Took(("a", "b"))),
        Asks(post(b'{"queued_messages":[1,"\\u0000","\\ud800",null]}', query=b"task=sent"), Took(())),
        Asks(post(b"Task=alert&message=Battery+level+is+at+20"), Alert("Battery level is at 20")),
        Asks(post(b"null", query=b"Task=alert"), Alert("")),
        Asks(post(FORM), None),
        Asks(post(b"{}", query=b"task=result"), None),
    ],
    hands=[
        Hands(
            [Part("+15550001", "café", "ref-1"), Part("+15550002", "☕", "ref-2")],
            {
                "payload": {
                    "task": "send",
                    "secret": SECRET,
                    "success": True,
                    "error": None,
                    "messages": [
                        {"to": "+15550001", "message": "café", "uuid": "ref-1"},
                        {"to": "+15550002", "message": "☕", "uuid": "ref-2"},
                    ],
                }
            },
        ),
        Hands([], {"payload": {"task": "send", "secret": SECRET, "success": True, "error": None, "messages": []}}),
    ],
)  # fmt: skip
