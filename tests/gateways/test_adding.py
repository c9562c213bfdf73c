"""docs/how-to/add-a-gateway.md is followed to the letter, in a copy of the repository."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.hosts import REPOSITORY

PAGE = REPOSITORY / "docs" / "how-to" / "add-a-gateway.md"
_FILE = re.compile(r"^`([\w/.]+)`:\n\n(````?)\w+\n(.*?)^\2$", re.MULTILINE | re.DOTALL)
_NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "node_modules", "*.egg-info")


def files() -> dict[str, str]:
    """The files that the page has one write, by their paths."""
    return {path: text for path, _, text in _FILE.findall(PAGE.read_text(encoding="utf-8"))}


def run(copy: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    ended = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=copy, env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout[-5000:] + ended.stderr[-2000:]
    return ended.stdout


def test_three_files_add_a_gateway(tmp_path: Path) -> None:
    for name in ("host", "tests", "docs", "adapters", "config", "examples"):
        shutil.copytree(REPOSITORY / name, tmp_path / name, ignore=_NOT_COPIED)
    for name in ("setup.cfg", "pyproject.toml", "README.md"):
        shutil.copy(REPOSITORY / name, tmp_path)
    given = files()
    assert len(given) == 3
    for path, text in given.items():
        assert not (tmp_path / path).exists()
        (tmp_path / path).write_text(text, encoding="utf-8")
    run(tmp_path, "tests.gateways.matrix")
    asked = re.search(r'^pytest (.*) -k "(.*)"$', PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert asked is not None
    wanted = ("-q", "-p", "no:cacheprovider", "-k", f"({asked[2]}) and not adding")
    said = run(tmp_path, "pytest", *wanted, *asked[1].split(), "--timeout=100")
    passed = re.search(r"(\d+) passed", said)
    assert passed is not None
    assert int(passed[1]) > 40
    run(tmp_path, "ruff", "check", "--no-cache", *[path for path in given if path.endswith(".py")])
