"""`generic`: the gateway that SMSConfig.xml describes; more of it in test_generic.py."""

from host.errors import GiveUp, TryLater
from host.gateways.base import Features
from host.messages import Accepted, DeliveryStatus, HttpResponse
from tests.gateways.dialects import part
from tests.gateways.table import SECRET, Gives, Hears, Refuses, Report, Says, Table, Text, get, post

_REPORT = "/receiveSMS/gw/report"

TABLE = Table(
    dialect="generic",
    features=Features(reports=True),
    accepted=HttpResponse(200),
    attributes='programName="send"',
    says=[
        Says(
            part("café & tea"),
            "GET",
            "http://127.0.0.1:9/send",
            query={"to": "+15550001", "text": "café & tea", "password": SECRET},
        )
    ],
    hears=[
        Hears(HttpResponse(204), Accepted),
        Hears(HttpResponse(400, {}, b"no such number"), GiveUp),
        Hears(HttpResponse(401), TryLater),
        Hears(HttpResponse(503), TryLater),
    ],
    gives=[
        Gives(get(b"from=15550001&text=sub&keyword=sub"), [Text("15550001", "sub")]),
        Gives(post(b"from=15550001&to=26161&text=caf%C3%A9"), [Text("15550001", "café", "26161")]),
        Gives(get(b"from=15550001&text=status&status=open"), [Text("15550001", "status")]),
        Gives(get(b"from=15550001&text=sub&=1"), [Text("15550001", "sub")]),  # no id without an idParamName
        Gives(
            get(b"reference=ref-1&status=DELIVRD", path=_REPORT),
            [Report(DeliveryStatus.DELIVERED, "DELIVRD", "ref-1")],
        ),
        Gives(
            post(b'{"id": 17, "status": "Purple"}', "application/json", path=_REPORT),
            [Report(DeliveryStatus.UNKNOWN, "Purple", None, "17")],
        ),
    ],
    refuses=[
        Refuses(get(b"from=1"), '"text" is missing'),
        Refuses(get(b"text=sub"), '"from" is missing'),
        Refuses(get(b"status=DELIVRD", path=_REPORT), '"reference" or "id" is missing'),
        Refuses(get(b"id=1", path=_REPORT), '"status" is missing'),
    ],
)
