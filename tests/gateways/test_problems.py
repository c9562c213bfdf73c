"""What is wrong with a gateway's configuration beyond what the reader of the file knows."""

import pytest

from host.config.smsconfig import read_smsconfig
from host.gateways import open_gateways

KANNEL = '<gateway id="k" dialect="kannel" hostname="h">\n<parameter name="{}" value="{}"/></gateway>'
RAW = '<gateway id="g" hostname="h">\n<parameter name="raw" value="{}" encode="false"/></gateway>'
MASK = 'SMSConfig.xml:2: gateway "k": <parameter name="dlr-mask"/> is a sum of 1, 2, 4, 8, 16 and 32: write a whole number from 0 to 63'
URL = 'SMSConfig.xml:2: gateway "k": <parameter name="callback-url"/> is no address, or its secret has other than letters and digits: write https://HOST/context/receiveSMS/GATEWAY-ID'
AS_IT_IS = 'SMSConfig.xml:2: gateway "g": <parameter name="raw"/> goes out as it is: percent-encode its blanks, control characters and #'


JASMIN = """<gateway id="j" dialect="jasmin" hostname="h">
<parameter name="{}" value="{}"/><parameter name="username" value="u"/><parameter name="password" value="p"/></gateway>"""
LEVEL = 'SMSConfig.xml:2: gateway "j": <parameter name="dlr-level"/> is one of 1, 2, 3'
CODING = 'SMSConfig.xml:2: gateway "j": <parameter name="coding-0"/> is one of auto, utf-8, gsm-7, iso-8859-1'
TELNYX = """<gateway id="t" dialect="telnyx" hostname="h">
<parameter name="{}" value="{}"/><parameter name="api-key" value="k"/></gateway>"""
KEY = 'SMSConfig.xml:2: gateway "t": <parameter name="public-key"/> is no Ed25519 key: write its 32 bytes in base64'
HTTPSMS = """<gateway id="h" dialect="httpsms" hostname="h">
<parameter name="signing-key" value="{}"/><parameter name="api-key" value="k"/><parameter name="from" value="+1"/></gateway>"""
SHORT = 'SMSConfig.xml:2: gateway "h": <parameter name="signing-key"/> is too short for HS256: give the webhook one of 32 characters'


@pytest.mark.parametrize(
    ("element", "problems"),
    [
        (JASMIN.format("dlr-level", "2"), []),
        (JASMIN.format("dlr-level", "4"), [LEVEL]),
        (JASMIN.format("coding-0", "gsm-7"), []),
        (JASMIN.format("coding-0", "gsm7"), [CODING]),
        (TELNYX.format("public-key", "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="), []),
        (TELNYX.format("public-key", "A6EHv"), [KEY]),
        (TELNYX.format("public-key", "QUJD"), [KEY]),
        (HTTPSMS.format("k" * 32), []),
        (HTTPSMS.format(""), []),
        (HTTPSMS.format("k" * 31), [SHORT]),
        (KANNEL.format("dlr-mask", "0"), []),
        (KANNEL.format("dlr-mask", "63"), []),
        (KANNEL.format("dlr-mask", "abc"), [MASK]),
        (KANNEL.format("dlr-mask", "64"), [MASK]),
        (KANNEL.format("dlr-mask", "-1"), [MASK]),
        (KANNEL.format("dlr-mask", ""), [MASK]),
        (KANNEL.format("callback-url", "https://u:p%40@[::1]:8080/context/receiveSMS/k?key=x"), []),
        (KANNEL.format("callback-url", ""), []),
        (KANNEL.format("callback-url", "not a url"), [URL]),
        (KANNEL.format("callback-url", "127.0.0.1:8080/context"), [URL]),
        (KANNEL.format("callback-url", "http://"), [URL]),
        (KANNEL.format("callback-url", "http://h:port/"), [URL]),
        (KANNEL.format("callback-url", "http://h/a b"), [URL]),
        (KANNEL.format("callback-url", "http://h/#a"), [URL]),
        (KANNEL.format("callback-url", "http://k:p@w@h/"), [URL]),
        (KANNEL.format("callback-url", "http://k:p%w@h/"), [URL]),
        (KANNEL.format("callback-url", "http://k:pä@h/"), [URL]),
        (KANNEL.format("callback-url", "http://k:p%40w@h/"), []),
        (RAW.format("%41+1&amp;b=2"), []),
        (RAW.format("a b"), [AS_IT_IS]),
        (RAW.format("a#b"), [AS_IT_IS]),
        (RAW.format("a&#10;b"), [AS_IT_IS]),
        (RAW.format("a&#127;b"), [AS_IT_IS]),
        ('<gateway id="g" hostname="h" textParamName="x" fromParamName="x"/>',
         ['SMSConfig.xml:1: gateway "g": textParamName and fromParamName are both "x", and a text comes in under both: '
          "give them different names"]),
        ('<gateway id="g" hostname="h" toParamName="text"/>',
         ['SMSConfig.xml:1: gateway "g": toParamName and textParamName are both "text", and a text goes out under both: '
          "give them different names"]),
        ('<gateway id="g" hostname="h" toParamName="number" fromParamName="number"/>', []),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_line_without_the_value(element: str, problems: list[str]) -> None:
    configs, found = read_smsconfig(f"<config>{element}</config>".encode(), "SMSConfig.xml", {})
    assert found == []
    assert [str(problem) for problem in open_gateways(configs)[1]] == problems
