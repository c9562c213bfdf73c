"""The notes of `smshost check`: what may be meant so, keeps nothing from starting, and is worth a look."""

import re
from base64 import b64encode
from pathlib import Path

import pytest

from host.checking import look
from host.gateways import DIALECTS
from host.options import Options
from tests.adapters.folders import write_adapter
from tests.hosts import HEADER, REPOSITORY, Door, Host, gateway, opened

SIGNED: Door = (HEADER, "smshost.GatewaySignatureLoginModule", {})
SECRET = "smshost.SharedSecretLoginModule"
KEY: Door = (HEADER, SECRET, {"parameter": "key", "secret": "12345678"})
TEXT: Door = (HEADER, SECRET, {"parameter": "text", "secret": "12345678"})
TWILIO = (("account-sid", "AC" + "0" * 32), ("from", "+15005550006"))
PUBLIC_KEY = b64encode(bytes(32)).decode()
KEYLESS = (*TWILIO, ("api-key", "SK" + "0" * 32), ("api-secret", "secret-of-the-api-key"))


def noted(host: Host) -> list[str]:
    """What it notes, without the folder; it must find no problem."""
    findings = look(Options(host.directory / "config", host.adapters, "sqlite://"))
    assert findings.all_problems == []
    return [str(each).replace(f"{host.directory}/", "") for each in findings.notes]


@pytest.mark.parametrize(
    ("door", "element", "note"),
    [
        (KEY, gateway("web", 9), ""),
        (
            SIGNED,
            gateway("web", 9),
            'nobody is heard at /receiveSMS/web, because its security test "web" asks for a signature, and dialect '
            '"generic" has none: docs/reference/dialects/generic.md',
        ),
        (SIGNED, gateway("web", 9, *TWILIO, ("auth-token", "token-of-the-account"), dialect="twilio"), ""),
        (
            SIGNED,
            gateway("web", 9, *KEYLESS, dialect="twilio"),
            'nobody is heard at /receiveSMS/web, because its security test "web" asks for a signature, and what it is '
            "checked with is not set: docs/reference/dialects/twilio.md",
        ),
        (SIGNED, gateway("web", 9, ("api-key", "1"), ("public-key", PUBLIC_KEY), dialect="telnyx"), ""),
        (
            SIGNED,
            gateway("web", 9, ("api-key", "1"), dialect="telnyx"),
            'nobody is heard at /receiveSMS/web, because its security test "web" asks for a signature, and what it is '
            "checked with is not set: docs/reference/dialects/telnyx.md",
        ),
    ],
)
def test_a_signature_that_can_never_be_right(tmp_path: Path, door: Door, element: str, note: str) -> None:
    found = noted(Host(tmp_path, element, opened({"web": door})))
    assert found == ([f'config/SMSConfig.xml:1: gateway "web": {note}'] if note else [])


@pytest.mark.parametrize(
    ("parameters", "notes"),
    [
        ((("username", "u"), ("password", "p"), ("from", "26161"), ("validity", "60"), ("dlr-mask", "31")), []),
        (
            (("callbackUrl", "http://h/"), ("dlrmask", "31")),
            [
                '<parameter name="callbackUrl"/> is sent with every text, for dialect "kannel" does not know it; did you '
                'mean "callback-url"?',
                '<parameter name="dlrmask"/> is sent with every text, for dialect "kannel" does not know it; did you '
                'mean "dlr-mask"?',
            ],
        ),
        ((("callback-url", "http://k:secret12@h/context/receiveSMS/web"),), []),
        (
            (("callback-url", "http://k:secret12@h/context/receiveSMS/wab"),),
            ['<parameter name="callback-url"/> brings the reports to gateway "wab": write /receiveSMS/web in it'],
        ),
    ],
)
def test_parameters_of_a_dialect(tmp_path: Path, parameters: tuple[tuple[str, str], ...], notes: list[str]) -> None:
    found = noted(Host(tmp_path, gateway("web", 9, *parameters, dialect="kannel"), opened({"web": KEY})))
    assert found == [f"config/SMSConfig.xml:1: {each}" for each in notes]


def test_a_parameter_of_the_dialect_that_is_given_twice(tmp_path: Path) -> None:
    mask = '<parameter name="dlr-mask" value="1"/>'
    element = gateway("web", 9, dialect="kannel").replace("</gateway>", f"{mask}\n{mask}</gateway>")
    told = '<parameter name="dlr-mask"/> is given 2 times: keep one'
    assert noted(Host(tmp_path, element, opened({"web": KEY}))) == [
        f"config/SMSConfig.xml:{line}: {told}" for line in (1, 2)
    ]


def secret_of(name: str) -> str:
    """As long as tokens want it, and as short as SMPP does."""
    return "a" * (8 if name.startswith("smsc.") else 32)


@pytest.mark.parametrize("name", DIALECTS)
def test_the_configuration_on_a_dialects_page_has_none(name: str, tmp_path: Path) -> None:
    page = (REPOSITORY / "docs/reference/dialects" / f"{name}.md").read_text(encoding="utf-8")
    elements = re.findall(r"^<(?:sms:)?config\b.*?</(?:sms:)?config>", page, re.MULTILINE | re.DOTALL)
    (access,) = re.findall(r"^<(?:tns:)?loginConfiguration\b.*?Configuration>", page, re.MULTILINE | re.DOTALL)
    names = set(re.findall(r"\$\{([^}]*)\}", page))
    host = Host(tmp_path, "", access, "".join(f"{each}={secret_of(each)}\n" for each in names))
    for element in elements:
        (tmp_path / "config" / "SMSConfig.xml").write_text(element, encoding="utf-8")

        assert [each for each in noted(host) if "SMSConfig.xml does not have" not in each] == []


def test_a_secret_in_the_place_of_the_text(tmp_path: Path) -> None:
    assert noted(Host(tmp_path, gateway("web", 9), opened({"web": TEXT}))) == [
        'config/SMSConfig.xml:1: gateway "web" brings texts with the parameter "text", which its security test "web" '
        "takes for a secret: give the secret another name"
    ]


@pytest.mark.parametrize(
    ("pattern", "note"),
    [
        ("/receiveSMS/web", ""),
        ("/receiveSMS/we*", ""),
        ("/receiveSMS/*", ""),
        ("/receiveSMS/web/report", ""),
        (
            "/receiveSMS/wab",
            'for a gateway "wab", which SMSConfig.xml does not have (it has: web); did you mean "web"?',
        ),
        (
            "/receiveSMS/we/*",
            'for a gateway "we", which SMSConfig.xml does not have (it has: web); did you mean "web"?',
        ),
    ],
)
def test_a_pattern_for_a_gateway_that_is_not_there(tmp_path: Path, pattern: str, note: str) -> None:
    access = opened({"web": KEY}).replace("/receiveSMS/web<", f"{pattern}<")
    expected = [f'config/authenticationConfig.xml:1: the pattern "{pattern}" is {note}'] if note else []
    assert noted(Host(tmp_path, gateway("web", 9), access)) == expected


@pytest.mark.parametrize(
    ("properties", "keys"),
    [
        ("publicWorkLightHostname=sms.example.com\npublicWorkLightProtocol=https\npublicWorkLightPort=8443\n", []),
        ("publicWorkLightProtocol=https\n", ["publicWorkLightProtocol"]),
        ("publicWorkLightPort=8443\n", ["publicWorkLightPort"]),
    ],
)
def test_half_a_public_address(tmp_path: Path, properties: str, keys: list[str]) -> None:
    found = noted(Host(tmp_path, gateway("web", 9), opened({"web": KEY}), properties))
    told = "counts together with publicWorkLightHostname alone: set that, too"
    assert [each.partition(": ")[2] for each in found] == [f"{key} {told}" for key in keys]


def test_files_that_look_like_adapters_and_are_none(tmp_path: Path) -> None:
    folder = tmp_path / "adapters"
    write_adapter(folder, "whole", "")
    for name in ("whole/whole-impl.js", "loose.py", "books-impl.js", "books.xml", "notes.txt", "books.xml.orig"):
        (folder / name).touch()
    told = "it is not read: an adapter is a folder, move it to"
    host = Host(tmp_path, gateway("web", 9), opened({"web": KEY}), adapters=folder)
    assert [each.replace(f"{tmp_path}/", "") for each in noted(host)] == [
        f"adapters/books-impl.js: {told} adapters/books/books-impl.js",
        f"adapters/books.xml: {told} adapters/books/books.xml",
        f"adapters/loose.py: {told} adapters/loose/__init__.py",
        "adapters/whole/whole-impl.js: it is not read: the __init__.py beside it is the adapter; remove one of them",
    ]
