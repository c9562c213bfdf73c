"""The command line, as a person uses it."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from host.gateways import DIALECTS
from tests.adapters.folders import write_adapter
from tests.hosts import REPOSITORY, Host, gateway
from tests.programs import wait_for

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
    assert host.run("db", "upgrade").output == "the database is at revision 0005\n"
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
        (("IN-7",), "Error: there is no text in-7\n"),
        (("seven",), "Error: 'seven' names no text: write in-12, or out-7, as `smshost messages` shows them\n"),
    ],
)
def test_a_story_nobody_can_tell(host: Host, arguments: tuple[str, ...], said: str) -> None:
    finished = host.run("story", *arguments)
    assert (finished.status, finished.output) == (1, said)


def test_an_old_database_is_told_what_to_run(tmp_path: Path) -> None:
    (tmp_path / "smshost.db").touch()
    finished = Host(tmp_path).run("messages")
    assert (finished.status, finished.output) == (
        1,
        "Error: the database is at revision none, this version needs 0005: run smshost db upgrade\n",
    )


def test_a_command_that_looks_imports_nothing_that_only_others_need(tmp_path: Path) -> None:
    host = Host(tmp_path)
    assert host.run("db", "upgrade").status == 0
    command = [sys.executable, "-X", "importtime", "-m", "host", "messages", *host.places]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True).stderr
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in told.splitlines()}
    assert imported & {"host", "alembic", "granian", "apscheduler", "procrastinate", "tree_sitter"} == {"host"}


def test_serve_does_not_start_half_configured(tmp_path: Path) -> None:
    host = Host(tmp_path, gateway("web", 9, dialect="nonsense"))
    finished = host.run("serve", "--port", str(host.port))
    assert finished.status == 1
    assert finished.output == (
        f'Error: {tmp_path}/config/SMSConfig.xml:1: gateway "web": no dialect "nonsense" (there are: {", ".join(sorted(DIALECTS))})\n'
    )


@pytest.mark.parametrize("command", ["messages", "status", "story in-1", "again in-1", "call bookstore.sendSMS"])
def test_looking_makes_no_database(tmp_path: Path, command: str) -> None:
    finished = Host(tmp_path).run(*command.split())
    assert (finished.status, finished.output) == (
        1,
        f"Error: there is no database at {tmp_path}/smshost.db: smshost serve makes it\n",
    )
    assert not list(tmp_path.glob("smshost.db*"))


def test_looking_needs_neither_adapters_nor_a_configuration_without_mistakes(host: Host) -> None:
    config = host.directory / "config"
    (config / "SMSConfig.xml").write_text("<")
    (config / "worklight.properties").write_text("smshost.display.timezone=Nowhere\n")
    host.adapters = Path("nowhere")
    host.places[3] = "nowhere"
    assert [host.run(*words).output for words in (["messages"], ["story", "1"])] == [
        "",
        "Error: there is no text in-1\n",
    ]
    assert host.run("status").output.splitlines() == [
        "no host is at work on this database",
        "configuration: 2 problem(s), no host would start: smshost check tells them",
    ]


def test_a_state_nobody_knows_is_refused(host: Host) -> None:
    assert host.run("messages", "--state", "held").output == ""
    finished = host.run("messages", "--state", "bogus")
    assert (finished.status, "'HANDLED', 'HELD', 'QUEUED'" in finished.output) == (2, True)


def test_status_says_what_would_load_what_waits_and_whether_a_host_is_at_work(tmp_path: Path) -> None:
    adapters = tmp_path / "adapters"
    (adapters / "broken").mkdir(parents=True)
    (adapters / "broken" / "__init__.py").write_text("\n\n1 / 0\n")
    (adapters / "well").mkdir()
    (adapters / "well" / "__init__.py").write_text("")
    with Host(tmp_path, gateway("web", 9), adapters=adapters) as host:
        working = wait_for(
            lambda: told.splitlines() if "a host is at work" in (told := host.run("status").output) else [],
            "the worker",
        )
        assert host.is_ready()
    assert working == [
        "a host is at work on this database",
        "adapter well: would load",
        f"adapter would not load: {adapters}/broken/__init__.py:3: ZeroDivisionError: division by zero",
        "gateway web: generic, 127.0.0.1:9",
    ]
    with sqlite3.connect(tmp_path / "smshost.db") as database:
        database.execute(
            "INSERT INTO outbox (event_source, gateway, receiver, text, state, attempts, created_at, due_at, error) "
            "VALUES ('a.b', 'gone', '+1', 'Hello', 'WAITING', 0, 0, 0, '')"
        )
    database.close()
    assert host.run("status").output.splitlines() == [
        "no host is at work on this database",
        *working[1:],
        "gateway gone: SMSConfig.xml does not have it, and 1 text(s) wait for it",
        "outbox WAITING: 1",
    ]


def test_many_texts_are_set_right_in_parts_and_what_is_not_taken_up_yet_is_told(host: Host) -> None:
    with closing(sqlite3.connect(host.directory / "smshost.db")) as database:
        held = "INSERT INTO outbox (event_source, gateway, receiver, text, state, attempts, created_at, due_at, error) "
        database.executemany(f"{held} VALUES ('a.b', 'web', ?, 'Hi', 'HELD', 1, 0, 0, '')", [(i,) for i in range(4500)])
        database.execute(
            "INSERT INTO inbox (gateway, sender, receiver, text, keyword, parameters, received_at, state, attempts, "
            "due_at, finished_at, waits_for) VALUES ('web', '+1', '', 'x', 'x', '[]', 0, 'WAITING', 0, 0, 0, 'a')"
        )
        database.execute("INSERT INTO adapter_health VALUES ('a', 3, 1, NULL, NULL, NULL, 'oh', 0, NULL)")
        database.commit()
        released = host.run("release", "--all").output
        assert released == "4500 text(s) to phones: offered again, and may arrive twice\n"
        done = database.execute("SELECT state, count(*), max(due_at) FROM outbox GROUP BY state").fetchall()
        assert done == [("WAITING", 4500, 0)]
        assert database.execute("SELECT count(*) FROM intervention").fetchall() == [(4500,)]
    assert host.run("resume", "a").output == "1 text(s) waited for a: handled from now on, in order\n"
    assert "adapter a: goes on, 1 text(s) that waited for it are taken up" in host.run("status").output.splitlines()


ODD = """
import math
def tuples(): return {(1, 2): 3}
def nan(): return {"a": math.nan}
def half(): return {"a": "\\ud800\\x9b"}
def circle():
    me = {}
    me["me"] = me
    return me
"""


@pytest.mark.parametrize(
    ("procedure", "status", "said"),
    [
        ("tuples", 1, "Error: odd.tuples ran, and what it did counts; its result is no JSON: keys must be str, int, "),
        ("nan", 1, "Error: odd.nan ran, and what it did counts; its result is no JSON: Out of range float values are "),
        ("circle", 1, "Error: odd.circle ran, and what it did counts; its result is no JSON: Circular reference "),
        ("half", 0, '{\n  "isSuccessful": true,\n  "a": "\\ud800\\u009b"\n}\n'),
    ],
)
def test_a_result_that_is_no_json(tmp_path: Path, procedure: str, status: int, said: str) -> None:
    write_adapter(tmp_path / "adapters", "odd", ODD, "tuples", "nan", "half", "circle")
    host = Host(tmp_path, adapters=tmp_path / "adapters")
    host.run("db", "upgrade")
    finished = host.run("call", f"odd.{procedure}")
    assert (finished.status, finished.output.startswith(said), "Traceback" in finished.output) == (status, True, False)


def test_check_notes_which_texts_are_taken_for_another_gateways(tmp_path: Path) -> None:
    one, two, own = gateway("one", 9), gateway("two", 9), gateway("own", 9, textParamName="words")
    host = Host(tmp_path, f"{one}\n{two}\n{own}", adapters=tmp_path / "adapters")
    handlers = ", ".join(f"WL.Server.createSMSEventHandler({{}}, print, {each!r})" for each in ("one", "two", "own"))
    write_adapter(tmp_path / "adapters", "a", f"WL.Server.setEventHandlers([{handlers}])")
    finished = host.run("check")
    assert (finished.status, finished.output.splitlines()) == (
        0,
        [
            f'{tmp_path}/config/SMSConfig.xml:2: texts at the bare /receiveSMS are taken as gateway "one"\'s, so that '
            'a.print#2 would never see them: give gateway "two" the address /receiveSMS/two',
            "no problems",
        ],
    )


def test_check_prints_places_as_the_folders_were_given(tmp_path: Path) -> None:
    for name, code in {"broken": "\n\n1 / 0\n", "torn": "def broken(:\n"}.items():
        (tmp_path / "adapters" / name).mkdir(parents=True)
        (tmp_path / "adapters" / name / "__init__.py").write_text(code)
    host = Host(tmp_path)
    host.places[:4] = ["--config", "config", "--adapters", "adapters"]
    assert host.run("check").output.splitlines() == [
        "adapters/broken/__init__.py:3: ZeroDivisionError: division by zero",
        "adapters/torn/__init__.py:1: SyntaxError: invalid syntax",
        "2 problem(s)",
    ]


def test_check_tells_what_only_the_wiring_knows_beside_what_the_reader_finds(tmp_path: Path) -> None:
    access = """<loginConfiguration>
<securityTests><customSecurityTest name="t"><test realm="r"/></customSecurityTest></securityTests>
<realms><realm name="r" loginModule="l"><className>no.such.Class</className></realm></realms>
<loginModules><loginModule name="l"><className>smshost.SharedSecretLoginModule</className>
<parameter name="secret" value="${nowhere}"/></loginModule>
<loginModule name="m"></loginModule></loginModules>
</loginConfiguration>"""
    host = Host(
        tmp_path,
        gateway("web", 9, dialect="nonsense") + "\n" + gateway("kannel", 9, ("dlr-mask", "abc"), dialect="kannel"),
        access=access,
        properties="smshost.handling.treads=1\nmy.word=sub\n",
        adapters=tmp_path / "adapters",
    )
    write_adapter(
        tmp_path / "adapters",
        "a",
        "WL.Server.setEventHandlers([WL.Server.createSMSEventHandler("
        "{'keyword': WL.Server.configuration['my.word']}, 'nobody', 'web')])",
    )
    told = [line.removeprefix(f"{tmp_path}/").partition(": ") for line in host.run("check").output.splitlines()]
    assert [(place, what[:42]) for place, _, what in told] == [
        ("adapters/a/__init__.py:2", "WLError: createSMSEventHandler: the adapte"),
        ("config/SMSConfig.xml:1", 'gateway "web": no dialect "nonsense" (ther'),
        ("config/SMSConfig.xml:2", 'gateway "kannel": <parameter name="dlr-mas'),
        ("config/authenticationConfig.xml:3", 'realm "r" has an unknown class "no.such.Cl'),
        ("config/authenticationConfig.xml:5", '"${nowhere}" is not defined in worklight.p'),
        ("config/authenticationConfig.xml:6", "<loginModule> needs exactly one <className"),
        ("config/worklight.properties:1", '"smshost.handling.treads" is no setting of'),
        ("7 problem(s)", ""),
    ]


def test_serve_says_at_start_what_it_serves(tmp_path: Path) -> None:
    with Host(tmp_path, gateway("web", 9)) as host:
        said = [line.partition(" INFO ")[2] for line in host.program.log.splitlines()]
    assert said[:3] == [
        f"host.cli: listening on http://127.0.0.1:{host.port}/context, database sqlite:///{tmp_path}/smshost.db",
        "host.cli: gateway web: generic, 127.0.0.1:9",
        "host.cli: open to those who pass the security test: /receiveSMS*",
    ]


def test_a_host_open_to_everybody_says_so(tmp_path: Path) -> None:
    resource = '<resource id="r" securityTest="wl_unprotected"><urlPatterns>/receiveSMS*</urlPatterns></resource>'
    access = f"<loginConfiguration><staticResources>{resource}</staticResources></loginConfiguration>"
    with Host(tmp_path, access=access) as host:
        assert "host.cli: open to everybody: /receiveSMS*\n" in host.program.log
        assert "closed" not in host.program.log


def test_a_closed_host_says_so(tmp_path: Path) -> None:
    with Host(tmp_path, access="<loginConfiguration/>") as host:
        assert "host.cli: closed: authenticationConfig.xml lets nobody in, every gateway is refused" in host.program.log


@pytest.mark.parametrize(
    ("gateways", "adapters_problem"),
    [("<gateway", []), ('<gateway hostname="h"/>', []), ('<gateway id="web" hostname="h" port="x"/>', ["adapters"])],
)
def test_an_adapters_gateway_is_judged_only_by_gateways_that_could_be_read(
    tmp_path: Path, gateways: str, adapters_problem: list[str]
) -> None:
    code = "def f(event): pass\nWL.Server.setEventHandlers([WL.Server.createSMSEventHandler({}, f, 'gone')])"
    write_adapter(tmp_path / "adapters", "a", code)
    told = Host(tmp_path, gateways, adapters=tmp_path / "adapters").run("check").output.splitlines()
    places = [line.removeprefix(f"{tmp_path}/").partition("/")[0] for line in told[:-1]]
    assert places == [*adapters_problem, "config"]
