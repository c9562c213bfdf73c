"""The three files as a whole: what is missing, what is wrong in all of them at once, and the files that we ship."""

import os
from pathlib import Path

import pytest
from lxml import etree

from host.config import Configuration, load_configuration, read_configuration
from host.config.authconfig import AuthConfig, read_authconfig
from host.config.smsconfig import read_smsconfig
from host.errors import ConfigurationError

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "config"

GATEWAYS = b"""<config>
  <gateway id="a" hostname="${gateway.host}"/>
</config>"""


def read(files: dict[str, bytes], environ: dict[str, str] | None = None) -> Configuration:
    configuration, problems = read_configuration(files, environ or {})
    assert problems == []
    return configuration


def load_problems(directory: Path) -> list[str]:
    with pytest.raises(ConfigurationError) as raised:
        load_configuration(directory, {})
    assert str(raised.value).splitlines() == [str(problem) for problem in raised.value.problems]
    return [str(problem) for problem in raised.value.problems]


def test_no_files_are_defaults_no_gateways_and_nobody_let_in() -> None:
    configuration = read({})
    assert configuration.settings.context_root == "/context"
    assert (dict(configuration.properties), configuration.gateways, configuration.auth) == ({}, (), AuthConfig())


def test_the_last_part_of_a_path_says_which_file_it_is() -> None:
    files = {
        "x/worklight.properties": b"gateway.host=${env:HOST}",
        "y/SMSConfig.xml": GATEWAYS,
        "z/authenticationConfig.xml": b"<loginConfiguration/>",
        "x/unknown.xml": b"<",
    }
    configuration = read(files, {"HOST": "api.example.com"})
    assert [(each.hostname, str(each.place)) for each in configuration.gateways] == [
        ("api.example.com", "y/SMSConfig.xml:2")
    ]


def test_loads_a_folder(tmp_path: Path) -> None:
    (tmp_path / "SMSConfig.xml").write_bytes(GATEWAYS)
    (tmp_path / "worklight.properties").write_text("gateway.host=h")
    (tmp_path / "notes.txt").write_text("nothing to do with it")
    configuration = load_configuration(tmp_path, {})
    assert [each.hostname for each in configuration.gateways] == ["h"]


def test_five_mistakes_in_a_folder_are_those_five_with_file_and_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = Path("config")
    folder.mkdir()
    (folder / "worklight.properties").write_text("# mine\nsmshost.handling.treads=3\nmy.url=${my.host}/x\n")
    (folder / "SMSConfig.xml").write_text('<config>\n\n<gateway id="a" hostname="http://h"/>\n</config>')
    (folder / "authenticationConfig.xml").write_text(
        """<loginConfiguration>
<staticResources>
  <resource id="r" securityTest="Nowhere"><urlPatterns>/receiveSMS*</urlPatterns></resource>
</staticResources>
<securityTests>
  <customSecurityTest name="t"/>
</securityTests>
</loginConfiguration>"""
    )
    assert load_problems(folder) == [
        'config/SMSConfig.xml:3: hostname="http://h": write "h" alone, and separately its protocol "http"',
        'config/authenticationConfig.xml:3: securityTest="Nowhere" is not defined in this file, outside comments',
        "config/authenticationConfig.xml:6: <customSecurityTest> tests nothing: "
        'write at least one <test realm="..."/> in it',
        'config/worklight.properties:2: "smshost.handling.treads" is no setting of this host; '
        'did you mean "smshost.handling.threads"?',
        'config/worklight.properties:3: "${my.host}" is not defined in this file',
    ]


def test_what_could_be_read_is_given_beside_the_problems() -> None:
    files = {
        "worklight.properties": b"smshost.display.timezone=Europe/Berlin\nsmshost.handling.threads=many\nword=sub",
        "SMSConfig.xml": b'<config><gateway id="a" hostname="h" port="http"/><gateway id="b" hostname="h"/></config>',
        "authenticationConfig.xml": b"<",
    }
    configuration, problems = read_configuration(files, {})
    assert [str(problem.place) for problem in problems] == [
        "SMSConfig.xml:1",
        "authenticationConfig.xml:1",
        "worklight.properties:2",
    ]
    assert (configuration.settings.timezone, configuration.settings.handling_threads) == ("Europe/Berlin", 8)
    assert (configuration.properties["word"], [each.id for each in configuration.gateways]) == ("sub", ["a", "b"])
    assert configuration.auth == AuthConfig()


def test_a_missing_folder_is_a_problem(tmp_path: Path) -> None:
    folder = tmp_path / "nowhere"
    assert load_problems(folder) == [f"{folder}: the folder cannot be read: No such file or directory"]


def test_a_file_that_cannot_be_read_is_a_problem_beside_the_others(tmp_path: Path) -> None:
    (tmp_path / "SMSConfig.xml").mkdir()
    (tmp_path / "authenticationConfig.xml").write_text("<")
    assert load_problems(tmp_path) == [
        f"{tmp_path}/SMSConfig.xml: the file cannot be read: Is a directory",
        f"{tmp_path}/authenticationConfig.xml:1: this is not well-formed XML: StartTag: invalid element name",
    ]


def test_a_file_whose_name_differs_in_case_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "smsconfig.xml").write_text("<config/>")
    assert load_problems(tmp_path) == [
        f"{tmp_path}/smsconfig.xml: the file's name differs in case: call it SMSConfig.xml"
    ]


def test_shipped_files_load_without_any_environment_and_are_closed() -> None:
    configuration = load_configuration(SHIPPED, {})
    assert [(each.id, each.hostname) for each in configuration.gateways] == [("myGateway", "")]
    assert dict(configuration.properties) == {
        "sms.keyword.subscribe": "sub",
        "sms.keyword.unsubscribe": "unsub",
        "sms.gateway.id": "*",
    }
    auth = configuration.auth
    assert [(each.id, each.security_test, each.patterns) for each in auth.resources] == [
        ("subscribeServlet", "SubscribeServlet", ("/subscribeSMS*", "/receiveSMS*", "/ussd*"))
    ]
    assert [(each.name, each.login_module, each.class_name) for each in auth.realms] == [
        ("SubscribeServlet", "rejectAll", "com.worklight.core.auth.ext.HeaderAuthenticator")
    ]
    assert [(each.name, each.class_name) for each in auth.login_modules] == [
        ("rejectAll", "com.worklight.core.auth.ext.RejectingLoginModule")
    ]


def test_the_commented_settings_of_the_shipped_properties_can_be_uncommented() -> None:
    lines = (SHIPPED / "worklight.properties").read_text().splitlines()
    uncommented = [line[1:] if line.startswith("#") and line[1:2].islower() else line for line in lines]
    assert len([line for line in uncommented if "=" in line and not line.startswith("#")]) > 20
    read({"worklight.properties": "\n".join(uncommented).encode()}, {"CONSOLE_PASSWORD": "x"})


def uncomment(name: str) -> bytes:
    """The shipped file with the XML inside its comments made part of it."""
    text = (SHIPPED / name).read_text()
    for comment in etree.fromstring(text.encode()).iter(etree.Comment):
        inside = comment.text or ""
        if "\n\n" in inside:
            text = text.replace(f"<!--{inside}-->", inside.partition("\n\n")[2])
    return text.encode()


def test_the_commented_gateways_can_be_uncommented() -> None:
    properties = {"gateway.password": "p", "kannel.password": "p", "gateway.secret": "s"}
    data = uncomment("SMSConfig.xml").replace(b'id="myGateway" hostname=""', b'id="g1" hostname=""', 1)
    data = data.replace(b'<gateway id="myGateway" hostname="api', b'<gateway id="g2" hostname="api', 1)
    gateways, problems = read_smsconfig(data, "SMSConfig.xml", properties)
    assert problems == []
    assert [(each.id, each.dialect, each.protocol, each.method) for each in gateways] == [
        ("g1", "generic", "http", "GET"),
        ("g2", "generic", "https", "POST"),
        ("myGateway", "kannel", "http", "GET"),
    ]


def test_the_commented_ways_to_open_the_host_can_be_uncommented() -> None:
    data = uncomment("authenticationConfig.xml")
    auth, problems = read_authconfig(data, "authenticationConfig.xml", {"gateway.secret": "0123456789"})
    assert problems == []
    assert [each.name for each in auth.login_modules] == [
        "rejectAll",
        "sharedSecret",
        "signature",
        "fromNetwork",
        "namedByProxy",
        "consoleUser",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_read_permission_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "SMSConfig.xml"
    path.write_text("<config/>")
    path.chmod(0)
    assert load_problems(tmp_path) == [f"{path}: the file cannot be read: Permission denied"]


@pytest.mark.parametrize(
    ("gateways", "said"),
    [
        (b'<config><gateway id="a" hostname="h"/></config>', []),
        (b'<config><gateway id="b" hostname="h"/></config>', ["(it has: b)"]),
        (b"<config/>", ["(it has: none)"]),
        (b"<config><gateway/></config>", None),  # what is wrong there comes first
    ],
)
def test_the_gateway_of_web_subscriptions_is_one_that_there_is(gateways: bytes, said: list[str] | None) -> None:
    files = {"worklight.properties": b"\nsmshost.subscribe.gateway=a", "SMSConfig.xml": gateways}
    problems = [str(problem) for problem in read_configuration(files, {})[1]]
    wrong = 'worklight.properties:2: smshost.subscribe.gateway="a": SMSConfig.xml has no such gateway '
    if said is None:
        assert problems
        assert not any("smshost.subscribe.gateway" in problem for problem in problems)
    else:
        assert problems == [wrong + each for each in said]
