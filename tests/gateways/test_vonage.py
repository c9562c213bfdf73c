"""What `vonage` does beyond its table: every kind of signature, parts, signed sending, wrong configuration."""

import time

import pytest

from host.config.smsconfig import read_smsconfig
from host.gateways import open_gateways
from host.gateways.base import Gateway
from host.gateways.signing.vonage import METHODS
from host.messages import HttpResponse, Inbound, Piece
from tests.gateways.dialects import converse, open_gateway, part
from tests.gateways.table import fields, post
from tests.gateways.tables.vonage import AT, FIELDS, HMAC_MD5, HMAC_SHA256, PART, PLAIN_MD5, TABLE, form

BASE = '<parameter name="api-key" value="k"/><parameter name="from" value="Books"/>'
KEY = f'{BASE}<parameter name="signature-secret" value="s3cret"/>'


def gateway(parameters: str) -> Gateway:
    return open_gateway(f'<gateway id="vo" hostname="" dialect="vonage">{parameters}</gateway>')


def by(method: str) -> Gateway:
    return gateway(f'{KEY}<parameter name="signature-method" value="{method}"/>')


@pytest.mark.parametrize(
    ("method", "signature"), [("md5-hash", PLAIN_MD5), ("md5-hmac", HMAC_MD5), ("sha256-hmac", HMAC_SHA256)]
)
def test_vectors(method: str, signature: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: AT * 10**9)
    assert by(method).verify(post(form(FIELDS | {"sig": signature})))


@pytest.mark.parametrize("method", METHODS)
def test_each_method_takes_its_own_signature_alone(method: str) -> None:
    request = by(method).compose(Inbound("+447700900000", "fish & chips=ok", "+447700900001"), "https://h/r")
    assert [each for each in METHODS if by(each).verify(request)] == [method]


def test_the_age_that_counts_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    request = post(form(FIELDS | {"sig": HMAC_SHA256}))
    monkeypatch.setattr(time, "time_ns", lambda: (AT + 86_000) * 10**9)
    minutes = gateway(f'{KEY}<parameter name="signature-max-age" value="300"/>')
    assert [gateway(KEY).verify(request), minutes.verify(request)] == [True, False]


def test_without_a_signature_secret_nothing_is_signed() -> None:
    opened = gateway(f'{BASE}<parameter name="api-secret" value="s"/>')
    assert not opened.verify(opened.compose(Inbound("+447700900000", "sub"), "https://h/r"))


@pytest.mark.parametrize(
    ("number", "of", "reference", "piece"),
    [
        ("2", "3", "77", Piece("77", 2, 3)),
        ("255", "255", "77", Piece("77", 255, 255)),
        ("0", "3", "77", None),
        ("4", "3", "77", None),
        ("256", "256", "77", None),
        ("x", "3", "77", None),
        ("٢", "3", "77", None),
        ("2", "3", "", None),
    ],
)
def test_parts_of_a_long_text(number: str, of: str, reference: str, piece: Piece | None) -> None:
    given = PART | {"concat-part": number, "concat-total": of, "concat-ref": reference, "keyword": "A"}
    (event,) = TABLE.open().read(post(form(given)))
    assert isinstance(event, Inbound)
    assert (event.piece, event.keyword) == (piece, "" if piece else "A")


def test_without_the_api_secret_texts_are_sent_signed() -> None:
    (said,) = converse(gateway(KEY), part(), HttpResponse(503)).said
    given = fields(said.body.decode())
    assert ("api_secret" in given, sorted(given)[-4:]) == (False, ["text", "timestamp", "to", "type"])
    assert gateway(KEY).verify(post(said.body))


def test_what_is_wrong_is_said() -> None:
    wrong = '<parameter name="signature-method" value="md4"/><parameter name="signature-max-age" value="5 min"/>'
    element = f'<config><gateway id="vo" hostname="" dialect="vonage">{BASE}{wrong}</gateway></config>'
    configs, _ = read_smsconfig(element.encode(), "f", {})
    assert [each.message for each in open_gateways(configs)[1]] == [
        'gateway "vo" needs <parameter name="api-secret"/> or <parameter name="signature-secret"/>',
        'gateway "vo": <parameter name="signature-method"/> is one of md5-hash, md5-hmac, sha1-hmac, sha256-hmac, sha512-hmac',
        'gateway "vo": <parameter name="signature-max-age"/> is a whole number of seconds',
    ]
