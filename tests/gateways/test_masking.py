"""What is shown of JSON that is said to a gateway: everything but its secrets, however they are spelled there."""

from host.transport.masking import Masking
from tests.gateways.dialects import open_gateway, part

INFOBIP = """<gateway id="infobip" dialect="infobip" hostname="127.0.0.1">
<parameter name="api-key" value="k3y-of-infobip"/><parameter name="entityId" value='se"cret'/>
<parameter name="callback-url" value="https://sms.example.org/in?token=t0ken-of-ours"/></gateway>"""


def test_secrets_in_json_are_not_shown() -> None:
    gateway = open_gateway(INFOBIP)
    request = next(gateway.send(part("café")))
    said = request.body.decode()
    assert ("t0ken-of-ours" in said, 'se\\"cret' in said) == (True, True)
    shown = Masking(gateway).request(request)
    assert ("t0ken" in shown, "cret" in shown, "café" in shown) == (False, False, True)


def test_a_secret_that_an_answer_gives_back_is_not_shown() -> None:
    masking = Masking(open_gateway(INFOBIP))
    shown = masking.start(r'{"url":"https:\/\/sms.example.org\/in?token=t0ken-of-ours"}')
    assert shown == '{"url":"***"}'
