"""`kannel`; more of it in test_kannel.py, and with a real Kannel in tests/kannel."""

from datetime import UTC, datetime

from host.errors import GiveUp, OutcomeUnknown, TryLater
from host.gateways.base import Features
from host.messages import Accepted, DeliveryStatus, HttpResponse
from tests.gateways.dialects import part
from tests.gateways.table import SECRET, Gives, Hears, Refuses, Report, Says, Table, Text, get, post

TABLE = Table(
    dialect="kannel",
    features=Features(reports=True, answer=True),
    accepted=HttpResponse(202, {}, b"0: Accepted for delivery"),
    says=[
        Says(
            part("Да"),
            "GET",
            "http://127.0.0.1:9/cgi-bin/sendsms",
            query={"to": "+15550001", "text": "Да", "password": SECRET, "coding": "2", "charset": "UTF-8"},
        )
    ],
    hears=[
        Hears(HttpResponse(202, {}, b"3: Queued for later delivery"), Accepted),
        Hears(HttpResponse(202, {}, b"whatever"), OutcomeUnknown),
        Hears(HttpResponse(403, {}, b"Not routable. Do not try again."), GiveUp),
        Hears(HttpResponse(503, {}, b"Temporal failure, try again later."), TryLater),
    ],
    gives=[
        Gives(
            get(b"from=%2B15550100&to=26161&text=sub&id=04c9&ts=1767268800&coding=0&charset=UTF-8"),
            [Text("+15550100", "sub", "26161", "04c9", datetime(2026, 1, 1, 12, tzinfo=UTC))],
        ),
        Gives(get(b"reference=ref-1&dlr-status=1"), [Report(DeliveryStatus.DELIVERED, "1", "ref-1")]),
        Gives(get(b"reference=ref-1&dlr-status=purple"), [Report(DeliveryStatus.UNKNOWN, "purple", "ref-1")]),
    ],
    refuses=[Refuses(get(b"dlr-status=1"), '"reference" is missing'), Refuses(post(b"coding=0"), '"text" is missing')],
)
