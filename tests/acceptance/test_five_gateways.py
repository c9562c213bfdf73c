"""One bookstore, unchanged, behind Kannel, Kaleyra, RapidPro, SMSsync and Twilio at once, each in its own words."""

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote_plus

import requests

from host.app import wire
from host.config import load_configuration
from host.messages import HttpResponse, Inbound
from host.simulating import simulate
from tests.gateways.tables import TABLES
from tests.hosts import BASIC, HEADER, Door, Host, opened
from tests.programs import wait_for

SECRET = "a-secret-of-some-length"
TWILIO = """<parameter name="account-sid" value="AC1"/><parameter name="auth-token" value="tok3n"/>
  <parameter name="from" value="+15005550006"/>"""
#: Of each gateway: its parameters, and the door in front of its path.
GATEWAYS: dict[str, tuple[str, Door]] = {
    "kannel": (
        '<parameter name="username" value="u"/><parameter name="password" value="p"/>',
        (BASIC, "smshost.SharedSecretLoginModule", {"user": "kannel", "secret": SECRET}),
    ),
    "kaleyra": (
        '<parameter name="sid" value="HX1"/><parameter name="api-key" value="key-of-kaleyra"/>',
        (HEADER, "smshost.SourceNetworkLoginModule", {"networks": "127.0.0.0/8"}),
    ),
    "rapidpro": (
        '<parameter name="channel" value="de305d54-75b4-431b-adb2-eb6b9e546014"/><parameter name="callbacks" value=""/>',
        (HEADER, "smshost.SharedSecretLoginModule", {"parameter": "token", "secret": SECRET}),
    ),
    "smssync": (
        f'<parameter name="secret" value="{SECRET}"/><parameter name="message-results" value="off"/>',
        (HEADER, "smshost.GatewaySignatureLoginModule", {}),
    ),
    "twilio": (TWILIO, (HEADER, "smshost.GatewaySignatureLoginModule", {})),
}
PHONES = {name: f"+155501001{number:02}" for number, name in enumerate(GATEWAYS)}
WORDS = ("Welcome to the bookstore!", "Offer:", "Goodbye!")


class Vendor(ThreadingHTTPServer):
    """What a gateway's own servers take, as text; every request is answered as one that brings a text they take."""

    daemon_threads = True

    def __init__(self, answer: HttpResponse) -> None:
        self.taken: list[str] = []
        vendor = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
                vendor.taken.append(unquote_plus(f"{self.path} {body}"))
                self.send_response(answer.status)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            do_POST = do_GET

            def log_message(self, *_: object) -> None:
                """Silent: the test looks at `taken`."""

        super().__init__(("127.0.0.1", 0), Handler)


@contextmanager
def vendors() -> Iterator[dict[str, Vendor]]:
    with ExitStack() as stack:
        running = {}
        for name in GATEWAYS:
            vendor = running[name] = Vendor(TABLES[name].accepted)
            stack.callback(vendor.server_close)
            stack.callback(vendor.shutdown)
            threading.Thread(target=vendor.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield running


def element(name: str, port: int) -> str:
    place = 'hostname=""' if name == "smssync" else f'hostname="127.0.0.1" port="{port}" protocol="http"'
    return f'<gateway id="{name}" dialect="{name}" {place}>{GATEWAYS[name][0]}</gateway>'


def bring(host: Host, text: str) -> dict[str, int]:
    """A text from each phone, as its gateway brings it; gives the answers' statuses."""
    configuration = load_configuration(host.directory / "config", {})
    gateways, rules = wire(configuration)
    texts = {
        name: Inbound(phone, text, "+15005550006", gateway_message_id=f"{name}-{text}")
        for name, phone in PHONES.items()
    }
    said = {name: simulate(configuration, gateways[name], rules, each, host.url) for name, each in texts.items()}
    return {name: heard.status for name, (_, heard) in said.items()}


def poll(host: Host, phone: list[str]) -> None:
    """The SMSsync phone asks for texts, and sends them."""
    answer = requests.get(f"{host.receive_url}/smssync", params={"task": "send", "secret": SECRET}, timeout=30)
    phone += [f"{each['to']} {each['message']}" for each in json.loads(answer.text)["payload"]["messages"]]


def hears(taken: dict[str, list[str]], number: int) -> dict[str, list[str]]:
    """Of the first words those that each phone has got, as its gateway was told to text it."""
    digits = {name: phone.lstrip("+") for name, phone in PHONES.items()}
    return {
        name: [word for word in WORDS[:number] if any(word in text and digits[name] in text for text in taken[name])]
        for name in taken
    }


def test_one_bookstore_serves_five_gateways_at_once(tmp_path: Path) -> None:
    with vendors() as running:
        elements = "".join(element(name, vendor.server_port) for name, vendor in running.items())
        properties = "publicWorkLightHostname=sms.example.org\npublicWorkLightProtocol=https\n"
        access = opened({name: door for name, (_, door) in GATEWAYS.items()})
        with Host(tmp_path, elements, access, properties=properties) as host:
            phone: list[str] = []
            taken = {name: phone if name == "smssync" else vendor.taken for name, vendor in running.items()}

            def have_heard(number: int) -> bool:
                poll(host, phone)
                return hears(taken, number) == {name: list(WORDS[:number]) for name in GATEWAYS}

            assert bring(host, "sub") == dict.fromkeys(GATEWAYS, 200)
            wait_for(lambda: have_heard(2), "a welcome and an offer by every gateway", 60)
            assert bring(host, "unsub") == bring(host, "unsub") == dict.fromkeys(GATEWAYS, 200)
            wait_for(lambda: have_heard(3), "a goodbye by every gateway", 60)
            goodbyes = {name: sum(WORDS[2] in text for text in texts) for name, texts in taken.items()}
            assert goodbyes == dict.fromkeys(GATEWAYS, 1)
            states = host.run("status").output.splitlines()
            assert "inbox HANDLED: 10" in states
            assert [line for line in states if line.startswith("inbox")] == ["inbox HANDLED: 10"]
