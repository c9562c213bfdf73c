"""RapidPro sends through the host and hears what became of it; flows and phones talk through an adapter of the docs."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.faults.observing import count
from tests.hosts import CREDENTIAL, REPOSITORY, Host, gateway
from tests.programs import wait_for
from tests.sink import HangUp, Sink

CHANNEL = "11111111-2222-4333-8444-555555555555"
UUID = "4f6e1ea2-0a1b-4b9e-9a56-0123456789a{}"
PHONE = "+250788123123"
PAGE = REPOSITORY / "docs" / "reference" / "dialects" / "rapidpro.md"

OTHERS = """
from host.wl import WL


def fail(event):
    raise ValueError("no")


WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({"keyword": ["keep", "break"]}, lambda event: None, "app"),
                            WL.Server.createSMSEventHandler({"keyword": "break"}, fail, "app")])
"""


@pytest.fixture(scope="module")
def adapters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("adapters")
    (source,) = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    for name, code in (("relay", source), ("others", OTHERS)):
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text(code, encoding="utf-8")
    return folder


@pytest.fixture
def rapidpro() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture
def kannel() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


def host(folder: Path, adapters: Path, rapidpro: Sink, kannel: Sink) -> Host:
    channel = ("channel", CHANNEL)
    gateways = (
        gateway("rapidpro", rapidpro.port, channel, dialect="rapidpro", protocol="http"),
        gateway("app", rapidpro.port, channel, dialect="rapidpro", protocol="http"),
        gateway("kannel", kannel.port, ("reference-parameter", "ref")),
    )
    properties = "smshost.handling.attempts=1\nsmshost.sending.firstWaitSeconds=4\n"
    return Host(folder, "".join(gateways), properties=properties, adapters=adapters)


def said(sink: Sink, count: int) -> list[tuple[str, dict[str, str]]]:
    return [(each.target.removeprefix(f"/c/ex/{CHANNEL}/"), each.parameters) for each in sink.wait_for(count)]


def test_a_flow_and_a_phone_talk_and_rapidpro_hears_of_it(
    tmp_path: Path, adapters: Path, rapidpro: Sink, kannel: Sink
) -> None:
    with host(tmp_path, adapters, rapidpro, kannel) as serving:
        one = {"uuid": UUID.format(1), "to": PHONE, "from": "8500"}
        for _ in range(2):  # RapidPro heard nothing and sends it again
            answer = serving.post("/rapidpro", **one, text="Which colour?")
            assert (answer.status_code, answer.text) == (200, "ok")
        (taken,) = kannel.wait_for(1)
        assert (taken.to, taken.text) == (PHONE, "Which colour?")
        assert said(rapidpro, 1) == [("sent", {"uuid": UUID.format(1)})]
        reported = serving.post("/kannel/report", reference=taken.parameters["ref"], status="DELIVRD")
        assert reported.status_code == 200
        assert said(rapidpro, 2)[1] == ("delivered", {"uuid": UUID.format(1)})

        assert serving.post("/kannel", **{"from": PHONE, "text": "Blue"}).status_code == 200
        place, given = said(rapidpro, 3)[2]
        assert (place, given.pop("date")[-1], given) == ("receive", "Z", {"from": PHONE, "text": "Blue"})

        kannel.answer = lambda _: 400
        for words in ("a long", "text"):  # its parts share its id
            serving.post("/rapidpro", **{**one, "uuid": UUID.format(2)}, text=words)
        assert said(rapidpro, 5)[3:] == [("failed", {"uuid": UUID.format(2)})] * 2
        assert [each.text for each in kannel.taken] == ["Which colour?", "a long", "text"]
        story = serving.run("story", "in-1").output
        assert CHANNEL not in story
        assert "delivered" in story


def test_what_an_adapter_keeps_is_delivered_and_what_nobody_takes_failed(
    tmp_path: Path, adapters: Path, rapidpro: Sink, kannel: Sink
) -> None:
    with host(tmp_path, adapters, rapidpro, kannel) as serving:
        url = f"{serving.receive_url}/app"
        xml = {"Content-Type": "text/xml; charset=utf-8"}
        answers = [
            requests.put(url, json={"id": 1, "to": PHONE, "text": "keep"}, auth=CREDENTIAL, timeout=30),
            requests.post(
                url, f"<m><id>2</id><to>{PHONE}</to><text>break</text></m>", headers=xml, auth=CREDENTIAL, timeout=30
            ),
            requests.get(url, {"id": "3", "to": PHONE, "text": "strange"}, auth=CREDENTIAL, timeout=30),
            requests.post(url, "<m>", headers=xml, auth=CREDENTIAL, timeout=30),
        ]
        assert [each.status_code for each in answers] == [200, 200, 200, 400]
        assert sorted((given["id"], place) for place, given in said(rapidpro, 3)) == [
            ("1", "delivered"), ("2", "failed"), ("3", "failed"),
        ]  # fmt: skip
        assert kannel.taken == []


def test_a_callback_whose_answer_was_lost_is_made_again(
    tmp_path: Path, adapters: Path, rapidpro: Sink, kannel: Sink
) -> None:
    def answer(_: dict[str, str]) -> int:
        if not rapidpro.taken:
            raise HangUp(0)
        return 200

    rapidpro.answer = answer
    with host(tmp_path, adapters, rapidpro, kannel) as serving:
        serving.post("/app", id="1", to=PHONE, text="keep")
        assert said(rapidpro, 2) == [("delivered", {"id": "1"})] * 2


def test_callbacks_that_rapidpro_did_not_take_come_again_after_a_restart(
    tmp_path: Path, adapters: Path, rapidpro: Sink, kannel: Sink
) -> None:
    rapidpro.answer = lambda _: 503
    serving = host(tmp_path, adapters, rapidpro, kannel)
    with serving:
        serving.post("/app", id="1", to=PHONE, text="keep")
        wait_for(lambda: count(serving, "outbox", "state = 'WAITING'"), "the callback to wait for another try")
        serving.kill()
        rapidpro.answer = lambda _: 200
        serving.start()
        taken = wait_for(lambda: [each for each in rapidpro.taken if each.status == 200], "the callback", deadline=30)
    assert [each.parameters for each in taken] == [{"id": "1"}]
