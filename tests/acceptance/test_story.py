"""The story of one phone, told by a real host process and a gateway on loopback."""

from pathlib import Path

import pytest

from tests.hosts import BOOKSTORES, Host, gateway
from tests.programs import wait_for
from tests.sink import Sink

PHONE = "+15550001"


@pytest.mark.parametrize("adapters", BOOKSTORES.values(), ids=BOOKSTORES)
def test_a_phone_subscribes_hears_an_offer_and_ends_it(adapters: Path, tmp_path: Path) -> None:
    with Sink() as sink, Host(tmp_path, gateway("web", sink.port, programName="send"), adapters=adapters) as host:
        answer = host.post(**{"from": PHONE, "to": "26161", "text": "Sub"})
        assert (answer.status_code, answer.content, answer.headers["content-type"]) == (
            200,
            b"",
            "text/plain; charset=utf-8",
        )
        sink.wait_for(3, deadline=20)
        host.post(**{"from": PHONE, "to": "26161", "text": " unsub "})
        sink.wait_for(4)
    assert sink.accepted(PHONE) == [
        "Welcome to the bookstore! You will hear of our offers. Text unsub to stop.",
        "Offer: Moby-Dick for 9.00 instead of 12.00, 25% off.",
        "Offer: Middlemarch for 12.60 instead of 14.00, 10% off.",
        "You will hear no more of our offers. Goodbye!",
    ]


def test_the_url_is_as_the_template_says(tmp_path: Path) -> None:
    parameters = (("user", "a b"), ("raw", "%41+1"))
    element = gateway("web", 0, *parameters, programName="a/send", toParamName="number", textParamName="message")
    with Sink() as sink:
        element = element.replace('port="0"', f'port="{sink.port}"').replace(
            'value="%41+1"', 'value="%41+1" encode="false"'
        )
        with Host(tmp_path, element) as host:
            host.post(**{"from": PHONE, "message": "sub"})
            taken = sink.wait_for(1)[0]
    text = "Welcome%20to%20the%20bookstore%21%20You%20will%20hear%20of%20our%20offers.%20Text%20unsub%20to%20stop."
    assert taken.target == f"/a/send?number=%2B15550001&message={text}&user=a%20b&raw=%41+1"


@pytest.mark.parametrize("times", [1, 4])
def test_texts_to_one_phone_keep_their_order_while_the_gateway_refuses(tmp_path: Path, times: int) -> None:
    refused = {"left": times}

    def answer(parameters: dict[str, str]) -> int:
        refused["left"] -= 1
        return 503 if refused["left"] >= 0 else 200

    with (
        Sink() as sink,
        Host(tmp_path, gateway("web", sink.port), properties="smshost.sending.longestWaitSeconds=1") as host,
    ):
        sink.answer = answer
        host.post(**{"from": PHONE, "text": "sub"})
        host.post(**{"from": PHONE, "text": "sub"})
        host.post(**{"from": PHONE, "text": "unsub"})
        wait_for(lambda: len(sink.accepted(PHONE)) >= 3, "three texts", deadline=30)
    assert [text.split()[0] for text in sink.accepted(PHONE) if not text.startswith("Offer")] == [
        "Welcome",
        "You",
        "You",
    ]
    assert sink.accepted(PHONE)[-1] == "You will hear no more of our offers. Goodbye!"
