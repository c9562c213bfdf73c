"""worklight.properties: Java's format, and references to other keys and the environment."""

import pytest

from host.config.properties import Properties, read_properties
from host.errors import Place

FILE = "config/worklight.properties"
ENVIRON = {"SMS_PASSWORD": "p${a}ss", "EMPTY": ""}


def read(data: bytes) -> tuple[Properties, list[str]]:
    properties, problems = read_properties(data, FILE, ENVIRON)
    return properties, [str(problem).removeprefix(FILE) for problem in problems]


@pytest.mark.parametrize(
    ("data", "values"),
    [
        (b"", {}),
        (b"# only\n! comments\n\n \t\n", {}),
        (b"a=1", {"a": "1"}),
        (b"a=1\nb:2\nc 3\n d\t=\t4\ne", {"a": "1", "b": "2", "c": "3", "d": "4", "e": ""}),
        (b"a=1\rb=2\r\nc=3\n", {"a": "1", "b": "2", "c": "3"}),
        (b"a=one, \\\n   two\\\n\tthree\nb=2", {"a": "one, twothree", "b": "2"}),
        (rb"a\ b\=c=1\:2\t3\\", {"a b=c": "1:2\t3\\"}),
        (b"a= x  ", {"a": "x  "}),
        (rb"a=\u00e9\u4e2d", {"a": "é中"}),
        (rb"a=\ud83d\ude00", {"a": "😀"}),
        ("a=é中".encode(), {"a": "é中"}),
        (b"\xef\xbb\xbfa=1", {"a": "1"}),
        ("a=é".encode("iso-8859-1"), {"a": "é"}),
        (b"a=1\na=2", {"a": "2"}),
        (b"a=${b}/x\nb=2", {"a": "2/x", "b": "2"}),
        (b"a=${b}${b}\nb=${c}-\nc=3", {"a": "3-3-", "b": "3-", "c": "3"}),
        (b"a=${env:SMS_PASSWORD}!", {"a": "p${a}ss!"}),
        (b"a=${env:EMPTY}", {"a": ""}),
        (b"a=$b $ {c} $5 100%", {"a": "$b $ {c} $5 100%"}),
        (b"a=$${b}\nb=2", {"a": "$2", "b": "2"}),
        (b"no.setting.of=ours", {"no.setting.of": "ours"}),
    ],
)
def test_reads(data: bytes, values: dict[str, str]) -> None:
    assert read(data) == (values, [])


NO_TEXT = "this is no text in UTF-8 (it looks like UTF-16): save it as UTF-8"
NOT_CLOSED = 'a "${" is not closed: write ${name}, and put a value that holds "${" into an environment variable'


@pytest.mark.parametrize(
    ("data", "problems"),
    [
        (b"\na=${b}", [':2: "${b}" is not defined in this file']),
        ("a=1\n".encode("utf-16"), [": " + NO_TEXT]),
        ("a=1\n".encode("utf-16-le"), [": " + NO_TEXT]),
        (b"a=${gatway}\ngateway=1", [':1: "${gatway}" is not defined in this file; did you mean "gateway"?']),
        (b"a=${}", [':1: "${}" is not defined in this file']),
        (b"a=${env:NOPE_AT_ALL}", [':1: the environment variable "NOPE_AT_ALL" is not set']),
        (
            b"a=${env:SMS_PASWORD}",
            [':1: the environment variable "SMS_PASWORD" is not set; did you mean "SMS_PASSWORD"?'],
        ),
        (b"a=${b", [f":1: {NOT_CLOSED}"]),
        (b"a=${b${c}}\nc=1", [f":1: {NOT_CLOSED}"]),
        (b"a=${a}", [':1: "a" refers to itself (a -> a): give one of them a value of its own']),
        (
            b"x=${a}\n#\na=${b}\nb=${c}\nc=${a}",
            [':5: "c" refers to itself (a -> b -> c -> a): give one of them a value of its own'],
        ),
        (rb"a=\u12g4", [r':1: "\u12g4" is no character: write \u and four hexadecimal digits']),
        (
            b"a=1\\\n 2\nb=\\u12\nc=3\nd=\\uxyzw",
            [
                r':3: "\u12" is no character: write \u and four hexadecimal digits',
                r':5: "\uxyzw" is no character: write \u and four hexadecimal digits',
            ],
        ),
        (rb"a=\ud83d", [r":1: a \u escape gives half a character: write both halves (\ud83d\ude00)"]),
    ],
)
def test_says_what_is_wrong_and_where(data: bytes, problems: list[str]) -> None:
    assert read(data)[1] == problems


def test_reads_on_after_a_malformed_escape() -> None:
    properties, problems = read(b"a=1\nb=\\u12\n c=\\\n3")
    assert properties == {"a": "1", "c": "3"}
    assert len(problems) == 1
    assert properties.place("c") == Place(FILE, 3)


def test_a_key_has_the_place_where_it_got_its_value() -> None:
    properties, _ = read(b"a=1\n# comment\nb=\\\n  2\n\na=3")
    assert {key: str(properties.place(key)) for key in properties} == {"a": f"{FILE}:6", "b": f"{FILE}:3"}


def test_values_that_double_and_double_again_end_in_problems() -> None:
    lines = [f"k{number}=${{k{number + 1}}}${{k{number + 1}}}" for number in range(40)]
    properties, problems = read("\n".join([*lines, "k40=0123456789"]).encode())
    assert max(len(value) for value in properties.values()) <= 100_000
    assert problems == [
        ':27: "k26" grows to 163840 characters through its references: at most 100000 are read',
    ]


def test_a_long_chain_ends_in_a_problem() -> None:
    lines = [f"k{number}=${{k{number + 1}}}" for number in range(5000)]
    properties, problems = read("\n".join([*lines, "k5000=end"]).encode())
    assert len(properties) == 5001
    assert problems[0] == ':50: "${k50}" is the end of a chain of 50 references: make it shorter'


def test_shows_no_value_when_printed() -> None:
    properties, _ = read(b"console.password=hunter2hunter2")
    assert properties["console.password"] == "hunter2hunter2"
    assert "hunter2" not in repr(properties)
