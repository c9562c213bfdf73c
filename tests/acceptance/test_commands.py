"""The command line, as a person uses it."""

import json
from pathlib import Path

import pytest

from tests.hosts import REPOSITORY, Host, gateway

FIVE = {
    "config/worklight.properties": "contextRoot=context\n",
    "config/SMSConfig.xml": '<config>\n  <gateway id="g" hostname="h" port="http"/>\n</config>\n',
    "config/authenticationConfig.xml": """<loginConfiguration>
  <staticResources><resource id="r" securityTest="nobody"><urlPatterns>/receiveSMS*</urlPatterns></resource>
  </staticResources>
</loginConfiguration>
""",
    "adapters/one/__init__.py": "import host\n\nhost.missing()\n",
    "adapters/two/__init__.py": "def broken(:\n",
}


def test_check_tells_five_mistakes_with_file_and_line(tmp_path: Path) -> None:
    host = Host(tmp_path, adapters=tmp_path / "adapters")
    for name, content in FIVE.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    finished = host.run("check")
    places = [line.partition(": ")[0].removeprefix(f"{tmp_path}/") for line in finished.output.splitlines()]
    assert (finished.status, sorted(places)) == (
        1,
        [
            "5 problem(s)",
            "adapters/one/__init__.py:3",
            "adapters/two/__init__.py:1",
            "config/SMSConfig.xml:2",
            "config/authenticationConfig.xml:2",
            "config/worklight.properties:1",
        ],
    )


def test_check_has_nothing_against_what_is_shipped(tmp_path: Path) -> None:
    host = Host(tmp_path)
    host.places[1] = str(REPOSITORY / "config")
    assert (host.run("check").status, host.run("check").output) == (0, "no problems\n")


@pytest.fixture
def host(tmp_path: Path) -> Host:
    host = Host(tmp_path, gateway("web", 9))
    assert host.run("db", "upgrade").output == "the database is at revision 0001\n"
    return host


def test_call_invokes_a_declared_procedure(host: Host) -> None:
    finished = host.run("call", "bookstore.sendSMS", '["+15550001", "Hello"]')
    assert (finished.status, json.loads(finished.output)) == (
        0,
        {"isSuccessful": True, "result": "No subscription for +15550001"},
    )


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("bookstore.nothing",), 1, 'Error: adapter "bookstore" declares no procedure "nothing" (declared: sendSMS)'),
        (
            ("bookstore.subscribe", "[{}]"),
            1,
            'Error: adapter "bookstore" declares no procedure "subscribe" (declared: sendSMS)',
        ),
        (
            ("nobody.x",),
            1,
            'Error: no adapter "nobody" (there are: bookstore; smshost check tells why one did not load)',
        ),
        (("bookstore",), 2, "write ADAPTER.PROCEDURE, with a dot"),
        (("bookstore.sendSMS", "[1,"), 2, "no JSON: "),
        (("bookstore.sendSMS", "{}"), 2, "write an array"),
        (("bookstore.sendSMS", "[]"), 1, "TypeError: sendSMS() missing 2 required positional arguments"),
    ],
)
def test_call_says_what_is_wrong(host: Host, arguments: tuple[str, ...], status: int, said: str) -> None:
    finished = host.run("call", *arguments)
    assert (finished.status, said in finished.output, "Traceback" in finished.output) == (status, True, False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("in-7",), "Error: there is no text in-7\n"),
        (("out-7",), "Error: there is no text out-7\n"),
        (("seven",), "Error: 'seven' names no text: write in-12, or out-7, as `smshost messages` shows them\n"),
    ],
)
def test_a_story_nobody_can_tell(host: Host, arguments: tuple[str, ...], said: str) -> None:
    finished = host.run("story", *arguments)
    assert (finished.status, finished.output) == (1, said)


def test_an_old_database_is_told_what_to_run(tmp_path: Path) -> None:
    finished = Host(tmp_path).run("messages")
    assert (finished.status, finished.output) == (
        1,
        "Error: the database is at revision none, this version needs 0001: run smshost db upgrade\n",
    )


def test_serve_does_not_start_half_configured(tmp_path: Path) -> None:
    host = Host(tmp_path, gateway("web", 9, dialect="nonsense"))
    finished = host.run("serve", "--port", str(host.port))
    assert finished.status == 1
    assert finished.output == (
        f'Error: {tmp_path}/config/SMSConfig.xml:1: gateway "web": no dialect "nonsense" (there are: generic, kannel)\n'
    )
