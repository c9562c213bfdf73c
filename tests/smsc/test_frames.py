"""Our SMSCs speak their protocols: frames whose length and checksum were reckoned by others."""

import pytest

from tests.kannel.fakesmsc import GSM7_BASIC, GSM7_EXTENSION
from tests.smsc import cimd2, gsm7, ucp

UCP = [
    "00/00050/O/60/user1/6/5/1/7061737331//0100//////4D",
    "00/00032/R/60/A/Authenticated/AB",
    "01/00027/O/31/user1/0539/E8",
    "02/00070/O/51/2555/8338//1//7/////////////3//68656C6C6F/////////////62",
    "02/00037/R/51/A//2555:201126072837/10",
    "07/00074/O/52/8338/2555/////////////201126072837////3//6869/////////////01",
    "08/00086/O/53/8338/2555/////////////201126072837/0/000/201126072840/3///////////////4A",
]
CIMD2 = [
    "01:001\t010:foo\t011:bar\t59",
    "51:001\t3C",
    "03:003\t021:2555\t023:8338\t033:hello\t056:6\t91",
]


@pytest.mark.parametrize("frame", UCP)
def test_ucp_frames(frame: str) -> None:
    number, _, kind, operation, *fields, _ = frame.split("/")
    assert ucp.message(int(number), kind, operation, *fields) == frame


@pytest.mark.parametrize("frame", CIMD2)
def test_cimd2_frames(frame: str) -> None:
    operation, number, given = cimd2.read(frame)
    assert cimd2.message(operation, number, *given.items()) == frame


def test_gsm7_and_cimd2s_spelling_of_it_lose_nothing() -> None:
    text = GSM7_BASIC + GSM7_EXTENSION + "\r\n\f"
    octets = gsm7.encode(text)
    assert (gsm7.decode(octets), cimd2.meant(cimd2.spelled(octets))) == (text, text)
    assert octets[:3] == b"\0\1\2"
