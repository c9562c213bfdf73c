"""A USSD dialogue of three steps through a real host; where the phone is, is kept in its user subscription."""

import threading
from pathlib import Path

import pytest
import requests

from tests.adapters.folders import HEAD
from tests.databases import new_postgresql
from tests.faults.observing import rows
from tests.hosts import CREDENTIAL, OPEN, REPOSITORY, Host, gateway
from tests.programs import wait_for
from tests.sink import Sink
from tests.test_docs import code

PHONE = "+15550001"
ACCESS = OPEN.replace("/receiveSMS*", "/receiveSMS*;/ussd*")
WORDS = (("ussd-continue-prefix", "CON "), ("ussd-end-prefix", "END "), ("ussd-end-header", "Freeflow: FB"))


def the_documented_adapter(folder: Path) -> Path:
    """The kiosk of docs/how-to/answer-ussd.md."""
    kiosk = folder / "kiosk"
    kiosk.mkdir(parents=True)
    (kiosk / "__init__.py").write_text(code(REPOSITORY / "docs/how-to/answer-ussd.md", "python")[0], encoding="utf-8")
    return folder


def the_documented_script(folder: Path) -> Path:
    """The same kiosk in JavaScript."""
    page, kiosk = REPOSITORY / "docs/how-to/answer-ussd.md", folder / "kiosk"
    kiosk.mkdir(parents=True)
    (kiosk / "kiosk-impl.js").write_text(code(page, "javascript")[0], encoding="utf-8")
    (kiosk / "kiosk.xml").write_text(code(page, "xml")[0], encoding="utf-8")
    return folder


@pytest.fixture(params=[the_documented_adapter, the_documented_script])
def adapters(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder with the kiosk in it, in each language that it is written in."""
    folder: Path = request.param(tmp_path / "adapters")
    return folder


def dial(host: Host, path: str, **parameters: str) -> requests.Response:
    given = {"shortCode": "123", "sessionId": "789", "phoneNumber": PHONE, **parameters}
    return requests.get(f"{host.url}/context/ussd{path}", params=given, auth=CREDENTIAL, timeout=30)


def test_three_steps_and_a_text(tmp_path: Path, adapters: Path) -> None:
    with Sink() as sink:
        host = Host(tmp_path, gateway("myGateway", sink.port, *WORDS), ACCESS, adapters=adapters)
        with host:
            first = dial(host, "/myGateway", sessionState="NEW")
            second = dial(host, "/myGateway", input="2")
        with host:  # what was chosen outlives the process
            third = dial(host, "/myGateway", input="3")
            sink.wait_for(1)
            again = dial(host, "", sessionState="NEW")
    said = [(each.status_code, each.text, each.headers.get("Freeflow")) for each in (first, second, third, again)]
    assert said == [
        (200, "CON 1 Tea\n2 Coffee", None),
        (200, "CON How many cups of coffee?", None),
        (200, "END Thank you: 3 x coffee", "FB"),
        (200, "1 Tea\n2 Coffee", None),
    ]
    assert {each.headers["Content-Type"] for each in (first, second, third, again)} == {"text/plain; charset=UTF-8"}
    assert sink.accepted(PHONE) == ["Ordered: 3 x coffee"]


@pytest.mark.postgres
def test_each_step_may_come_to_another_machine(tmp_path: Path) -> None:
    adapters = the_documented_adapter(tmp_path / "adapters")
    with new_postgresql(f"ussd_{tmp_path.name}") as url, Sink() as sink:
        element = gateway("myGateway", sink.port, *WORDS)
        one, two = (Host(tmp_path / name, element, ACCESS, adapters=adapters, database=url) for name in ("one", "two"))
        assert one.run("db", "upgrade").status == 0
        with one, two:
            dial(one, "/myGateway", sessionState="NEW")
            dial(two, "/myGateway", input="1")
            last = dial(one, "/myGateway", input="2")
            sink.wait_for(1)
    assert (last.text, sink.accepted(PHONE)) == ("END Thank you: 2 x tea", ["Ordered: 2 x tea"])


LOADING = """
import threading
from pathlib import Path
while not Path("go").exists():
    threading.Event().wait(0.01)
"""


def test_who_calls_while_adapters_load_is_told_in_time(tmp_path: Path) -> None:
    adapters = the_documented_adapter(tmp_path / "adapters")
    (adapters / "slow").mkdir()
    (adapters / "slow" / "__init__.py").write_text(LOADING, encoding="utf-8")
    host = Host(tmp_path, gateway("myGateway", 9), ACCESS, "smshost.ussd.limitSeconds=0.5", adapters)
    with host:
        early = dial(host, "", sessionState="NEW")
        assert "loading the adapters has been running for 0." in host.program.log
        (tmp_path / "go").touch()
        wait_for(lambda: dial(host, "", sessionState="NEW").text == "1 Tea\n2 Coffee", "the adapters to be there")
    assert early.text == "This service cannot answer at the moment. Please try again later."


CROWD = """
import threading
def hanging(request): threading.Event().wait(60)
def echo(event):
    subscription = WL.Server.subscribeSMS("crowd.news", event["from"], "web")
    WL.Server.notifyDeviceSubscription(subscription, WL.Server.createDefaultNotification("re " + event.text))
WL.Server.createEventSource({"name": "news"})
WL.Server.setEventHandlers([WL.Server.createUSSDEventHandler({}, hanging), WL.Server.createSMSEventHandler({}, echo)])
"""
LIMIT = 6.0


def test_texts_come_and_go_while_every_ussd_handler_hangs(tmp_path: Path) -> None:
    (tmp_path / "adapters" / "crowd").mkdir(parents=True)
    (tmp_path / "adapters" / "crowd" / "__init__.py").write_text(HEAD + CROWD, encoding="utf-8")
    properties = f"smshost.ussd.limitSeconds={LIMIT:g}\nsmshost.ussd.failureText=Not now, é"
    with (
        Sink() as sink,
        Host(tmp_path, gateway("web", sink.port), ACCESS, properties, tmp_path / "adapters") as host,
        Callers(host, 80) as callers,
    ):
        for number in range(50):
            answer = host.post(**{"from": f"+1555{number:04}", "text": str(number)})
            assert (answer.status_code, answer.elapsed.total_seconds() < LIMIT / 2) == (200, True)
        callers.wait()
        at_once = dial(host, "")
        sink.wait_for(50)
        assert host.program.log.count("crowd.hanging has been running for ") == 16
        wait_for(lambda: rows(host, "SELECT overruns FROM adapter_health") == [16], "counts")
        assert "adapter crowd: 16 run(s) of its handlers took too long" in host.run("status").output
    assert {(each.status_code, each.text) for each in callers.answers} == {(200, "Not now, é")}
    assert (len(callers.answers), at_once.text, at_once.elapsed.total_seconds() < LIMIT / 2) == (80, "Not now, é", True)
    assert sorted(each.text for each in sink.taken) == sorted(f"re {number}" for number in range(50))


class Callers:
    """So many phones that call at the same time, each in a thread of its own; a context manager."""

    def __init__(self, host: Host, number: int) -> None:
        self.host = host
        self.number = number
        self.answers: list[requests.Response] = []

    def __enter__(self) -> "Callers":
        self.threads = [threading.Thread(target=self._call) for _ in range(self.number)]
        for thread in self.threads:
            thread.start()
        wait_for(lambda: self.answers, "those for whom there is no room to hear so")
        return self

    def _call(self) -> None:
        self.answers.append(dial(self.host, ""))

    def wait(self) -> None:
        for thread in self.threads:
            thread.join(30)

    def __exit__(self, *error: object) -> None:
        self.wait()
