"""A simulated phone with SMSsync and a real host with the bookstore: received, fetched, confirmed, reported on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.faults.observing import count, rows
from tests.hosts import CREDENTIAL, OPEN, Host
from tests.programs import wait_for
from tests.smssync.phone import VERSIONS
from tests.smssync.world import ACCESS, MOVING, SHARED, database_on, open_host, outbox, phone_of, poll_until, state_of

pytestmark = [pytest.mark.smssync, pytest.mark.timeout(300)]

READER = "+15550001"
WELCOME = "Welcome to the bookstore! You will hear of our offers. Text unsub to stop."
GOODBYE = "You will hear no more of our offers. Goodbye!"
STATES = {"2.7": "DELIVERED", "2.8": "DELIVERED", "3.1": "SENT"}  # 3.x never reports success


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def host(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    directory = tmp_path_factory.mktemp(request.param)
    with (
        database_on(request.param, directory) as database,
        open_host(directory, ("alerts", "open"), database=database) as host,
    ):
        yield host


@pytest.mark.parametrize("version", VERSIONS)
def test_a_phone_receives_fetches_sends_and_reports(host: Host, version: str) -> None:
    reader, broke = f"+1555{version.replace('.', '')}01", f"+1555{version.replace('.', '')}02"
    phone = phone_of(host, version, "?gw=1", out_of_credit={broke})  # every task is appended behind a second ?
    assert phone.press_test()
    phone.receive(reader, "Sub")
    phone.receive(broke, "sub")
    assert phone.sync()
    wait_for(lambda: count(host, "outbox", f"receiver = '{broke}'") >= 1, "both to be welcomed", 30)
    wait_for(lambda: (phone.poll(), {reader, broke} <= {each.to for each in phone.radio})[1], "welcomes", 30)
    sent = {each.to: each.message for each in reversed(phone.radio)}
    assert (sent[reader], sent[broke]) == (WELCOME, WELCOME)
    wait_for(lambda: "SENT" in of(host, reader) and "SENT" in of(host, broke), "it to be known that they were sent")
    assert phone.bring_results() >= 1
    wait_for(lambda: STATES[version] in of(host, reader), "the report on the one")
    assert "UNDELIVERED" in of(host, broke)
    assert phone.bring_results() >= 0  # nothing that was reported on is asked for once more
    assert count(host, "delivery_report", "reference IS NULL") == 0
    assert len({each.uuid for each in phone.radio}) == len(phone.radio)


def of(host: Host, receiver: str) -> list[str]:
    return rows(host, "SELECT state FROM outbox WHERE receiver = :receiver ORDER BY id", receiver=receiver)


@pytest.mark.parametrize("scheme", ["form", "json", "xml", "multipart"])
@pytest.mark.parametrize("version", VERSIONS)
def test_texts_come_in_every_format_and_only_once(host: Host, version: str, scheme: str) -> None:
    phone = phone_of(host, version, scheme=scheme, method="PUT" if scheme == "json" else "POST")
    sender = f"+1556{version.replace('.', '')}{len(scheme)}"
    name = phone.receive(sender, "café & <tea> ☕")
    kept = phone.pending[0]
    assert phone.sync()
    phone.pending = [kept]  # the answer was lost on the way
    assert phone.sync()
    found = rows(host, "SELECT sender, text, receiver FROM inbox WHERE gateway_message_id = :name", name=name)
    assert [tuple(row) for row in found] == [(sender, "café & <tea> ☕", "26161")]
    kept_parameters = rows(host, "SELECT parameters FROM inbox WHERE gateway_message_id = :name", name=name)[0]
    assert phone.secret not in kept_parameters


def test_strangers_are_refused(host: Host) -> None:
    stranger = phone_of(host, "2.8")
    stranger.secret = "a guess"
    name = stranger.receive("+15559999", "sub")
    fetched = stranger.fetch()
    assert (stranger.sync(), fetched, stranger.press_test(), stranger.bring_results()) == (False, [], False, 0)
    guessed = requests.post(f"{stranger.url}?task=sent", json={"queued_messages": ["guessed"]}, timeout=10)
    assert (guessed.status_code, guessed.content) == (403, b"")
    assert count(host, "inbox", f"gateway_message_id = '{name}'") == 0


def test_what_cannot_be_read_is_answered_in_the_words_of_the_app(host: Host) -> None:
    url = f"{host.receive_url}/phone?secret={phone_of(host, '2.8').secret}"
    answer = requests.post(url, data={"message": "no sender"}, timeout=10)
    expected = {"payload": {"success": False, "error": 'parameter "from" is missing'}}
    assert (answer.status_code, answer.json(), answer.headers["content-type"]) == (400, expected, "application/json")
    answer = requests.put(f"{host.receive_url}/other", data={"from": "1"}, timeout=10)
    assert answer.status_code == 403


def test_status_tells_how_the_phone_does(host: Host) -> None:
    for version in VERSIONS:
        phone = phone_of(host, version)
        phone.receive("+15551234", "hello")
        phone.sync()
        phone.fetch()
        assert phone.alert(20)
    line = "gateway phone: smssync, fetches its texts\n    last polled 20"

    def said() -> str:
        ended = host.run("status")
        assert ended.status == 0, ended.output
        return ended.output

    output = said()
    assert line in output
    wait_for(lambda: "last brought a text 20" in said(), "the text to be noted")
    assert "(SMSSync-Android/v3.1.1); " in output
    assert "    its last alert, 20" in output
    assert ": Battery level is at 20\n" in output
    assert count(host, "inbox", "text LIKE 'Battery%'") == 0


@pytest.mark.parametrize(
    ("version", "access", "auth"), [("2.7", OPEN, CREDENTIAL), ("2.8", SHARED, None), ("3.1", ACCESS, None)]
)
def test_without_the_message_results_api_texts_are_handed_over_once(
    tmp_path: Path, version: str, access: str, auth: tuple[str, str] | None
) -> None:
    with open_host(tmp_path, ("message-results", "off"), access=access) as host:
        phone = phone_of(host, version, results=False, auth=auth)
        phone.receive(READER, "sub")
        assert phone.sync()
        assert poll_until(phone, 1)[0].message == WELCOME
        wait_for(lambda: state_of(host, "Welcome") == "SENT", "it to be known that it was sent", 30)
        phone.receive(READER, "unsub")
        assert phone.sync()
        wait_for(lambda: (phone.poll(), phone.radio[-1].message == GOODBYE)[1], "the last word", 20)
        wait_for(lambda: count(host, "outbox", MOVING) == 0, "all to be sent")
        assert [state for _, _, state in outbox(host)] == ["SENT"] * len(phone.radio)
        assert len({(each.to, each.message) for each in phone.radio}) == len(phone.radio)


@pytest.mark.parametrize("version", VERSIONS)
def test_replies_in_the_answer_are_sent_once(tmp_path: Path, version: str) -> None:
    with open_host(tmp_path, reply="answer") as host:
        phone = phone_of(host, version)
        phone.receive(READER, "sub")
        kept = phone.pending[0]
        assert phone.sync()
        assert [(each.to, each.message) for each in phone.radio] == [(READER, WELCOME)]
        wait_for(lambda: state_of(host, "Welcome") == "SENT", "it to be known that it was sent", 30)
        assert [each for each in phone.poll() if each.message == WELCOME] == []
        phone.pending, first = [kept], phone.radio[0]  # the app did not get the answer, and comes again
        phone.radio.clear()
        assert phone.sync()
        assert phone.radio == [first]
