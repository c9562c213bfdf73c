"""RapidPro's channel from the other side, and what its dialect makes of time, ids and parts."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from host.config.smsconfig import read_smsconfig
from host.errors import GiveUp
from host.gateways import open_gateways
from host.messages import Accepted, DeliveryReport, HttpResponse, Inbound, Part
from tests.gateways.dialects import converse, open_gateway, part
from tests.gateways.table import fields, get, post

STANDS_IN = open_gateway(
    '<gateway id="g" hostname="service.example" dialect="rapidpro" programName="send"><parameter name="role" value="rapidpro"/>'
    '<parameter name="from" value="8500"/><parameter name="channel" value="c-1"/>'
    '<parameter name="success-pattern" value="queued"/></gateway>'
)
SERVICE = open_gateway('<gateway id="g" hostname="h" dialect="rapidpro"/>')


def test_a_service_that_was_written_for_rapidpro_gets_its_uuid_and_gives_it_back() -> None:
    reference = "AAECAwQFBgcICQoL"  # as the host makes them
    held = converse(STANDS_IN, Part("+15550001", "Hello", reference), HttpResponse(200, {}, b"queued"))
    (said,) = held.said
    given = fields(said.body.decode())
    number = given.pop("uuid")
    assert (said.url, given) == (
        "https://service.example/send",
        {"id": number, "text": "Hello", "to": "+15550001", "to_no_plus": "15550001", "from": "8500"},
    )
    assert (held.end, UUID(number).hex) == (Accepted(), "00000000000102030405060708090a0b")
    (report,) = STANDS_IN.read(post(f"uuid={number}".encode(), path="/receiveSMS/g/delivered"))
    assert isinstance(report, DeliveryReport)
    assert report.reference == reference
    answer = STANDS_IN.acknowledge([report])
    status = {"type": "status", "channel_uuid": "c-1", "status": "D"}
    assert json.loads(answer.body) == {"message": "Status Update Accepted", "data": [status]}


def test_a_service_hears_what_courier_says() -> None:
    events = STANDS_IN.read(get(b"from=%2B15550001&text=sub", path="/receiveSMS/g/receive"))
    said = json.loads(STANDS_IN.acknowledge(events).body)
    assert UUID(said["data"][0].pop("msg_uuid")).version == 4
    assert said == {
        "message": "Message Accepted",
        "data": [{"type": "msg", "channel_uuid": "c-1", "text": "sub", "urn": "tel:+15550001"}],
    }
    refused = STANDS_IN.refuse(400, "no\n")
    assert (refused.status, json.loads(refused.body)) == (
        400, {"message": "Error", "data": [{"type": "error", "error": "no"}]},
    )  # fmt: skip
    assert STANDS_IN.tells == frozenset()


def test_a_service_that_says_who_wants_no_more_hears_that_its_event_was_taken() -> None:
    events = STANDS_IN.read(get(b"from=%2B15550001", path="/receiveSMS/g/stopped"))
    assert json.loads(STANDS_IN.acknowledge(events).body) == {
        "message": "Event Accepted",
        "data": [{"type": "event", "channel_uuid": "c-1", "event_type": "stop_contact", "urn": "tel:+15550001"}],
    }


def test_parts_of_one_text_share_an_id_and_are_two_texts() -> None:
    ids = []
    for words in ("one", "two", "one"):
        (event,) = SERVICE.read(get(f"uuid=u&to=1&text={words}".encode()))
        assert isinstance(event, Inbound)
        ids.append(event.gateway_message_id)
    assert (ids[0] == ids[2], ids[0] == ids[1]) == (True, False)


def test_a_text_without_an_id_has_none() -> None:
    (event,) = SERVICE.read(get(b"to=1&text=a"))
    assert event.gateway_message_id is None


def test_a_text_goes_to_receive_with_the_time_at_which_it_was_made() -> None:
    to = open_gateway(
        '<gateway id="g" hostname="h" dialect="rapidpro" programName="pro"><parameter name="channel" value="c-1"/></gateway>'
    )
    made = datetime(2026, 1, 1, 12, 0, 0, 511_000, tzinfo=UTC)
    (said,) = converse(to, Part("+1", "a", "r", made_at=made), HttpResponse(200)).said
    assert (said.url, fields(said.body.decode())) == (
        "https://h/pro/c/ex/c-1/receive", {"from": "+1", "text": "a", "date": "2026-01-01T12:00:00.511Z"},
    )  # fmt: skip
    assert to.tells == {"sent", "delivered", "failed"}


def test_without_a_channel_nothing_is_sent_and_nobody_called_back() -> None:
    held = converse(SERVICE, part())
    assert (held.said, type(held.end), SERVICE.tells) == ([], GiveUp, frozenset())


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        ({"role": "both"}, 'name="role"/> is service or rapidpro'),
        ({"channel": "c", "callbacks": "sent,read"}, "has words from sent, delivered, failed"),
        ({"id-pattern": "("}, "is no pattern"),
    ],
)
def test_what_cannot_work_is_said_at_the_start(parameters: dict[str, str], problem: str) -> None:
    inner = "".join(f'<parameter name="{name}" value="{value}"/>' for name, value in parameters.items())
    element = f'<config><gateway id="g" hostname="h" dialect="rapidpro">{inner}</gateway></config>'
    configs, found = read_smsconfig(element.encode(), "SMSConfig.xml", {})
    (said,) = [str(each) for each in (*found, *open_gateways(configs)[1])]
    assert problem in said
