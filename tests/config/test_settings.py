"""The host's own settings: defaults, every kind's edges, misspelt keys, and secrets that stay secret."""

from dataclasses import fields
from ipaddress import ip_network
from typing import Any

import pytest

from host.config.kinds import Kind
from host.config.properties import read_properties
from host.config.settings import SETTINGS, Setting, Settings, _value, read_settings

FILE = "config/worklight.properties"


def read(text: str) -> tuple[Settings, list[str]]:
    properties, problems = read_properties(text.encode(), FILE, {})
    assert problems == []
    settings, found = read_settings(properties)
    return settings, [str(problem).removeprefix(FILE) for problem in found]


def test_defaults() -> None:
    settings, problems = read("")
    assert problems == []
    assert settings == Settings(
        context_root="/context",
        public_hostname="",
        public_protocol="http",
        public_port=0,
        proxy_enabled=False,
        proxy_protocol="http",
        proxy_host="",
        proxy_port=-1,
        proxy_user="",
        proxy_password="",
        console_username="",
        console_password="",
        region=None,
        max_body_bytes=65536,
        session_secret="",
        trusted_proxies=(),
        handling_threads=8,
        handling_attempts=5,
        handling_first_wait=1.0,
        handling_longest_wait=60.0,
        handling_limit=30.0,
        javascript_limit=10.0,
        javascript_memory=64,
        quarantine_texts=20,
        ussd_limit=5.0,
        ussd_failure="This service cannot answer at the moment. Please try again later.",
        subscribe_gateway="",
        reply_wait=5.0,
        sending_attempts=30,
        sending_first_wait=1.0,
        sending_longest_wait=600.0,
        circuit_failures=5,
        circuit_longest=30.0,
        reports_retry=86_400.0,
        invoke_http_max_bytes=5_000_000,
        invoke_http_ca_file="",
        timezone="UTC",
        polls_enabled=True,
    )


def test_every_attribute_is_one_row_of_the_table() -> None:
    assert [setting.attribute for setting in SETTINGS] == [field.name for field in fields(Settings)]
    assert len({setting.key for setting in SETTINGS}) == len(SETTINGS)


@pytest.mark.parametrize(
    ("text", "attribute", "value"),
    [
        ("contextRoot=/SMS2WayProject", "context_root", "/SMS2WayProject"),
        ("contextRoot=/a/b.c-d_e~1", "context_root", "/a/b.c-d_e~1"),
        ("contextRoot=", "context_root", "/context"),
        ("publicWorkLightHostname=sms.example.com", "public_hostname", "sms.example.com"),
        ("publicWorkLightProtocol=HTTPS", "public_protocol", "https"),
        ("publicWorkLightPort=10080", "public_port", 10080),
        ("publicWorkLightPort=", "public_port", 0),
        ("push.sms.proxy.port=-1", "proxy_port", -1),
        ("push.sms.proxy.port= 3128  ", "proxy_port", 3128),
        ("push.sms.proxy.password= p w ", "proxy_password", "p w "),
        ("smshost.phone.region=gb", "region", "GB"),
        ("smshost.receive.maxBodyBytes=1024", "max_body_bytes", 1024),
        ("smshost.trustedProxies=10.0.0.1", "trusted_proxies", (ip_network("10.0.0.1"),)),
        (
            "smshost.trustedProxies= 10.0.0.0/8,::1  192.168.0.0/16, ",
            "trusted_proxies",
            (ip_network("10.0.0.0/8"), ip_network("::1"), ip_network("192.168.0.0/16")),
        ),
        ("smshost.handling.threads=1", "handling_threads", 1),
        ("smshost.handling.limitSeconds=0.5", "handling_limit", 0.5),
        ("smshost.javascript.limitSeconds=0.5", "javascript_limit", 0.5),
        ("smshost.javascript.memoryMegabytes=8", "javascript_memory", 8),
        ("smshost.quarantine.texts=0", "quarantine_texts", 0),
        ("smshost.sending.firstWaitSeconds=0.25", "sending_first_wait", 0.25),
        ("smshost.sending.longestWaitSeconds=86400", "sending_longest_wait", 86400.0),
        ("smshost.sending.circuitFailures=1000", "circuit_failures", 1000),
        ("smshost.sending.circuitLongestSeconds=0.5", "circuit_longest", 0.5),
        ("smshost.reports.retrySeconds=0.5", "reports_retry", 0.5),
        ("smshost.invokeHttp.maxBodyBytes=1024", "invoke_http_max_bytes", 1024),
        ("smshost.invokeHttp.caFile=/dev/null", "invoke_http_ca_file", "/dev/null"),
        ("smshost.display.timezone=Europe/Berlin", "timezone", "Europe/Berlin"),
        ("smshost.polls.enabled=FALSE", "polls_enabled", False),
    ],
)
def test_values(text: str, attribute: str, value: object) -> None:
    settings, problems = read(text)
    assert (getattr(settings, attribute), problems) == (value, [])


ROOT = 'write a path such as /context: it starts with "/", and does not end with it'
NETWORKS = "write networks as in 10.0.0.0/8, separated by spaces or commas"
WAITS = "write a shorter first or a longer longest wait"


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("\ncontextRoot=context", [f':2: contextRoot="context": {ROOT}']),
        ("contextRoot=/", [f':1: contextRoot="/": {ROOT}']),
        ("contextRoot=/a/", [f':1: contextRoot="/a/": {ROOT}']),
        ("contextRoot=/a//b", [f':1: contextRoot="/a//b": {ROOT}']),
        ("contextRoot=/a/../b", [f':1: contextRoot="/a/../b": {ROOT}']),
        ("contextRoot=/..", [f':1: contextRoot="/..": {ROOT}']),
        ("contextRoot=/a b", [f':1: contextRoot="/a b": {ROOT}']),
        (
            "publicWorkLightHostname=https://sms.example.com",
            [
                ':1: publicWorkLightHostname="https://sms.example.com": write "sms.example.com" alone, '
                'and separately its protocol "https"'
            ],
        ),
        (
            "smshost.invokeHttp.caFile=/no",
            [':1: smshost.invokeHttp.caFile="/no": write the path of a file that can be read'],
        ),
        (
            "smshost.invokeHttp.caFile=/",
            [':1: smshost.invokeHttp.caFile="/": write the path of a file that can be read'],
        ),
        ("publicWorkLightProtocol=ftp", [':1: publicWorkLightProtocol="ftp": write http or https']),
        ("publicWorkLightPort=-1", [':1: publicWorkLightPort="-1": write a whole number from 0 to 65535']),
        (
            "smshost.phone.region=XX",
            [':1: smshost.phone.region="XX": write a region of two letters (ISO 3166), such as GB or US'],
        ),
        (
            "smshost.phone.region=001",
            [':1: smshost.phone.region="001": write a region of two letters (ISO 3166), such as GB or US'],
        ),
        (
            "smshost.receive.maxBodyBytes=64k",
            [':1: smshost.receive.maxBodyBytes="64k": write a whole number from 1024 to 100000000'],
        ),
        (
            "smshost.trustedProxies=10.0.0.1/8",
            [f':1: smshost.trustedProxies="10.0.0.1/8": 10.0.0.1/8 has host bits set; {NETWORKS}'],
        ),
        (
            "smshost.trustedProxies=10.0.0.1,proxy",
            [
                ":1: smshost.trustedProxies=\"10.0.0.1,proxy\": 'proxy' does not appear to be an IPv4 or IPv6 network; "
                f"{NETWORKS}"
            ],
        ),
        ("smshost.handling.threads=0", [':1: smshost.handling.threads="0": write a whole number from 1 to 1000']),
        ("smshost.handling.attempts=x", [':1: smshost.handling.attempts="x": write a whole number from 1 to 1000']),
        (
            "smshost.sending.firstWaitSeconds=0",
            [':1: smshost.sending.firstWaitSeconds="0": write a number greater than 0, at most 86400'],
        ),
        (
            "smshost.display.timezone=Mars/Phobos",
            [':1: smshost.display.timezone="Mars/Phobos": write a time zone such as UTC or Europe/Berlin'],
        ),
        (
            "smshost.display.timezone=../../etc/passwd",
            [':1: smshost.display.timezone="../../etc/passwd": write a time zone such as UTC or Europe/Berlin'],
        ),
        (
            "smshost.display.timezone=America",
            [':1: smshost.display.timezone="America": write a time zone such as UTC or Europe/Berlin'],
        ),
        ("smshost.polls.enabled=yes", [':1: smshost.polls.enabled="yes": write true or false']),
        (
            "smshost.handling.treads=3",
            [':1: "smshost.handling.treads" is no setting of this host; did you mean "smshost.handling.threads"?'],
        ),
        ("smshost.xyz=3", [':1: "smshost.xyz" is no setting of this host']),
        (
            "publicWorklightHostname=sms.example.com",
            [':1: "publicWorklightHostname" is no setting of this host; did you mean "publicWorkLightHostname"?'],
        ),
        (
            "push.sms.proxy.enable=true",
            [':1: "push.sms.proxy.enable" is no setting of this host; did you mean "push.sms.proxy.enabled"?'],
        ),
        (
            "push.sms.proxy.enabled=true",
            [":1: push.sms.proxy.enabled=true needs push.sms.proxy.host: write the proxy's host name"],
        ),
        (
            "console.username=admin",
            [":1: console.username needs console.password: write one, or remove the user name"],
        ),
        (
            "\nsmshost.handling.firstWaitSeconds=61",
            [
                ":2: smshost.handling.firstWaitSeconds (61) is longer than smshost.handling.longestWaitSeconds (60): "
                f"{WAITS}"
            ],
        ),
        (
            "\nsmshost.sending.longestWaitSeconds=0.5",
            [
                ":2: smshost.sending.firstWaitSeconds (1) is longer than smshost.sending.longestWaitSeconds (0.5): "
                f"{WAITS}"
            ],
        ),
    ],
)
def test_mistakes(text: str, problems: list[str]) -> None:
    assert read(text)[1] == problems


def test_a_setting_with_a_problem_has_its_default() -> None:
    settings, problems = read("smshost.handling.threads=many\nsmshost.sending.attempts=3")
    assert (settings.handling_threads, settings.sending_attempts, len(problems)) == (8, 3, 1)


def test_secrets_are_never_printed() -> None:
    settings, problems = read("console.username=admin\nconsole.password=hunter2\npush.sms.proxy.password=hunter2too")
    assert (settings.console_password, settings.proxy_password) == ("hunter2", "hunter2too")
    assert "hunter2" not in repr(settings) + "".join(problems)


def test_a_problem_with_a_secret_does_not_show_it() -> None:
    def refuse(text: str) -> Any:
        raise ValueError

    properties, _ = read_properties(b"console.password=hunter2", FILE, {})
    found: list[Any] = []
    setting = Setting("console.password", "console_password", Kind("something else", refuse), "", "", secret=True)
    assert _value(setting, properties, found) == ""
    assert [str(each) for each in found] == [f"{FILE}:1: console.password=its value: write something else"]


def test_a_session_secret_is_long_and_never_shown() -> None:
    settings, problems = read("smshost.session.secret=a-secret-too-short-to-be-one\n")
    said = "smshost.session.secret=its value: write 32 characters or more, made at random"
    assert (settings.session_secret, [each.partition(": ")[2] for each in problems]) == ("", [said])
    long = "0123456789abcdef" * 2
    settings, problems = read(f"smshost.session.secret={long}\n")
    assert (settings.session_secret, problems, long in repr(settings)) == (long, [], False)
