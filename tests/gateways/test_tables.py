"""Every dialect does what its table says."""

import json
import time
from typing import Any
from urllib.parse import urlsplit

import pytest

from host.errors import BadCallback, GiveUp
from host.gateways import DIALECTS
from host.gateways.pull import PullGateway
from host.messages import Accepted, HttpResponse, Inbound
from tests.gateways.dialects import converse, part
from tests.gateways.table import (
    Asks,
    Gives,
    Hands,
    Hears,
    Refuses,
    Report,
    Says,
    Table,
    Text,
    Verified,
    address_of,
    fields,
)
from tests.gateways.tables import TABLES


def rows(kind: str) -> list[Any]:
    return [
        pytest.param(table, row, id=f"{name} {number}")
        for name, table in sorted(TABLES.items())
        for number, row in enumerate(getattr(table, kind), start=1)
    ]


def test_every_dialect_has_a_table() -> None:
    assert sorted(TABLES) == sorted(DIALECTS)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_the_features_are_those_of_the_table(name: str) -> None:
    table = TABLES[name]
    assert DIALECTS[name].features == table.features
    reports = any(isinstance(event, Report) for row in table.gives for event in row.events)
    texts = any(isinstance(event, Text) for row in table.gives for event in row.events)
    signature = {row.good for row in table.verified} == {True, False}
    shown = (table.features.inbound, table.features.outbound, table.features.reports, table.features.signature)
    assert shown == (texts, bool(table.says or table.hands), reports, signature)
    assert table.features.pull == bool(table.hands) == issubclass(DIALECTS[name], PullGateway)


@pytest.mark.parametrize(("table", "row"), rows("says"))
def test_says(table: Table, row: Says) -> None:
    (said, *_) = converse(table.open('hostname="127.0.0.1" port="9"'), row.part, table.accepted).said
    assert (said.method, address_of(said), fields(urlsplit(said.url).query)) == (row.method, row.url, dict(row.query))
    given = {name.lower(): value for name, value in said.headers.items()}
    assert {name: given.get(name.lower()) for name in row.headers} == dict(row.headers)
    if row.form is not None:
        assert fields(said.body.decode()) == dict(row.form)
    if row.json is not None:
        assert json.loads(said.body) == row.json


@pytest.mark.parametrize(("table", "row"), rows("hears"))
def test_hears(table: Table, row: Hears) -> None:
    end = converse(table.open(), part(), row.answer).end
    assert type(end) is row.end, end
    if isinstance(end, Accepted):
        assert end.gateway_message_id == row.gateway_message_id


@pytest.mark.parametrize(("table", "row"), rows("gives"))
def test_gives(table: Table, row: Gives) -> None:
    events = table.open().read(row.callback)
    read = [Text.of(each) if isinstance(each, Inbound) else Report.of(each) for each in events]
    assert read == list(row.events)
    lost = [each for each in events if not each.parameters]
    assert lost == []


@pytest.mark.parametrize(("table", "row"), rows("refuses"))
def test_refuses(table: Table, row: Refuses) -> None:
    with pytest.raises(BadCallback) as caught:
        table.open().read(row.callback)
    assert row.words in str(caught.value)


@pytest.mark.parametrize(("table", "row"), rows("verified"))
def test_verifies(table: Table, row: Verified, monkeypatch: pytest.MonkeyPatch) -> None:
    if row.at:
        monkeypatch.setattr(time, "time_ns", lambda: row.at * 10**9)
    assert table.open().verify(row.callback) is row.good


@pytest.mark.parametrize("name", sorted(TABLES))
def test_acknowledges(name: str) -> None:
    table = TABLES[name]
    events = [event for row in table.gives for event in table.open().read(row.callback)]
    answers = [table.open().acknowledge(given) for given in ([], events)]
    assert answers == [table.acknowledged] * 2


@pytest.mark.parametrize("name", sorted(name for name, table in TABLES.items() if table.features.inbound))
def test_reads_what_it_composes(name: str) -> None:
    table = TABLES[name]
    gateway = table.open()
    text = Inbound("+12125550123", "sub café & tea ☕", "+12125550199", gateway_message_id="id-1")
    request = gateway.compose(text, "https://sms.example.org/context/receiveSMS/gw")
    (event,) = gateway.read(request)
    assert isinstance(event, Inbound)
    assert (event.sender.lstrip("+"), event.text) == ("12125550123", text.text)
    if table.features.signature:
        assert gateway.verify(request)
        other = request.body.replace(b"sub", b"bus")
        assert not gateway.verify(type(request)(request.method, request.url + "x", {}, other, request.path))


@pytest.mark.parametrize(("table", "row"), rows("asks"))
def test_asks(table: Table, row: Asks) -> None:
    gateway = table.open()
    assert isinstance(gateway, PullGateway)
    assert gateway.asked(row.callback) == row.asked


@pytest.mark.parametrize(("table", "row"), rows("hands"))
def test_hands_over(table: Table, row: Hands) -> None:
    gateway = table.open()
    assert isinstance(gateway, PullGateway)
    answer = gateway.hand(row.parts)
    assert (answer.status, answer.headers, json.loads(answer.body)) == (200, table.acknowledged.headers, row.json)
    assert type(converse(gateway, part()).end) is GiveUp


def test_an_acceptance_is_heard_as_one() -> None:
    called = {name: table for name, table in TABLES.items() if table.features.outbound and not table.features.pull}
    ends = {name: type(converse(table.open(), part(), table.accepted).end) for name, table in called.items()}
    assert ends == dict.fromkeys(called, Accepted)
    assert all(isinstance(table.accepted, HttpResponse) for table in TABLES.values())
