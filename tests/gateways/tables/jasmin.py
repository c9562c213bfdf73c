"""`jasmin`."""

from urllib.parse import urlencode

from host.errors import GiveUp, OutcomeUnknown, TryLater
from host.gateways.base import Features
from host.messages import Accepted, DeliveryStatus, HttpRequest, HttpResponse
from tests.gateways.dialects import part
from tests.gateways.table import SECRET, Gives, Hears, Refuses, Report, Says, Table, Text, get, post

TO = "https://host.example/context/receiveSMS/gw?token=t0ken-of-jasmin"


def text(coding: str, content: bytes, binary: bool = True) -> bytes:
    numbers = {"id": "j-1", "from": "15550100", "to": "26161", "origin-connector": "smsc"}
    fields = {**numbers, "priority": "1", "coding": coding, "content": content}
    return urlencode(fields | ({"binary": content.hex()} if binary else {})).encode()


def heard(words: str) -> list[Text]:
    return [Text("15550100", words, "26161", "j-1")]


def report(word: str, level: int = 2) -> HttpRequest:
    body = f"id=j-2&message_status={word}&level={level}&connector=smsc&err=000".encode()
    return post(body, query=b"token=t0ken-of-jasmin&reference=ref-1")


def reported(status: DeliveryStatus, word: str) -> list[Report]:
    return [Report(status, word, "ref-1", "j-2")]


OUT = {
    "username": "library",
    "password": SECRET,
    "to": "15550001",
    "from": "26161",
    "dlr": "yes",
    "dlr-url": f"{TO}&reference=ref-1",
    "dlr-level": "3",
    "dlr-method": "POST",
}

TABLE = Table(
    dialect="jasmin",
    features=Features(reports=True),
    accepted=HttpResponse(200, {}, b'Success "j-2"'),
    parameters=f"""<parameter name="username" value="library"/><parameter name="password" value="{SECRET}"/>
        <parameter name="from" value="26161"/><parameter name="callback-url" value="{TO}"/>""",
    says=[
        Says(part("café {x}"), url="http://127.0.0.1:9/send", form={**OUT, "coding": "0", "content": "café {x}"}),
        Says(part("Да"), url="http://127.0.0.1:9/send", form={**OUT, "coding": "8", "hex-content": "04140430"}),
        Says(part("☕🙂"), url="http://127.0.0.1:9/send", form={**OUT, "coding": "8", "hex-content": "2615d83dde42"}),
    ],
    hears=[
        Hears(HttpResponse(200, {}, b'Success "j-2"'), Accepted, "j-2"),
        Hears(HttpResponse(200, {}, b"Success"), OutcomeUnknown),
        Hears(HttpResponse(400, {}, b'Error "Argument [to] has an invalid value"'), GiveUp),
        Hears(HttpResponse(403, {}, b'Error "Authentication failure for username:library"'), TryLater),
        Hears(HttpResponse(412, {}, b'Error "No route found"'), TryLater),
        Hears(
            HttpResponse(500, {}, b'Error "Cannot send submit_sm, check SMPPClientManager log file for details"'),
            TryLater,
        ),
    ],
    gives=[
        Gives(post(text("0", "café".encode())), heard("café")),
        Gives(get(text("0", b"sub", binary=False)), heard("sub")),
        Gives(post(text("0", b"\x05v\x05nement \x00 5\x1be")), heard("événement @ 5€")),
        Gives(post(text("0", b"one\r\n\ttwo")), heard("one\r\n\ttwo")),
        Gives(post(text("8", "Да 🙂".encode("utf-16-be"))), heard("Да 🙂")),
        Gives(post(text("8", "Да".encode("utf-16-be"), binary=False)), heard("Да")),
        Gives(post(text("3", "café".encode("latin-1"))), heard("café")),
        Gives(post(text("\x08", "Да 🙂".encode("utf-16-be"))), heard("Да 🙂")),
        Gives(get(text("\x08", "Да 🙂".encode("utf-16-be"))), heard("Да 🙂")),
        Gives(post(text("\x19", "Да".encode("utf-16-be"))), heard("Да")),
        Gives(post(text("\x03", "café".encode("latin-1"))), heard("café")),
        Gives(post(text("\x06", "Да".encode("iso-8859-5"))), heard("Да")),
        Gives(post(text("\x00", b"sub")), heard("sub")),
        Gives(post(text("", b"sub")), heard("sub")),
        Gives(post(b"from=1&to=2&id=&binary=zz&content=sub"), [Text("1", "sub", "2")]),
        Gives(report("ESME_ROK", 1), reported(DeliveryStatus.ACCEPTED, "ESME_ROK")),
        Gives(report("ESME_RTHROTTLED", 1), reported(DeliveryStatus.BUFFERED, "ESME_RTHROTTLED")),
        Gives(report("ESME_RINVDSTADR", 1), reported(DeliveryStatus.UNDELIVERED, "ESME_RINVDSTADR")),
        Gives(report("DELIVRD"), reported(DeliveryStatus.DELIVERED, "DELIVRD")),
        Gives(report("EXPIRED"), reported(DeliveryStatus.UNDELIVERED, "EXPIRED")),
        Gives(report("UNKNOWN"), reported(DeliveryStatus.UNKNOWN, "UNKNOWN")),
        Gives(report("PURPLE"), reported(DeliveryStatus.UNKNOWN, "PURPLE")),
    ],
    refuses=[
        Refuses(post(b"from=1&to=2"), '"content" is missing'),
        Refuses(post(b"content=sub&to=2"), '"from" is missing'),
        Refuses(post(b"message_status=DELIVRD&level=2"), '"id" is missing'),
    ],
    acknowledged=HttpResponse(200, {"Content-Type": "text/plain; charset=utf-8"}, b"ACK/Jasmin"),
)
