"""`smshost gateways` and `smshost simulate`, with a real host: every credential that a path may ask for."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.adapters.folders import write_adapter
from tests.hosts import BASIC, HEADER, Door, Host, gateway, opened
from tests.programs import free_ports
from tests.sink import Sink, as_kannel

SECRET = "shared-secret-of-some-length"
#: Of each gateway: authenticator, login module and its parameters; None where nothing opens its path.
DOORS: dict[str, Door | None] = {
    "basic": (BASIC, "smshost.SharedSecretLoginModule", {"user": "kannel", "secret": SECRET}),
    "query": (HEADER, "smshost.SharedSecretLoginModule", {"parameter": "token", "secret": SECRET}),
    "header": (HEADER, "smshost.SharedSecretLoginModule", {"header": "X-Token", "secret": SECRET}),
    "network": (HEADER, "smshost.SourceNetworkLoginModule", {"networks": "127.0.0.0/8"}),
    "signed": (HEADER, "smshost.GatewaySignatureLoginModule", {}),
    "unasked": (HEADER, "smshost.SourceNetworkLoginModule", {"networks": "127.0.0.0/8"}),
    "shut": None,
}
#: In the order of SMSConfig.xml.
NAMES = ["basic", "query", "header", "network", "shut", "signed", "unasked"]
TWILIO = (("account-sid", "AC" + "0" * 32), ("auth-token", "token-of-the-account"), ("from", "+15005550006"))
ECHO = """
def said(event):
    subscription = WL.Server.subscribeSMS("echo.phones", event["from"], event.gateway)
    WL.Server.notifyDeviceSubscription(subscription, WL.Server.createDefaultNotification(event.text))

WL.Server.createEventSource({"name": "phones"})
WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({"keyword": "echo"}, said, "*")])
"""
PUBLIC = "publicWorkLightHostname=sms.example.org\npublicWorkLightProtocol=https\nsmshost.reply.waitSeconds=50\n"


@contextmanager
def guarded(directory: Path, sink: Sink) -> Iterator[Host]:
    write_adapter(directory / "adapters", "echo", ECHO)
    plain = [gateway(name, sink.port, idParamName="id") for name in DOORS if name not in {"signed", "unasked", "basic"}]
    signed = [gateway(name, sink.port, *TWILIO, dialect="twilio", protocol="http") for name in ("signed", "unasked")]
    kannel = gateway("basic", sink.port, dialect="kannel", reply="answer")
    host = Host(
        directory, "".join([kannel, *plain, *signed]), opened(DOORS), properties=PUBLIC, adapters=directory / "adapters"
    )
    with host:
        yield host


def simulate(host: Host, name: str, *more: str, text: str = "echo hello") -> tuple[int, list[str]]:
    ended = host.run("simulate", name, "--from", "+15550100", "--text", text, "--url", host.url, *more)
    return ended.status, ended.output.splitlines()


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        sink.answer = as_kannel
        yield sink


def test_texts_come_in_as_each_gateway_brings_them_and_the_list_says_how_it_stands(tmp_path: Path, sink: Sink) -> None:
    with guarded(tmp_path, sink) as host:
        answers = {name: simulate(host, name) for name in DOORS if name != "shut"}
        plain, xml = "200 text/plain; charset=utf-8", "200 text/xml; charset=utf-8"
        assert {name: (status, lines[1]) for name, (status, lines) in answers.items()} == {
            "basic": (0, plain), "query": (0, plain), "header": (0, plain), "network": (0, plain),
            "signed": (0, xml), "unasked": (0, xml),
        }  # fmt: skip
        assert answers["basic"][1] == [f"GET {host.url}/context/receiveSMS/basic", plain, "echo hello"]
        assert SECRET not in str(answers)
        sink.wait_for(5)
        assert simulate(host, "shut") == (
            1,
            ["Error: nobody is heard at /receiveSMS/shut: no resource in authenticationConfig.xml opens it"],
        )
        assert simulate(host, "nobody")[0] == 1
        assert simulate(host, "network", "--id", "7")[0] == simulate(host, "network", "--id", "7")[0] == 0
        stories = host.run("messages", "--limit", "100").output
        assert stories.count("+15550100 > ") == 7  # a repeat is one text
        listed = host.run("gateways").output
        assert [line.partition(":")[0] for line in listed.splitlines() if line[0] != " "] == NAMES
        assert 'heard at /receiveSMS/signed: resource "signed", security test "signed"\n' in listed
        assert 'resource "unasked", security test "unasked", which does not ask for its signature\n' in listed
        assert "NOBODY is heard at /receiveSMS/shut: no resource" in listed
        assert "basic: kannel, http://127.0.0.1:" in listed
        assert "replies are in the answer" in listed
        assert "    last took a text 20" in listed
        assert SECRET not in listed


def test_nobody_listens(tmp_path: Path, sink: Sink) -> None:
    with guarded(tmp_path, sink) as host:
        pass
    (port,) = free_ports(1)
    ended = host.run("simulate", "query", "--from", "+1", "--text", "x", "--url", f"http://127.0.0.1:{port}")
    assert (ended.status, SECRET in ended.output) == (1, False)
    assert ended.output.startswith(f"Error: 127.0.0.1:{port} could not be reached")


def test_a_refused_text_is_told_with_what_to_look_at(tmp_path: Path, sink: Sink) -> None:
    with guarded(tmp_path, sink) as host:
        config = host.directory / "config" / "authenticationConfig.xml"
        config.write_text(config.read_text().replace(SECRET, "another-secret"))
        ended = host.run("simulate", "query", "--from", "+1", "--text", "x", "--url", host.url)
    assert (ended.status, ended.output.splitlines()[1:]) == (
        1,
        [
            "403 text/plain; charset=utf-8",
            "refused, the host's log says why; one in development mode takes nothing but the credential that it printed",
        ],
    )
