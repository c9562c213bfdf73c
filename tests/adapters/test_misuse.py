"""What the WL API says to those who use it wrongly."""

from pathlib import Path

import pytest

from host.sources import call_procedure
from tests.adapters.folders import host_at_rest, write_adapter

FORM = '{"adapter": "...", "procedure": "...", "parameters": [...]}'


@pytest.mark.parametrize(
    ("expression", "error"),
    [
        ("WL.Server.createDefaultNotification(5.5)",
         "createDefaultNotification: the text is a string that is not empty, not 5.5"),
        ("WL.Server.createDefaultNotification('')",
         "createDefaultNotification: the text is a string that is not empty, not ''"),
        ("WL.Server.invokeProcedure('x')", f"invokeProcedure takes {FORM}, not 'x'"),
        ("WL.Server.invokeProcedure({})", f"invokeProcedure takes {FORM}, not {{}}"),
        ("WL.Server.invokeProcedure({'adapter': 'a', 'procedure': 5})",
         f"invokeProcedure takes {FORM}, not {{'adapter': 'a', 'procedure': 5}}"),
        ("WL.Server.invokeProcedure({'adapter': 'a', 'procedure': 'p', 'parameters': 'ab'})",
         "invokeProcedure: parameters is a list, not 'ab'"),
        ("WL.Server.invokeProcedure({'adapter': 'a', 'procedure': 'p', 'parameters': 0})",
         "invokeProcedure: parameters is a list, not 0"),
        ("WL.Logger.trace('x')", "WL.Logger.trace is not provided by this host: see docs/how-to/migrate-from-mobilefirst.md for what is"),
        ("WL.Server.setActiveUser('r')",
         "WL.Server.setActiveUser is not provided by this host: see docs/how-to/migrate-from-mobilefirst.md for what is"),
    ],
)  # fmt: skip
def test_a_misuse_is_said(tmp_path: Path, expression: str, error: str) -> None:
    write_adapter(tmp_path / "adapters", "a", f"def p(): return {expression}", "p")
    with host_at_rest(tmp_path) as runtime:
        assert call_procedure(runtime, "a", "p", []) == {"isSuccessful": False, "errors": [f"WLError: {error}"]}


def test_parameters_may_be_left_out(tmp_path: Path) -> None:
    code = "def p(): return WL.Server.invokeProcedure({'adapter': 'a', 'procedure': 'q', 'parameters': None})\ndef q(): pass"
    write_adapter(tmp_path / "adapters", "a", code, "p", "q")
    with host_at_rest(tmp_path) as runtime:
        assert call_procedure(runtime, "a", "p", []) == {"isSuccessful": True}
