"""`smshost kannel-config`: what it writes, and what it refuses to write."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from host.cli import main
from tests.smsc import page

SECRETS = ("PASSWORD-OF-SMSC", "PASSWORD-OF-SENDSMS", "SECRET-OF-KANNEL")


def configured(directory: Path, *replaced: tuple[str, str]) -> Path:
    """The page's files, its secrets short enough for SMPP, with something replaced in all of them."""
    directory.mkdir(exist_ok=True)
    names = ("SMSConfig.xml", "authenticationConfig.xml", "worklight.properties")
    files = dict(zip(names, page.excerpts(), strict=True))
    for old, new in (*replaced, ("PASSWORD-OF-SMSC", "passw0rd")):
        files = {name: text.replace(old, new) for name, text in files.items()}
    for name, text in files.items():
        (directory / name).write_text(text, encoding="utf-8")
    return directory


def run(directory: Path, *arguments: str) -> Result:
    return CliRunner().invoke(
        main, ["kannel-config", "--config", str(directory), "--output", str(directory / "kannel.conf"), *arguments]
    )


def test_the_page_has_no_problem(tmp_path: Path) -> None:
    ended = CliRunner().invoke(main, ["check", "--config", str(configured(tmp_path))])
    assert ended.output == "no problems\n"


def test_the_page_gives_a_whole_file(tmp_path: Path) -> None:
    ended = run(configured(tmp_path), "--spool", "/var/spool/kannel", "--smsbox-port", "14001")
    assert ended.output == f'{tmp_path}/kannel.conf: Kannel for gateway "operator", smpp\n'
    written = (tmp_path / "kannel.conf").read_text(encoding="ascii")
    assert re.sub(r"(admin-password = )[0-9a-f]{64}", r"\1RANDOM", written) == EXPECTED


EXPECTED = """\
# Written by smshost kannel-config from SMSConfig.xml: write it again instead of editing it.

group = core
admin-port = 13000
admin-interface = 127.0.0.1
admin-password = RANDOM
admin-deny-ip = *.*.*.*
smsbox-port = 14001
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
box-deny-ip = *.*.*.*
store-type = spool
store-location = "/var/spool/kannel/texts"
dlr-storage = spool
dlr-spool = "/var/spool/kannel/reports"
sms-combine-concatenated-mo = true

group = smsc
smsc = smpp
smsc-id = operator
host = 10.20.30.40
port = 2775
smsc-username = bookstore
smsc-password = passw0rd
reconnect-delay = 5
transceiver-mode = true
system-type = ""
interface-version = 34
enquire-link-interval = 30
max-pending-submits = 10
source-addr-autodetect = true

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = 14001
sendsms-port = 13013
sendsms-interface = 127.0.0.1
sendsms-url = "/cgi-bin/sendsms"
http-request-retry = 8640
http-queue-delay = 10
max-pending-requests = 8

group = sendsms-user
username = smshost
password = PASSWORD-OF-SENDSMS
user-allow-ip = 127.0.0.1
user-deny-ip = *.*.*.*
max-messages = 255
concatenation = true

group = sms-service
keyword = default
catch-all = true
max-messages = 0
get-url = "http://kannel:SECRET-OF-KANNEL@127.0.0.1:8080/context/receiveSMS/operator?from=%p&to=%P&text=%b&id=%I&ts=%T&smsc=%i&coding=%c&charset=%C"
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("=PASSWORD-OF-SENDSMS", '=a"b-and-more', '<parameter name="password"/> cannot be written into kannel.conf'),
        ("=PASSWORD-OF-SENDSMS", "=a\\nsmsc = fake", '<parameter name="password"/> cannot be written'),
        ("=PASSWORD-OF-SENDSMS", "=pässwörd", '<parameter name="password"/> cannot be written'),
        ("=PASSWORD-OF-SMSC", '=a"b', '<parameter name="smsc-password"/> cannot be written'),
        ("=PASSWORD-OF-SMSC", "=", '<parameter name="smsc-password"/> is missing: smpp logs in'),
        ("kannel:$", "other:$", "does not bring what authenticationConfig.xml asks for: resource"),
        ("8080/context", "8080/elsewhere", "leads elsewhere: its path is /context/receiveSMS/operator"),
        ("=SECRET-OF-KANNEL", "=secret%20of-kannel", "has a credential that Kannel would misread"),
        ('name="callback-url"', 'name="other"', '<parameter name="callback-url"/> is missing'),
        ('hostname="127.0.0.1"', 'hostname="kannel.example.org"', "this writes a Kannel on this machine"),
        ('port="13013"', 'port="13013" toParamName="phone"', 'sendsms takes "to" and "text"'),
        ('dialect="smsc" protocol="smpp"', 'dialect="kannel"', 'gateways with dialect="smsc": none'),
    ],
)
def test_what_would_not_work_is_refused(old: str, new: str, said: str, tmp_path: Path) -> None:
    ended = run(configured(tmp_path, (old, new)))
    assert (ended.exit_code, said in ended.output) == (1, True), ended.output
    assert not (tmp_path / "kannel.conf").exists()
    assert [secret for secret in SECRETS if secret in ended.output] == []


def test_it_replaces_its_own_file_and_no_other(tmp_path: Path) -> None:
    configured(tmp_path)
    output = tmp_path / "kannel.conf"
    output.write_text("group = core\n", encoding="ascii")
    assert "was not written by this command" in run(tmp_path).output
    output.unlink()
    assert [run(tmp_path).exit_code, run(tmp_path).exit_code] == [0, 0]
    assert output.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir() if "kannel" in each.name] == ["kannel.conf"]


def test_of_several_gateways_one_is_named(tmp_path: Path) -> None:
    configured(tmp_path)
    file = tmp_path / "SMSConfig.xml"
    text = file.read_text(encoding="utf-8")
    element = text[text.index("<gateway") : text.index("</config>")]
    file.write_text(f"<config>{element}{element.replace('operator', 'second')}</config>", encoding="utf-8")
    assert 'name a gateway; gateways with dialect="smsc": operator, second' in run(tmp_path).output
    assert 'no such gateway "third"' in run(tmp_path, "third").output
    assert run(tmp_path, "operator").exit_code == 0
