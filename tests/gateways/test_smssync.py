"""What a phone with SMSsync proves, what of its requests is kept, and what it may be configured to."""

import json
from dataclasses import replace

import pytest

from host.config.smsconfig import read_smsconfig
from host.gateways import open_gateways
from host.gateways.dialects.smssync import SMSsync
from host.messages import HttpRequest, HttpResponse, Inbound, Part
from tests.gateways.dialects import open_gateway
from tests.gateways.table import SECRET, get, post
from tests.gateways.tables.smssync import FORM, TABLE, XML


def phone(*parameters: str, id_: str = "gw", secret: str = SECRET) -> SMSsync:
    inner = "".join(parameters) + (f'<parameter name="secret" value="{secret}"/>' if secret else "")
    gateway = open_gateway(f'<gateway id="{id_}" dialect="smssync" hostname="">{inner}</gateway>')
    assert isinstance(gateway, SMSsync)
    return gateway


S = SECRET.encode()
PROOFS = [
    (post(FORM), True),
    (post(XML, "application/json"), True),
    (post(b'{"secret":"s3cret-of-the-gateway"}', "text/plain"), True),
    (get(b"task=send&secret=" + S), True),
    (get(b"gw=1?task=send&secret=" + S), True),
    (get(b"task=result&secret=" + S + b"?secret=" + S + b"&from=1"), True),
    (get(b"task=send"), False),
    (get(b"task=send&secret="), False),
    (get(b"task=send&secret=wrong"), False),
    (get(b"task=send&secret=wrong&secret=" + S), False),
    (get(b"task=send&secret=%FF"), False),
    (post(FORM.replace(S, b"wrong")), False),
    (post(FORM, query=b"secret=wrong"), False),
    (post(b'{"queued_messages":["guessed"]}', query=b"task=sent"), False),
    (post('{"queued_messages":["é"]}'.encode(), query=b"task=sent"), False),
    (post(b'{"queued_messages":[]}', query=b"task=sent"), False),
    (post(b"Task=alert&message=Battery+level+is+at+3"), False),
    (post(b""), False),
]


@pytest.mark.parametrize(("request_", "good"), PROOFS)
def test_a_request_is_proved_by_the_secret(request_: HttpRequest, good: bool) -> None:
    assert phone().verify(request_) is good


def sent(*references: str) -> HttpRequest:
    return post(json.dumps({"queued_messages": references}).encode(), "text/plain", query=b"task=sent")


def test_what_it_took_is_proved_by_references_that_it_alone_was_given() -> None:
    gateway = phone()
    one, two = gateway.reference(), gateway.reference()
    assert one != two
    changed = one[:-1] + ("A" if one[-1] != "A" else "B")
    others = phone(id_="other").reference(), phone(secret="another-secret").reference()
    given = [(one,), (one, two), (one, changed), (changed,), (one[:16],), *((each,) for each in others)]
    assert [gateway.verify(sent(*each)) for each in given] == [True, True, False, False, False, False, False]


def test_without_a_secret_nothing_is_proved() -> None:
    gateway = phone(secret="")
    requests = [*(request for request, _ in PROOFS), sent(gateway.reference())]
    assert [gateway.verify(each) for each in requests] == [False] * len(requests)


def test_alerts_without_secret_are_let_in_where_they_are_open() -> None:
    alert = post(b"Task=alert&message=Battery+level+is+at+3")
    assert phone('<parameter name="alerts" value="open"/>').verify(alert)


RENAMED = {"from": "absender", "message": "nachricht", "secret": "geheim", "message_id": "nummer"}


def test_renamed_keys_are_read() -> None:
    names = [f'<parameter name="{key.replace("_", "-")}-key" value="{name}"/>' for key, name in RENAMED.items()]
    gateway = phone(*names)
    request = gateway.compose(Inbound("+15550001", "sub", gateway_message_id="u-1"), "http://h/x")
    assert [name for name in RENAMED.values() if f"{name}=" not in request.body.decode()] == []
    (text,) = gateway.read(request)
    assert isinstance(text, Inbound)
    assert (text.sender, text.text, text.gateway_message_id) == ("+15550001", "sub", "u-1")
    assert (gateway.verify(request), SECRET in repr(text)) == (True, False)
    poll = get(b"task=send&secret=" + S)  # under its own name whatever the sync URL renames
    assert gateway.verify(poll)


@pytest.mark.parametrize("request_", [post(FORM), post(FORM + b"&x=%FF"), post(XML), post(FORM, query=b"secret=" + S)])
def test_the_secret_is_not_kept(request_: HttpRequest) -> None:
    assert S in request_.body
    (text,) = phone().read(request_)
    assert isinstance(text, Inbound)
    assert (SECRET in repr(text), S in (text.raw or b"")) == (False, False)
    assert dict(text.parameters)["device_id"] == "phone-1"


def test_replies_go_out_in_the_answer_each_under_a_name_of_its_own() -> None:
    gateway = phone()
    answer = gateway.answer_with(gateway.read(post(FORM)), [replied("one", "r-1"), replied("☕", "r-2")])
    payload = json.loads(answer.body)["payload"]
    messages = payload.pop("messages")
    assert (answer.status, payload) == (200, {"success": True, "error": None})
    assert messages == [
        {"to": "+15550100", "message": "one", "uuid": "r-1"},
        {"to": "+15550100", "message": "☕", "uuid": "r-2"},
    ]


def replied(text: str, reference: str) -> Part:
    return Part("+15550100", text, reference)


def test_refusals_are_the_json_that_the_app_reads() -> None:
    answer = phone().refuse(503, "try later\n")
    expected = b'{"payload": {"success": false, "error": "try later"}}'
    assert answer == HttpResponse(503, {"Content-Type": "application/json"}, expected)


def test_the_app_is_recognised_by_its_name() -> None:
    assert phone().recognises(replace(post(FORM), headers={"user-agent": "SMSSync-Android/v2.8.3"}))
    assert not phone().recognises(post(FORM))


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("message-results", "maybe", "is one of on, off"),
        ("alerts", "yes", "is one of secret, open"),
        ("confirm-within", "soon", "cannot be read: write a number greater than 0, at most 604800"),
        ("at-once", "0", "cannot be read: write a whole number from 1 to 500"),
    ],
)
def test_mistakes_are_told(name: str, value: str, what: str) -> None:
    assert problem_with(name, value) == f'gateway "gw": <parameter name="{name}"/> {what}'


def test_a_secret_that_ends_in_an_address_is_a_mistake() -> None:
    what = "must be without ?, & and #: the app puts it into addresses where they end it"
    assert problem_with("secret", "what?") == f'gateway "gw": <parameter name="secret"/> {what}'


def problem_with(name: str, value: str) -> str:
    element = f'<gateway id="gw" dialect="smssync" hostname=""><parameter name="{name}" value="{value}"/></gateway>'
    configs, _ = read_smsconfig(f"<config>{element}</config>".encode(), "SMSConfig.xml", {})
    (problem,) = open_gateways(configs)[1]
    return str(problem).partition(": ")[2]


def test_the_secret_goes_out_where_the_app_asks_for_it_and_is_not_shown() -> None:
    gateway = TABLE.open()
    assert isinstance(gateway, SMSsync)
    assert SECRET.encode() in gateway.hand([]).body
    assert (SECRET in repr(gateway.config), "secret" in gateway.masked_names()) == (False, True)
