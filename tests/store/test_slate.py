"""Slates: what a process that was killed had under way, as far as it can be believed."""

import logging
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from host.store import slate

BEGINS = """
import os, signal, sys
from host.store import slate
mine = slate.begin(sys.argv[1])
"""
NOTES = """
for number in range(5):
    mine.note(f"in/{number}", number, "a.handler")
mine.note("in/1", 1, "another.handler \\u2603")
mine.strike("in/0")
mine.strike("in/3")
mine.note("in/5", "x" * 1000)
mine.note("out/abc")
"""
FULL = """
for number in range(slate.SLOTS + 10):
    mine.note(f"in/{number}")
mine.strike(f"in/{slate.SLOTS}")
mine.strike("in/0")
mine.note("again")
"""
IS_KILLED = "os.kill(os.getpid(), signal.SIGKILL)"
NOTED = ["in/1 1 another.handler \u2603", "in/2 2 a.handler", "in/4 4 a.handler", "out/abc"]


@pytest.fixture
def place(tmp_path: Path) -> str:
    return killed(tmp_path, NOTES)


def killed(folder: Path, does: str) -> str:
    """Where a process that was killed, once it had done this, has left its slate."""
    place = str(folder / "host.db.slate.")
    ended = subprocess.run([sys.executable, "-c", BEGINS + does + IS_KILLED, place], check=False, timeout=60)
    assert ended.returncode == -9
    return place


def left(place: str) -> list[list[str]]:
    return [sorted(noted) for noted in slate.left_behind(place)]


def paths(place: str) -> list[Path]:
    return sorted(Path(place).parent.glob("host.db.slate.*"))


def test_what_a_killed_process_noted_is_read_once(place: str) -> None:
    assert left(place) == [NOTED]
    assert left(place) == []
    assert paths(place) == []


def test_it_is_kept_until_it_is_settled(place: str) -> None:
    assert sorted(next(slate.left_behind(place))) == NOTED
    assert left(place) == [NOTED]


def test_a_living_process_is_left_alone(tmp_path: Path) -> None:
    place = str(tmp_path / "host.db.slate.")
    mine = slate.begin(place)
    mine.note("in/1")
    assert left(place) == []
    assert [stat.S_IMODE(path.stat().st_mode) for path in paths(place)] == [0o600]
    mine.close()
    assert paths(place) == []


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def of_another_boot(path: Path) -> None:
    word, boot, rest = path.read_bytes().split(b" ", 2)
    path.write_bytes(b" ".join((word, boot[::-1], rest)))


def of_another_version(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"smshost-slate-1", b"smshost-slate-0"))


def copied(path: Path) -> None:
    shutil.copy2(path, path.with_name("copy"))
    path.unlink()
    path.with_name("copy").rename(path)


@pytest.mark.parametrize("spoil", [cut_short, empty, of_another_boot, of_another_version, copied])
def test_one_that_is_not_to_be_believed_is_told_and_removed(
    place: str, spoil: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    (path,) = paths(place)
    spoil(path)
    with caplog.at_level(logging.WARNING):
        assert left(place) == [[]]
    assert [record.getMessage().partition(" is ")[0] for record in caplog.records] == [str(path)]
    assert paths(place) == []


@pytest.mark.parametrize("offset", [0, 4, 6, 12])
def test_a_note_that_is_torn_says_nothing(place: str, offset: int) -> None:
    """In its checksum, its length, or its words."""
    (path,) = paths(place)
    content = bytearray(path.read_bytes())
    at = content.index(b"out/abc") - 6
    content[at + offset] ^= 1
    path.write_bytes(content)
    assert left(place) == [NOTED[:-1]]


def test_where_it_is_full_what_comes_later_is_not_noted(tmp_path: Path) -> None:
    place = killed(tmp_path, FULL)
    (noted,) = slate.left_behind(place)
    assert sorted(noted) == sorted(["again", *(f"in/{number}" for number in range(1, slate.SLOTS))])


def test_where_none_can_be_kept_the_host_goes_on_without(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    mine = slate.begin(str(tmp_path / "nowhere" / "host.db.slate."))
    mine.note("in/1")
    mine.strike("in/1")
    mine.close()
    assert "is not known" in caplog.text


def test_a_folder_that_others_may_look_into_is_no_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    engine = create_engine("postgresql+psycopg://sms:secret@127.0.0.1/sms")
    place = Path(slate.place_for(engine))
    assert place.parent.parent == tmp_path
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    place.parent.chmod(0o755)
    assert slate.place_for(engine) == ""


def test_each_database_has_its_own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    urls = ["postgresql+psycopg://sms@127.0.0.1/a", "postgresql+psycopg://sms@127.0.0.1/b", f"sqlite:///{tmp_path}/c"]
    assert len({slate.place_for(create_engine(url)) for url in urls}) == 3
