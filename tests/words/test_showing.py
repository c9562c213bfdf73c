"""What strangers sent, as people are shown it."""

import logging

import pytest

from host.showing import Formatter, lines, shown, shown_json


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        ("Hello, café 😀", "Hello, café 😀"),
        ("\x1b[2J\r\n", r"\x1b[2J\r\n"),
        ("\x9b31m", r"\x9b31m"),
        ("\u202egpj.exe\u2066", r"\u202egpj.exe\u2066"),
        ("a\u2028b\x85c\0", r"a\u2028b\x85c\x00"),
        ("\ud800", r"\ud800"),
        (5, "5"),
    ],
)
def test_nothing_that_does_not_print_stays(raw: object, line: str) -> None:
    assert shown(raw) == line


def test_further_lines_are_indented() -> None:
    assert lines("one\ntwo\r\n\x1bthree\n") == "one\n    two\\r\n    \\x1bthree"


def test_a_log_record_starts_one_line_at_column_0_and_keeps_its_traceback_readable() -> None:
    formatter = Formatter("%(levelname)s %(name)s: %(message)s")
    with pytest.raises(ValueError, match="forged") as caught:
        int("a\n2026-01-01 ERROR forged")
    given = (caught.type, caught.value, caught.tb)
    record = logging.LogRecord("adapter.a", logging.ERROR, __file__, 1, "%s", ("x\n2026 ERROR\x1b[2J",), given)
    first, *others = formatter.format(record).split("\n")
    assert (first, others[0], others[1]) == (
        "ERROR adapter.a: x",
        r"    2026 ERROR\x1b[2J",
        "    Traceback (most recent call last):",
    )
    assert others[-1] == r"    ValueError: invalid literal for int() with base 10: 'a\n2026-01-01 ERROR forged'"


def test_json_for_people() -> None:
    assert (
        shown_json({"é": ["😀", "\x9b", "\u202e"]}) == '{\n  "é": [\n    "😀",\n    "\\u009b",\n    "\\u202e"\n  ]\n}'
    )
