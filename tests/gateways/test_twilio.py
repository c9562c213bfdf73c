"""What `twilio` does beyond its table: hashes in the address, shared keys, answers, wrong configuration."""

import base64
import hashlib
import hmac

import pytest

from host.config.smsconfig import read_smsconfig
from host.gateways import open_gateways
from host.gateways.base import Gateway
from host.messages import HttpRequest, Inbound
from tests.gateways.dialects import open_gateway, part
from tests.gateways.table import post
from tests.gateways.tables.twilio import TABLE

SHARED = '<parameter name="signing-key" value="k1"/><parameter name="signing-secret" value="shared-secret"/>'
KEY = '<parameter name="api-key" value="SK1"/><parameter name="api-secret" value="s3cret"/>'
URL = "https://sms.example.org/in/receiveSMS"


def gateway(parameters: str) -> Gateway:
    sid = '<parameter name="account-sid" value="AC1"/>'
    return open_gateway(
        f'<gateway id="tw" hostname="" dialect="twilio">{sid}<parameter name="from" value="X"/>{parameters}</gateway>'
    )


def json_callback(body: bytes, hashed: bytes) -> HttpRequest:
    query = b"bodySHA256=" + hashlib.sha256(hashed).hexdigest().encode()
    signature = base64.b64encode(hmac.digest(b"tok3n", URL.encode() + b"?" + query, "sha1")).decode()
    return post(body, "application/json", query=query, url=URL, headers={"x-twilio-signature": signature})


@pytest.mark.parametrize(("hashed", "good"), [(b'{"Body":"sub"}', True), (b'{"Body":"unsub"}', False)])
def test_a_json_body_counts_with_its_hash_in_the_address(hashed: bytes, good: bool) -> None:
    assert TABLE.open().verify(json_callback(b'{"Body":"sub"}', hashed)) is good


def test_a_json_body_without_its_hash_is_not_signed() -> None:
    signature = base64.b64encode(hmac.digest(b"tok3n", URL.encode(), "sha1")).decode()
    headers = {"x-twilio-signature": signature}
    said = [
        TABLE.open().verify(post(body, "application/json", url=URL, headers=headers))
        for body in (b"", b'{"Body": "sub"}')
    ]
    assert said == [True, False]


def test_without_the_auth_token_nothing_but_the_shared_key_counts() -> None:
    shared, token = gateway(SHARED + KEY), gateway('<parameter name="auth-token" value="tok3n"/>')
    text = Inbound("+15005550006", "sub", "+15005550001")
    requests = [shared.compose(text, URL), token.compose(text, URL)]
    assert [[each.verify(request) for request in requests] for each in (shared, token)] == [
        [True, False],
        [False, True],
    ]


def test_the_idempotency_token_is_a_parameter_of_the_text() -> None:
    callback = post(b"From=%2B1&Body=sub&OptOutType=STOP", headers={"i-twilio-idempotency-token": "t-1"})
    (event,) = TABLE.open().read(callback)
    assert event.parameters[-2:] == (("OptOutType", "STOP"), ("i-twilio-idempotency-token", "t-1"))


def test_several_texts_go_out_in_one_answer() -> None:
    answer = TABLE.open().answer_with([], [part("Hi <you> & \x0b"), part("café")])
    assert answer.text.partition("?>\n")[2] == (
        "<Response><Message>Hi &lt;you&gt; &amp; \N{REPLACEMENT CHARACTER}</Message><Message>café</Message></Response>"
    )


@pytest.mark.parametrize(
    ("parameters", "problems"),
    [
        ("", ['needs <parameter name="from"/> or <parameter name="messaging-service"/>', 'needs <parameter name="auth-token"/> or <parameter name="api-key"/>']),
        ('<parameter name="from" value="X"/><parameter name="api-key" value="SK1"/>', ['<parameter name="api-key"/> needs "api-secret"']),
        ('<parameter name="messaging-service" value="MG1"/><parameter name="auth-token" value="t"/><parameter name="signing-secret" value="s"/>', ['<parameter name="signing-secret"/> needs "signing-key"']),
    ],
)  # fmt: skip
def test_what_is_missing_is_said(parameters: str, problems: list[str]) -> None:
    sid = '<parameter name="account-sid" value="AC1"/>'
    element = f'<config><gateway id="tw" hostname="" dialect="twilio">{sid}{parameters}</gateway></config>'
    configs, _ = read_smsconfig(element.encode(), "f", {})
    said = [each.message for each in open_gateways(configs)[1]]
    assert said == [
        f'gateway "tw" {each}' if each.startswith("needs") else f'gateway "tw": {each}' for each in problems
    ]
