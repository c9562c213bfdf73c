"""The methods of Java's that published scripts log with: there for a script that names them, and for no other."""

import logging
from pathlib import Path
from typing import Any

import pytest

from host.sources import call_procedure
from tests.javascript.scripts import scripts_at_rest, write_script

KINDS = """
function kinds(names) { return {kinds: names.map(function (name) { return typeof (0, eval)("this." + name); })}; }
"""
CODE = """
java.lang.System.out.println("its top level");
function shown(value) {
  return {
    shown: com.worklight.common.js.util.JSObjectConverter.toFormattedString(value),
    same: com.worklight.server.integration.api.JSObjectConverter.toFormattedString(value)
  };
}
function said(value) { java.lang.System.out.print(value); java.lang.System.out.println(value); }
"""


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"a": [1, "ü"]}, '{\n  "a": [\n    1,\n    "ü"\n  ]\n}'),
        ("text", '"text"'),
        (None, "null"),
    ],
)
def test_a_value_is_shown_as_json(tmp_path: Path, value: Any, shown: str) -> None:
    write_script(tmp_path / "adapters", "a", CODE, "shown")
    with scripts_at_rest(tmp_path) as runtime:
        assert call_procedure(runtime, "a", "shown", [value]) == {"isSuccessful": True, "shown": shown, "same": shown}


def test_nothing_to_show_is_null(tmp_path: Path) -> None:
    write_script(tmp_path / "adapters", "a", CODE, "shown")
    with scripts_at_rest(tmp_path) as runtime:
        assert call_procedure(runtime, "a", "shown", [])["shown"] == "null"


def test_what_is_printed_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "adapter")
    write_script(tmp_path / "adapters", "a", CODE, "said")
    with scripts_at_rest(tmp_path) as runtime:
        call_procedure(runtime, "a", "said", ["words"])
    told = [each.getMessage() for each in caplog.records if each.name == "adapter.a"]
    assert told == ["its top level", "words", "words"]


def test_they_are_there_again_when_the_script_begins_anew(tmp_path: Path) -> None:
    write_script(tmp_path / "adapters", "a", CODE, "shown")
    with scripts_at_rest(tmp_path) as runtime:
        runtime.close_adapters()
        assert call_procedure(runtime, "a", "shown", [1])["shown"] == "1"


NAMES = ["com", "java", "java.lang.String", "com.worklight.server.database", "Packages", "org"]


def test_nothing_else_of_java_is_there(tmp_path: Path) -> None:
    write_script(tmp_path / "adapters", "a", CODE + KINDS, "kinds")
    with scripts_at_rest(tmp_path) as runtime:
        found = call_procedure(runtime, "a", "kinds", [NAMES])["kinds"]
    assert found == ["object", "object", "undefined", "undefined", "undefined", "undefined"]


def test_a_script_that_names_none_of_them_finds_no_java(tmp_path: Path) -> None:
    write_script(tmp_path / "adapters", "a", KINDS, "kinds")
    with scripts_at_rest(tmp_path) as runtime:
        assert call_procedure(runtime, "a", "kinds", [["com", "java"]])["kinds"] == ["undefined", "undefined"]
