"""A project as IBM's Studio laid it out: `smshost ... --project DIR`, from the command line to the processes of serve."""

from pathlib import Path

import pytest

from tests.adapters.folders import write_adapter
from tests.hosts import OPEN, Host, gateway
from tests.programs import wait_for

ECHO = """
def hear(event): WL.Logger.error("heard " + event["text"])
WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({}, hear)])
"""


def write_project(directory: Path, access: str = OPEN) -> Path:
    project = directory / "Shop"
    (project / "server" / "conf").mkdir(parents=True)
    (project / "server" / "conf" / "SMSConfig.xml").write_text(f"<config>{gateway('web', 9)}</config>")
    (project / "server" / "conf" / "authenticationConfig.xml").write_text(access)
    (project / "adapters").mkdir()
    return project


def test_serve_hands_the_project_to_its_processes(tmp_path: Path) -> None:
    project = write_project(tmp_path)
    write_adapter(project / "adapters", "echo", ECHO)
    with Host(tmp_path, project=project, environment={"SMSHOST_CONFIG": "/nowhere"}) as host:
        assert host.post(**{"from": "+15550001", "text": "Hello"}).status_code == 200
        wait_for(lambda: "heard Hello" in host.program.log, "the adapter of the project to hear")
        assert host.run("status").output.splitlines()[1:3] == [
            "adapter echo: would load",
            "gateway web: generic, 127.0.0.1:9",
        ]


def test_the_environment_names_a_project_too(tmp_path: Path) -> None:
    host = Host(tmp_path, project=write_project(tmp_path))
    host.places, host.environment = [], {"SMSHOST_PROJECT": "Shop"}
    write_adapter(tmp_path / "Shop" / "adapters", "broken", "1 / 0")
    assert "Shop/adapters/broken/__init__.py:2: ZeroDivisionError" in host.run("check").output


@pytest.mark.parametrize("option", ["--config", "--adapters"])
@pytest.mark.parametrize("command", ["check", "serve", "messages"])
def test_a_project_says_where_its_folders_are(tmp_path: Path, command: str, option: str) -> None:
    host = Host(tmp_path, project=write_project(tmp_path))
    finished = host.run(command, option, "elsewhere")
    assert finished.status == 2
    assert (
        f"Error: {option} beside --project {tmp_path}/Shop: the project says where its folders are" in finished.output
    )


@pytest.mark.parametrize("command", ["check", "serve", "call a.b"])
@pytest.mark.parametrize(
    ("there", "missing"),
    [
        ("adapters", "{0}/server/conf"),
        ("server/conf", "{0}/adapters"),
        ("apps", "{0}/adapters and no folder {0}/server/conf"),
    ],
)
def test_a_folder_that_is_no_project(tmp_path: Path, command: str, there: str, missing: str) -> None:
    (tmp_path / "Shop" / there).mkdir(parents=True)
    host = Host(tmp_path, project=tmp_path / "Shop")
    (tmp_path / "smshost.db").touch()
    finished = host.run(*command.split())
    assert (finished.status, finished.output.splitlines()[-1]) == (
        1,
        f"Error: --project {tmp_path}/Shop: there is no folder {missing.format(tmp_path / 'Shop')}; a project, as IBM laid "
        "it out, has its adapters in adapters/ and its configuration in server/conf/",
    )


def test_a_transcript_of_a_project(tmp_path: Path) -> None:
    project = write_project(tmp_path)
    (tmp_path / "t.txt").write_text("+15550001 > Hello\n")
    finished = Host(tmp_path, project=project).run("transcript", "t.txt")
    assert (finished.status, finished.output) == (0, "it came true\n")
