"""The docs are true: every WL member, dialect, route and command has its row, and the README's adapter works."""

import re
import shutil
from itertools import product
from pathlib import Path

import click
import pytest

from host import transcripts
from host.access import build_rules
from host.app import create_app, stop
from host.cli import main
from host.config import ACCESS, GATEWAYS, PROPERTIES, Configuration, read_configuration
from host.development import begin
from host.errors import Problem
from host.gateways import DIALECTS, open_gateways, ussd
from host.options import Options
from host.wl import Logger, Server
from tests.gateways.matrix import matrix, written
from tests.hosts import REPOSITORY

DOCS = REPOSITORY / "docs"


def rows(page: str) -> list[str]:
    """The first cells of a page's tables."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(r"^\| `([^`]+)`", text, re.MULTILINE)


def test_every_wl_member_has_a_row_and_every_row_a_member() -> None:
    members = [
        f"WL.{kind.__name__}.{name}" for kind in (Server, Logger) for name in vars(kind) if not name.startswith("_")
    ]
    assert sorted(row.partition("(")[0] for row in rows("reference/wl.md")) == sorted(members)


def test_the_matrix_is_what_the_features_say() -> None:
    assert written() == matrix(), "python -m tests.gateways.matrix writes it"
    assert rows("reference/dialects.md") == [parameter.name for parameter in ussd.PARAMETERS]


def test_every_dialect_has_a_page() -> None:
    assert sorted(page.stem for page in (DOCS / "reference/dialects").glob("*.md")) == sorted(DIALECTS)


@pytest.mark.parametrize("name", DIALECTS)
def test_every_parameter_of_a_dialect_has_a_row_on_its_page(name: str) -> None:
    declared = {parameter.name for parameter in DIALECTS[name].parameters}
    assert declared - set(rows(f"reference/dialects/{name}.md")) == set()


@pytest.mark.parametrize("name", DIALECTS)
def test_the_configuration_on_a_dialects_page_is_read(name: str) -> None:
    page = DOCS / "reference" / "dialects" / f"{name}.md"
    blocks = code(page, "xml")
    gateways = [each for each in blocks if re.search(r"^<(\w+:)?config\b", each, re.MULTILINE)]
    access = [each for each in blocks if re.search(r"^<(\w+:)?loginConfiguration\b", each, re.MULTILINE)]
    properties = "".join(code(page, "properties"))
    assert (bool(gateways), bool(access)) == (True, True)
    found = [configured(properties, *each) for each in product(gateways, access)]
    assert [problems for _, problems in found if problems] == []
    assert name in {each.dialect for configuration, _ in found for each in configuration.gateways}


def configured(properties: str, gateways: str, access: str) -> tuple[Configuration, list[Problem]]:
    """What the real readers make of these files; `${name}` that `properties` does not have is set to something."""
    wanted = set(re.findall(r"\$\{([^}]+)\}", gateways + access)) - set(
        re.findall(r"^([\w.-]+) *=", properties, re.MULTILINE)
    )
    properties += "".join(f"\n{each}=something-random-of-some-length-0123456789" for each in sorted(wanted))
    files = {PROPERTIES: properties, GATEWAYS: gateways, ACCESS: access}
    configuration, problems = read_configuration({name: text.encode() for name, text in files.items()}, {})
    opened, more = open_gateways(configuration.gateways)
    _, rest = build_rules(configuration.auth, configuration.settings, opened)
    return configuration, [*problems, *more, *rest]


def test_every_command_has_a_row() -> None:
    commands = [name for name, command in main.commands.items() if not isinstance(command, click.Group)]
    assert sorted(row.split()[1] for row in rows("reference/command-line.md")) == sorted([*commands, "db"])


def test_every_route_has_a_row(tmp_path: Path) -> None:
    options = Options(REPOSITORY / "config", REPOSITORY / "adapters", f"sqlite:///{tmp_path}/host.db", begin(9))
    app = create_app(options)
    stop(app.extensions["smshost"])
    routes = {
        rule.rule.replace("<gateway_id>", "<gateway id>").replace("<path:rest>", "<path>").replace("path:path", "path")
        for rule in app.url_map.iter_rules()
    }
    assert set(rows("reference/routes.md")) - {"/context/"} == routes


def code(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(
    ("page", "name", "transcript"),
    [
        ("README.md", "greeter", "+15550001 > Hello there\n+15550001 < Hello +15550001, you said: Hello there"),
        (
            "docs/tutorial/first-adapter.md",
            "library",
            "+15550001 > Renew please\n+15550001 < Your book is yours until ...",
        ),
    ],
)
def test_the_adapters_in_the_docs_work(tmp_path: Path, page: str, name: str, transcript: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    (folder / "__init__.py").write_text(code(REPOSITORY / page, "python")[0], encoding="utf-8")
    for manifest in code(REPOSITORY / page, "xml"):
        (folder / f"{name}.xml").write_text(manifest, encoding="utf-8")
    transcripts.play(transcript, tmp_path, REPOSITORY / "config")


def test_the_readmes_adapter_does_not_break_the_bookstores_transcript(tmp_path: Path) -> None:
    shutil.copytree(REPOSITORY / "adapters" / "bookstore", tmp_path / "bookstore")
    (tmp_path / "greeter").mkdir()
    (tmp_path / "greeter" / "__init__.py").write_text(code(REPOSITORY / "README.md", "python")[0], encoding="utf-8")
    transcript = (tmp_path / "bookstore" / "transcript.txt").read_text(encoding="utf-8")
    transcripts.play(transcript, tmp_path, REPOSITORY / "config")


def test_every_link_leads_somewhere() -> None:
    for page in [REPOSITORY / "README.md", *DOCS.rglob("*.md")]:
        for link in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            assert link.startswith("http") or (page.parent / link).exists(), f"{page.name}: {link}"
