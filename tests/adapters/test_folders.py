"""Which folders are adapters, and which file is the manifest, among what tools and merges leave behind."""

from pathlib import Path

import pytest

from host.folders import adapter_folders, is_leftover, manifest_of
from host.loader import Surroundings, load_adapters


@pytest.mark.parametrize(
    ("name", "leftover"),
    [
        (".gitkeep", True), (".gitignore", True), ("X.xml~HEAD", True), ("X.xml~", True), ("X~HEAD.xml", True),
        ("X-impl.js.orig", True), ("X.xml.REJ", True), ("X.xml.bak", True), ("__pycache__", True), ("Thumbs.db", True),
        ("X.xml", False), ("X-impl.js", False), ("__init__.py", False), ("original.xml", False), ("backup", False),
    ],
)  # fmt: skip
def test_leftovers(name: str, leftover: bool) -> None:
    assert is_leftover(name) == leftover


def _write(folder: Path, *files: str) -> None:
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text("")


def test_folders_that_hold_nothing_are_none(tmp_path: Path) -> None:
    _write(tmp_path, "kept/.gitkeep", "merged/X.xml~HEAD", "compiled/__pycache__/x.pyc", "deep/src/.gitkeep")
    _write(
        tmp_path,
        "One/One.xml",
        "Java/src/com/x/Y.java",
        "Two~HEAD/Two.xml",
        ".hidden/X.xml",
        "_private/X.xml",
        "readme",
    )
    (tmp_path / "empty").mkdir()
    assert [path.name for path in adapter_folders(tmp_path)] == ["Java", "One"]


@pytest.mark.parametrize(
    ("files", "manifest"),
    [
        (["A.xml"], "A.xml"),
        (["A.xml~HEAD", "a~HEAD.xml", "A.xml.orig", "A.xml"], "A.xml"),
        (["aaa.xml", "folder.xml"], "folder.xml"),
        (["aaa.xml", "Shop.xml", "Shop-impl.js"], "Shop.xml"),
        (["aaa.xml", "bbb.xml"], "aaa.xml"),
        ([".project.xml", "notes.txt"], None),
    ],
)
def test_the_manifest(tmp_path: Path, files: list[str], manifest: str | None) -> None:
    _write(tmp_path / "Folder", *files)
    found = manifest_of(tmp_path / "Folder")
    assert (found.name if found else None) == manifest


def test_a_java_adapter_says_so_at_its_line_and_the_others_run(tmp_path: Path) -> None:
    _write(tmp_path, "Java/src/com/x/Y.java", "Java/bin/.gitkeep", "kept/.gitkeep", "python/__init__.py")
    (tmp_path / "Java" / "Java.xml").write_text(
        '<mfp:adapter name="Java" xmlns:mfp="http://www.ibm.com/mfp/integration">\n'
        "<displayName>Java</displayName>\n"
        "<JAXRSApplicationClass>com.x.Y</JAXRSApplicationClass></mfp:adapter>"
    )
    adapters = load_adapters(tmp_path, Surroundings({}, ()))
    assert list(adapters.by_name) == ["python"]
    assert [str(each) for each in adapters.broken] == [
        f"{tmp_path}/Java/Java.xml:3: Java adapters do not run here: rewrite it in Python or JavaScript, or remove its "
        "folder"
    ]
