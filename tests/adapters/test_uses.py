"""Which WL names an adapter's code uses, in Python and in JavaScript, and what the report says of each."""

import re
from pathlib import Path

import pytest

from host.migration.published import DIFFERS, difference
from host.migration.uses import missing_stylesheets, uses
from tests.hosts import REPOSITORY


def test_uses_in_python(tmp_path: Path) -> None:
    code = '''from host.wl import WL
def f():
    """WL.Server.inADocstring"""
    return (WL.Server.configuration.get("WL.Server.inAString"), WL.Logger
            .info("x"), this.WL.Server.other)
'''
    (tmp_path / "__init__.py").write_text(code)
    (tmp_path / "more.py").write_text("WL.Server.sendMessage()\n")
    (tmp_path / "torn.py").write_text("def torn(:\n")
    (tmp_path / "old.py~HEAD").write_text("WL.Server.old()")
    (tmp_path / "X-impl.js").write_text("WL.Server.notPython()")
    assert [(Path(place.file).name, place.line, name) for place, name in uses(tmp_path)] == [
        ("__init__.py", 4, "WL.Server.configuration"),
        ("__init__.py", 5, "WL.Logger.info"),
        ("more.py", 1, "WL.Server.sendMessage"),
    ]


def test_uses_in_javascript(tmp_path: Path) -> None:
    (tmp_path / "X-impl.js").write_text("var s = WL.Server;\ns.sendMessage(); // WL.Server.no\n")
    assert [(place.line, name) for place, name in uses(tmp_path)] == [(2, "WL.Server.sendMessage")]


def test_what_stands_in_for_java_is_a_use(tmp_path: Path) -> None:
    (tmp_path / "X-impl.js").write_text("function f() {}\njava.lang.System.out.println(1);\n")
    assert [(place.line, name) for place, name in uses(tmp_path)] == [(2, "java.lang.System.out.println")]


def test_stylesheets_that_are_not_there(tmp_path: Path) -> None:
    code = """var input = {transformation: {type: 'xslFile', xslFile: 'one.xsl'}};
var other = {"xslFile" :
    "two.xsl"}; // xslFile: 'comment.xsl'
var named = {xslFile: name}, text = "xslFile: 'text.xsl'";
"""
    (tmp_path / "X-impl.js").write_text(code)
    assert [(place.line, name) for place, name in missing_stylesheets(tmp_path)] == [(1, "one.xsl"), (3, "two.xsl")]
    (tmp_path / "one.xsl").write_text("<x/>")
    assert [(place.line, name) for place, name in missing_stylesheets(tmp_path)] == [(3, "two.xsl")]
    (tmp_path / "__init__.py").write_text("")
    assert missing_stylesheets(tmp_path) == []


TABLE = re.findall(
    r"^\| `(WL\.\w+(?:\.\w+)?)` \| (works|differs|not provided) \|",
    (REPOSITORY / "docs" / "how-to" / "migrate-from-mobilefirst.md").read_text(encoding="utf-8"),
    re.MULTILINE,
)


@pytest.mark.parametrize(("name", "verdict"), TABLE)
def test_the_report_says_what_the_table_of_the_docs_says(name: str, verdict: str) -> None:
    said = difference(name if name.count(".") > 1 else f"{name}.anything")
    assert ("is not provided" in said) == (verdict == "not provided")
    assert (" differs: " in said) <= (verdict == "differs")


def test_what_differs_is_in_the_table_of_the_docs() -> None:
    assert set(DIFFERS) <= {name for name, _ in TABLE}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("WL.Server.subscribeSMS", ""),
        ("WL.Server.configuration", ""),
        ("WL.Logger.warn", ""),
        ("java.lang.System.out.println", "java.lang.System.out.println is Java, which this host does not provide: the name stands for a function that logs as WL.Logger.info"),
        ("WL.Server.createEventHandler", "WL.Server.createEventHandler differs: accepted, and never called: there are no events of apps"),
        ("WL.Server.signSoapMessage", "WL.Server.signSoapMessage is not provided by this host: the call raises WLError"),
        ("MFP.Server.invokeHttp", "MFP.Server.invokeHttp is not provided by this host: MFP is what MobileFirst 8 calls WL, and not defined"),
        ("WL.Geo.Callbacks", "WL.Geo.Callbacks is not provided by this host: the call raises WLError"),
        ("WL.Server.__init__", "WL.Server.__init__ is not provided by this host: the call raises WLError"),
    ],
)  # fmt: skip
def test_what_is_said_of_a_use(name: str, said: str) -> None:
    assert difference(name) == said
