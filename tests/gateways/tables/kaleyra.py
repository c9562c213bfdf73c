"""`kaleyra`: texts as forwarded for Acoustic, and kaleyra.io; more of it in test_kaleyra.py."""

from datetime import UTC, datetime

from host.errors import GiveUp, TryLater
from host.gateways.base import Features
from host.messages import Accepted, DeliveryStatus, HttpResponse
from tests.gateways.dialects import part
from tests.gateways.table import SECRET, Gives, Hears, Refuses, Report, Says, Table, Text, get, post

_REPORT = "/receiveSMS/gw/report"

TABLE = Table(
    dialect="kaleyra",
    features=Features(reports=True),
    accepted=HttpResponse(202, {}, b'{"id": "4c1d", "data": [{"message_id": "4c1d:1", "recipient": "15550001"}]}'),
    parameters=f"""<parameter name="sid" value="HXAP0001"/><parameter name="api-key" value="{SECRET}"/>
      <parameter name="sender" value="BOOKS"/><parameter name="type" value="TXN"/>
      <parameter name="callback-url" value="https://sms.example.org/context/receiveSMS/gw/report"/>""",
    says=[
        Says(
            part("café & tea"),
            "POST",
            "https://127.0.0.1:9/v1/HXAP0001/messages",
            headers={"api-key": SECRET},
            form={
                "to": "15550001",
                "body": "café & tea",
                "source": "API",
                "ref": "ref-1",
                "sender": "BOOKS",
                "type": "TXN",
                "callback": '{"url": "https://sms.example.org/context/receiveSMS/gw/report?reference=ref-1",'
                ' "method": "POST"}',
            },
        )
    ],
    hears=[
        Hears(HttpResponse(202, {}, b'{"data": [{"message_id": "4c1d:1"}]}'), Accepted, "4c1d:1"),
        Hears(HttpResponse(200, {}, b"who knows"), Accepted),
        Hears(HttpResponse(401), TryLater),
        Hears(HttpResponse(400, {}, b'{"code": "E1"}'), GiveUp),
    ],
    gives=[
        Gives(
            post("device_address=447700900123&inbound_address=55255&message=&message_orig=☕&message_id=1".encode()),
            [Text("+447700900123", "☕", "55255", "1")],
        ),
        Gives(  # the sample of Acoustic's help, its damaged number included
            post(
                "device_address=1447ß7665544&inbound_address=55255&message=TEST&message_orig=Test!&message_id=98713"
                "&message_subid=2&mmsID=&attachment=&carrier=&router=&channel=sms&status=Processing&status_code=10"
                "&a2w_mo_ref_id=77&country_code=44".encode()
            ),
            [Text("1447ß7665544", "TEST", "55255", "98713/2")],
        ),
        Gives(
            post(
                b"device_address=447700900123&inbound_address=447700900999&message=sub+me&message_id=1&status=&status_code="
            ),
            [Text("+447700900123", "sub me", "+447700900999", "1")],
        ),
        Gives(
            post(b"device_address=447700900123&inbound_address=55255&mmsID=m7&attachment=a.jpg&message_id=2"),
            [Text("+447700900123", "", "55255", "2")],
        ),
        Gives(  # a text, whatever else it has
            post(b"device_address=447700900123&message=sub&message_id=3&smscid=9&status=MO+Success&status_code=100"),
            [Text("+447700900123", "sub", "", "3")],
        ),
        Gives(  # without any mark
            post(b"device_address=447700900123&inbound_address=55255&status=Carrier+Success"),
            [Text("+447700900123", "", "55255")],
        ),
        Gives(
            post(
                b"carrier=x&channel=sms&client_message_id=ref-1&device_address=447700900123&inbound_address=55255"
                b"&message_id=5&message_subid=1&router=MMX&smscid=9&status=Carrier+Success&status_code=200"
            ),
            [Report(DeliveryStatus.ACCEPTED, "Carrier Success", "ref-1", "5")],
        ),
        Gives(
            post(
                b'{"source": "447700900123", "recipient": "55255", "status": "x", "id": "io-1", "message": "sub",'
                b' "timestamp": "2026-01-01 12:00:00", "parts": [1]}',
                "application/json",
            ),
            [Text("+447700900123", "sub", "55255", "io-1", datetime(2026, 1, 1, 12, tzinfo=UTC))],
        ),
        Gives(
            get(b"reference=ref-1&id=4c1d:1&status=Delivered", path=_REPORT),
            [Report(DeliveryStatus.DELIVERED, "Delivered", "ref-1", "4c1d:1")],
        ),
        Gives(post(b"id=4c1d:1&status=NotSent"), [Report(DeliveryStatus.UNDELIVERED, "NotSent", None, "4c1d:1")]),
        Gives(
            post(b'{"id": "4c1d:1", "status": "Purple"}', "application/json", path=_REPORT),
            [Report(DeliveryStatus.UNKNOWN, "Purple", None, "4c1d:1")],
        ),
    ],
    refuses=[
        Refuses(post(b"message=sub"), '"device_address" is missing'),
        Refuses(post(b"smscid=1&message_id=5"), '"status" is missing'),
        Refuses(post(b"smscid=1&status=x"), '"message_id" is missing'),
        Refuses(get(b"status=Sent", path=_REPORT), '"reference" or "id" is missing'),
    ],
)
