"""`rapidpro` as the service that RapidPro sends through; the other side of it in test_rapidpro.py."""

from datetime import datetime
from hashlib import sha256

from host.errors import GiveUp, OutcomeUnknown, TryLater
from host.gateways.base import Features
from host.messages import Accepted, DeliveryStatus, HttpResponse, Part
from tests.gateways.dialects import part
from tests.gateways.table import SECRET, Gives, Hears, Refuses, Report, Says, Table, Text, get, post

UUID = "4f6e1ea2-0a1b-4b9e-9a56-0123456789ab"
DATE = "2026-01-01T12:00:00.511Z"
_ACCEPTED = b'{"message": "Message Accepted", "data": [{"type": "msg", "msg_uuid": "m-1", "text": "Hello"}]}'
_CHANNEL = f"https://127.0.0.1:9/c/ex/{SECRET}"


def number(of: str, to: str, text: str) -> str:
    return f"{of}/{sha256(f'{to}{chr(10)}{text}'.encode()).hexdigest()[:16]}"


TABLE = Table(
    dialect="rapidpro",
    features=Features(reports=True),
    accepted=HttpResponse(200, {}, _ACCEPTED),
    acknowledged=HttpResponse(200, {"Content-Type": "text/plain; charset=utf-8"}, b"ok"),
    parameters=f'<parameter name="channel" value="{SECRET}"/>',
    says=[
        Says(part("café & tea"), url=f"{_CHANNEL}/receive", form={"from": "+15550001", "text": "café & tea"}),
        Says(
            Part(f"{UUID}/ab", "delivered", "ref-1", about=f"{UUID}/ab"), url=f"{_CHANNEL}/delivered", form={"uuid": UUID}
        ),
        Says(Part("1241244/ab", "failed", "ref-1", about="1241244/ab"), url=f"{_CHANNEL}/failed", form={"id": "1241244"}),
    ],
    hears=[
        Hears(HttpResponse(200, {}, _ACCEPTED), Accepted, "m-1"),
        Hears(HttpResponse(200, {}, b"our own mo_response"), Accepted),
        Hears(HttpResponse(200, {}, b'{"message": "Ignored", "data": [{"type": "info"}]}'), GiveUp),
        Hears(HttpResponse(400, {}, b'{"message": "Error"}'), GiveUp),
        Hears(HttpResponse(404), TryLater),
        Hears(HttpResponse(500), TryLater),
        Hears(HttpResponse(502), OutcomeUnknown),
        Hears(HttpResponse(504), OutcomeUnknown),
    ],
    gives=[
        Gives(
            post(f"uuid={UUID}&text=sub+me&to=%2B250788123123&to_no_plus=250788123123&from=8500&channel=c".encode()),
            [Text("+250788123123", "sub me", "8500", number(UUID, "+250788123123", "sub me"))],
        ),
        Gives(
            get(b"id=1241244&text=sub&to=%2B250788123123&from=8500"),
            [Text("+250788123123", "sub", "8500", number("1241244", "+250788123123", "sub"))],
        ),
        Gives(
            post(b'{"id": 1241244, "channel": 346, "text": "sub", "to_no_plus": "250788123123", "quick_replies": ["A"]}',
                 "application/json"),
            [Text("+250788123123", "sub", "", number("1241244", "+250788123123", "sub"))],
        ),
        Gives(
            post(f"<msg><uuid>{UUID}</uuid><text>a &lt; b é</text><to>+250788123123</to></msg>".encode(),
                 "text/xml; charset=utf-8"),
            [Text("+250788123123", "a < b é", "", number(UUID, "+250788123123", "a < b é"))],
        ),
        Gives(get(b"to=1&text="), [Text("1", "")]),
        Gives(
            get(f"sender=%2B250788123123&text=sub&date={DATE}".encode(), path="/receiveSMS/gw/receive"),
            [Text("+250788123123", "sub", sent_at=datetime.fromisoformat(DATE))],
        ),
        Gives(
            post(b"from=2349067554729&text=sub", path="/receiveSMS/gw/receive/"), [Text("2349067554729", "sub")],
        ),
        Gives(get(b"from=%2B250788123123", path="/receiveSMS/gw/receive"), [Text("+250788123123", "")]),
        Gives(get(b"from=%2B250788123123", path="/receiveSMS/gw/stopped"), [Text("+250788123123", "STOP")]),
        Gives(post(b"from=%2B250788123123", path="/receiveSMS/gw/stopped/"), [Text("+250788123123", "STOP")]),
        Gives(
            get(b"uuid=u&text=sub&to=%2B250788123123", headers={"content-type": "application/json"}),
            [Text("+250788123123", "sub", "", number("u", "+250788123123", "sub"))],
        ),
        Gives(get(b"id=ref-1", path="/receiveSMS/gw/delivered/"), [Report(DeliveryStatus.DELIVERED, "delivered", "ref-1")]),
        Gives(get(b"uuid=ref-1", path="/receiveSMS/gw/sent"), [Report(DeliveryStatus.ACCEPTED, "sent", "ref-1")]),
        Gives(get(b"id=ref-1", path="/receiveSMS/gw/failed"), [Report(DeliveryStatus.UNDELIVERED, "failed", "ref-1")]),
    ],
    refuses=[
        Refuses(get(b"text=sub"), '"to" is missing'),
        Refuses(get(b"to=1"), '"text" is missing'),
        Refuses(get(b"text=a", path="/receiveSMS/gw/receive"), '"from" is missing'),
        Refuses(get(b"from=1&text=a&date=2012-04-23+18:25", path="/receiveSMS/gw/receive"), "no RFC 3339 time"),
        Refuses(get(b"from=1&text=a&time=2012-04-23T18:25:43", path="/receiveSMS/gw/receive"), "no RFC 3339 time"),
        Refuses(get(b"sender=1", path="/receiveSMS/gw/stopped"), '"from" is missing'),
        Refuses(get(b"x=1", path="/receiveSMS/gw/delivered"), '"uuid" is missing'),
        Refuses(post(b"<a>", "text/xml"), "the XML body is broken"),
        Refuses(post(b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', "application/xml"), "has a DOCTYPE"),
    ],
)  # fmt: skip
