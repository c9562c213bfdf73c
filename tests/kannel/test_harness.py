"""The harness against a recorder: what Kannel asks for an MO, what arrives of an MT, which reports come back."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kannel.fakesmsc import Text, fits_gsm7
from tests.kannel.harness import DLR_PARAMETERS, Kannel, with_parameters
from tests.kannel.phone import FakePhone
from tests.kannel.recorder import Asked, Recorder
from tests.programs import DeadlinePassed, Program, ProgramDied, wait_for

pytestmark = pytest.mark.kannel

MO = "/context/receiveSMS"
DLR = "/context/reports"
PHONE = "+15550100"
GSM7_LONG = ("All café prices in €, [net] ~ 10 % off & more; " * 10)[:400]
CYRILLIC_LONG = ("Привет, РЫНОК! " * 30)[:400]
EMOJI_LONG = "sub 😀🐫 " * 30


def asked(recorder: Recorder, path: str, number: int = 1) -> list[Asked]:
    """The requests for a path once there are `number` of them."""

    def enough() -> list[Asked]:
        found = recorder.at(path)
        return found if len(found) >= number else []

    return wait_for(enough, f"{number} x {path}")


def only_text(phone: FakePhone) -> Text:
    """The one text that arrived at the phones."""
    (text,) = phone.wait_for(lambda received: received)
    return text


def test_mo_query_and_credentials(kannel: Kannel, phone: FakePhone, recorder: Recorder) -> None:
    phone.send(PHONE, kannel.number, "sub weather")
    (request,) = asked(recorder, MO)
    identifier = request.query["id"]
    assert request.target == (
        f"{MO}?from=%2B15550100&to=26161&text=sub+weather&keyword=sub&id={identifier}&charset=UTF-8&coding=0"
    )
    assert len(identifier) == 36
    assert (request.headers["Authorization"], request.headers["User-Agent"]) == (
        "Basic Z3cxOnMzY3JldA==",
        "Kannel/1.4.5",
    )


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        ("Hello café €", "UTF-8"),
        ("  two  spaces  ", "UTF-8"),
        ("100% [a]{b}~ +&= \"q\" 'x' %41", "UTF-8"),
        (GSM7_LONG, "UTF-8"),
        ("Привет, РЫНОК", "UTF-16BE"),
        ("sub 😀🐫", "UTF-16BE"),
        ("two\nlines", "UTF-16BE"),
        (CYRILLIC_LONG, "UTF-16BE"),
        (EMOJI_LONG, "UTF-16BE"),
    ],
)
def test_mo_arrives_intact(text: str, charset: str, kannel: Kannel, phone: FakePhone, recorder: Recorder) -> None:
    phone.send(PHONE, kannel.number, text)
    (request,) = asked(recorder, MO)
    assert (request.text, request.query["charset"]) == (text, charset)


def test_keyword_of_a_ucs2_mo_is_cut_inside_a_character(kannel: Kannel, phone: FakePhone, recorder: Recorder) -> None:
    phone.send(PHONE, kannel.number, "sub 😀")
    phone.send(PHONE, kannel.number, "РЕЧЬ")
    keywords = {request.text: request.octets["keyword"] for request in asked(recorder, MO, 2)}
    assert keywords == {"sub 😀": b"\0s\0u\0b\0", "РЕЧЬ": b"\x04"}


def test_mo_parts_arrive_as_one(kannel: Kannel, phone: FakePhone, recorder: Recorder) -> None:
    phone.send_in_parts(PHONE, kannel.number, GSM7_LONG)
    phone.send(PHONE, kannel.number, "after")
    texts = {request.text for request in asked(recorder, MO, 2)}
    assert texts == {GSM7_LONG, "after"}


def test_binary_mo(kannel: Kannel, phone: FakePhone, recorder: Recorder) -> None:
    phone.send_data(PHONE, kannel.number, b"\x00\xff+ \n")
    (request,) = asked(recorder, MO)
    assert (request.octets["text"], request.query["charset"], request.query["coding"]) == (
        b"\x00\xff+ \n",
        "8-BIT",
        "1",
    )


def test_mo_is_asked_again_after_an_error(kannel: Kannel, phone: FakePhone, recorder: Recorder) -> None:
    recorder.status = 503
    phone.send(PHONE, kannel.number, "sub")
    asked(recorder, MO)
    recorder.status = 200
    first, second = asked(recorder, MO, 2)
    assert first.target == second.target


@pytest.mark.parametrize("size", [232, 233, 234, 235, 488, 489, 490])
def test_line_across_reads_of_fakesmsc(size: int, kannel: Kannel, phone: FakePhone, recorder: Recorder) -> None:
    phone.send(PHONE, kannel.number, "x" * size)
    assert asked(recorder, MO)[0].text == "x" * size


@pytest.mark.parametrize(
    ("text", "kind", "parts"),
    [
        ("Hello café €", "text", 1),
        ("two\nlines and\nthree", "text", 1),
        ("x" * 160, "text", 1),
        (GSM7_LONG, "udh", 3),
        ("Привет, РЫНОК", "ucs-2", 1),
        ("sub 😀🐫", "ucs-2", 1),
        (CYRILLIC_LONG, "udh", 6),
        (EMOJI_LONG, "udh", 5),
    ],
)
def test_mt_arrives_intact(text: str, kind: str, parts: int, kannel: Kannel, phone: FakePhone) -> None:
    coding: dict[str, str | int] = {} if fits_gsm7(text.replace("\n", "")) else {"coding": 2, "charset": "UTF-8"}
    assert kannel.submit(PHONE, text, **coding) == (202, "0: Accepted for delivery")
    assert only_text(phone) == Text(kannel.number, PHONE, text, kind, parts)


def test_delivery_reports_come_in_either_order(kannel: Kannel, phone: FakePhone, recorder: Recorder) -> None:
    url = with_parameters(f"http://gw1:s3cret@127.0.0.1:{recorder.port}{DLR}", "ours=7&" + DLR_PARAMETERS)
    kannel.submit(PHONE, "Hello", dlr_mask=31, dlr_url=url)
    reports = {request.query["type"]: request for request in asked(recorder, DLR, 2)}
    assert {
        kind: {name: value for name, value in report.query.items() if name != "fid"} for kind, report in reports.items()
    } == {
        "8": {"ours": "7", "type": "8", "reply": "ACK/", "from": PHONE, "to": kannel.number},
        "1": {"ours": "7", "type": "1", "reply": "", "from": PHONE, "to": kannel.number},
    }
    assert {report.headers["Authorization"] for report in reports.values()} == {"Basic Z3cxOnMzY3JldA=="}


def test_reports_of_a_long_text_come_once(kannel: Kannel, phone: FakePhone, recorder: Recorder) -> None:
    url = with_parameters(f"http://127.0.0.1:{recorder.port}{DLR}", DLR_PARAMETERS)
    kannel.submit(PHONE, GSM7_LONG, dlr_mask=31, dlr_url=url)
    kannel.submit(PHONE, "after", dlr_mask=1, dlr_url=f"http://127.0.0.1:{recorder.port}/after")
    asked(recorder, "/after")
    assert sorted(request.query["type"] for request in asked(recorder, DLR, 2)) == ["1", "8"]


def test_report_is_asked_again_after_an_error(kannel: Kannel, phone: FakePhone, recorder: Recorder) -> None:
    recorder.status = 503
    kannel.submit(PHONE, "Hello", dlr_mask=1, dlr_url=f"http://127.0.0.1:{recorder.port}{DLR}?type=%d")
    asked(recorder, DLR)
    recorder.status = 200
    assert [request.target for request in asked(recorder, DLR, 2)] == [f"{DLR}?type=1"] * 2


def test_refusals_of_sendsms(kannel: Kannel) -> None:
    known = {"username": kannel.username, "password": kannel.password, "text": "x"}
    assert [
        kannel.sendsms(username="mfp", password="wrong", to=PHONE, text="x"),
        kannel.sendsms(**known),
        kannel.sendsms(**known, to=""),
    ] == [
        (403, "Authorization failed for sendsms"),
        (400, "Missing receiver number, rejected"),
        (400, "Empty receiver number not allowed, rejected"),
    ]


def test_text_waits_for_a_phone(kannel: Kannel) -> None:
    assert kannel.submit(PHONE, "early") == (202, "3: Queued for later delivery")
    with FakePhone(kannel) as phone:
        assert only_text(phone).text == "early"


def test_settled_shows_that_nothing_came(kannel: Kannel, phone: FakePhone) -> None:
    assert phone.settled() == []
    kannel.submit(PHONE, "Hello")
    assert [text.text for text in phone.settled()] == ["Hello"]


def test_nothing_listens_beyond_loopback(kannel: Kannel) -> None:
    ports = {kannel.admin_port, kannel.smsbox_port, kannel.smsc_port, kannel.sendsms_port}
    assert listening_addresses(ports) == {("0100007F", port) for port in ports}


def listening_addresses(ports: set[int]) -> set[tuple[str, int]]:
    """(address as the kernel's hexadecimal, port) of the listening TCP sockets on these ports; state 0A is LISTEN."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for row in Path(table).read_text().splitlines()[1:]:
            address, port = row.split()[1].split(":")
            if row.split()[3] == "0A" and int(port, 16) in ports:
                found.add((address, int(port, 16)))
    return found


def test_a_box_that_cannot_start_shows_its_log(tmp_path: Path, kannel: Kannel) -> None:
    second = Kannel(tmp_path, "http://127.0.0.1:1/")
    second.smsc_port = kannel.smsc_port
    with pytest.raises(ProgramDied, match=r"(?s)bearerbox ended with status .*Failed to create fake smsc"), second:
        pass


def test_a_late_program_shows_its_log(tmp_path: Path) -> None:
    program = Program("late", [sys.executable, "-c", "print('not yet', flush=True); input()"], tmp_path)
    with program:
        program.wait_for(lambda: program.log, "its first line")
        with pytest.raises(DeadlinePassed, match=r"(?s)0\.02 s for godot; late said last:\nnot yet"):
            program.wait_for(lambda: False, "godot", deadline=0.02)


def test_several_kannels_side_by_side(start_kannel: Callable[..., Kannel], kannel: Kannel) -> None:
    other = start_kannel("http://127.0.0.1:1/", retries=0)
    assert other.sendsms_port != kannel.sendsms_port
    assert "http-request-retry = 0\n" in other.configuration
