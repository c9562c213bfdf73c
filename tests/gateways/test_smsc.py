"""The smsc dialect's own: which protocol, what is wrong with it, and what kannel.conf is told of it."""

import pytest

from host.config.smsconfig import read_smsconfig
from host.gateways import open_gateways
from host.gateways.dialects.smsc import Smsc
from tests.gateways.dialects import open_gateway

HOST = '<parameter name="smsc-host" value="10.0.0.1"/><parameter name="smsc-port" value="2775"/>'
LOGIN = '<parameter name="smsc-username" value="u"/><parameter name="smsc-password" value="p"/>'


def element(more: str = HOST + LOGIN, attributes: str = 'protocol="smpp"') -> str:
    return f'<gateway id="smsc" hostname="" dialect="smsc" {attributes}>{more}</gateway>'


def test_its_protocol_is_the_smscs_and_sendsms_is_http_on_this_machine() -> None:
    gateway = open_gateway(element())
    assert isinstance(gateway, Smsc)
    config = gateway.config
    assert (gateway.smsc_protocol, config.protocol, config.hostname, config.port) == (
        "smpp",
        "http",
        "127.0.0.1",
        13013,
    )


def test_a_parameter_says_it_where_sendsms_has_tls() -> None:
    gateway = open_gateway(
        element('<parameter name="smsc-protocol" value="emi"/>' + HOST, 'protocol="https" port="13014"')
    )
    assert isinstance(gateway, Smsc)
    assert (gateway.smsc_protocol, gateway.config.protocol, gateway.config.port) == ("emi", "https", 13014)


def test_kannel_is_told_what_its_protocol_knows_with_our_defaults() -> None:
    own = '<parameter name="smsc-window" value="5"/><parameter name="smsc-my-number" value="26161"/>'
    gateway = open_gateway(element(HOST + LOGIN + own, 'protocol="EMI"'))
    assert isinstance(gateway, Smsc)
    assert {name: value for name, (_, value) in gateway.directives().items()} == {
        "host": "10.0.0.1",
        "port": "2775",
        "smsc-username": "u",
        "smsc-password": "p",
        "my-number": "26161",
        "reconnect-delay": "10",
        "keepalive": "30",
        "window": "5",
    }


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (element(attributes=""), 'gateway "smsc": write protocol="smpp", "emi" or "cimd2"'),
        (element(HOST), '<parameter name="smsc-username"/> is missing: smpp logs in'),
        (element(LOGIN), 'needs <parameter name="smsc-host"/>'),
        (element(HOST.replace("2775", "x") + LOGIN), '<parameter name="smsc-port"/> write a whole number from 1'),
        (element(HOST + LOGIN + '<parameter name="smsc-window" value="1"/>'), "is of emi: remove it"),
        (element(HOST + LOGIN + '<parameter name="smsc-protocol" value="emi"/>'), 'and protocol="smpp" differ'),
        (element(HOST + LOGIN.replace('"p"', '"passw0rd-"')), "is longer than the 8 characters"),
        (element().replace('dialect="smsc"', 'dialect="kannel"'), 'protocol="smpp": write http or https'),
    ],
)
def test_problems_are_named(given: str, said: str) -> None:
    configs, problems = read_smsconfig(f"<config>{given}</config>".encode(), "SMSConfig.xml", {})
    found = [*problems, *open_gateways(configs)[1]]
    assert [said in str(each) for each in found].count(True) == 1, found


def test_no_problem_shows_a_password() -> None:
    given = element(HOST + LOGIN.replace('"p"', '"a-long-password"'))
    configs, _ = read_smsconfig(f"<config>{given}</config>".encode(), "SMSConfig.xml", {})
    (problem,) = open_gateways(configs)[1]
    assert "a-long-password" not in str(problem)
