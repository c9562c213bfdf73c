"""Procedure calls over HTTP, in both forms: what they take, and what they answer."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.hosts import CREDENTIAL, Host
from tests.programs import wait_for
from tests.web.shop import shop
from tests.web.wire import BASIC, FORM, JSON, MULTIPART, PLAIN, Answer, ask, field, multipart, request

KIND = "application/json; charset=utf-8"
ECHO = "/context/adapters/shop/echo"
CLASSIC = "/context/invoke"


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with shop(tmp_path_factory.mktemp("shop")) as host:
        yield host


def form(**fields: str) -> bytes:
    return urlencode(fields).encode()


def get(path: str, **fields: str) -> bytes:
    return request("GET", f"{path}?{urlencode(fields)}" if fields else path)


def post(path: str, kind: str, body: bytes | str) -> bytes:
    return request("POST", path, [kind], body.encode() if isinstance(body, str) else body)


def classic(**fields: str) -> bytes:
    return get(CLASSIC, adapter="shop", procedure="echo", **fields)


def result(answer: Answer) -> Any:
    """The JSON of an answer, its wrapper of the classic form taken off."""
    assert (answer.status, answer.kind) == (200, KIND), answer
    return json.loads(answer.body.removeprefix("/*-secure-\n").removesuffix("*/"))


TAKEN: list[tuple[bytes, list[Any]]] = [
    (get(ECHO), []),
    (get(ECHO, params=""), []),
    (get(ECHO, params=" "), []),
    (get(ECHO, params="[]"), []),
    (get(ECHO, params='["a", 1, null, true, {"b": [2.5]}]'), ["a", 1, None, True, {"b": [2.5]}]),
    (get(ECHO, params="['a','b \"c\"', {'d': 'it\\'s'}]"), ["a", 'b "c"', {"d": "it's"}]),
    (get(ECHO, params="['a', ]"), ["a"]),
    (get(ECHO, parameters='["other name"]'), ["other name"]),
    (get(ECHO, params='["own"]', parameters='["other"]'), ["own"]),
    (get(ECHO, params="", parameters='["other"]'), ["other"]),
    (get(ECHO, params='["Grüße 日本 😀"]'), ["Grüße 日本 😀"]),
    (get(ECHO, params='["\\u0000\\n"]'), ["\0\n"]),
    (post(ECHO, FORM, form(params='["form"]')), ["form"]),
    (post(ECHO, FORM, b""), []),
    (post(ECHO, FORM, form(params="['form']")), ["form"]),
    (post(ECHO, MULTIPART, multipart((field("params"), b"['part']"))), ["part"]),
    (post(ECHO, JSON, '["body", {"a": 1}]'), ["body", {"a": 1}]),
    (post(ECHO, JSON, ' ["body"]'), ["body"]),
    (post(ECHO, JSON, "['body']"), ["body"]),
    (post(ECHO, JSON, '{"params": ["object"]}'), ["object"]),
    (post(ECHO, JSON, '{"parameters": ["object"]}'), ["object"]),
    (post(ECHO, JSON, '{"params": "[\'text\']"}'), ["text"]),
    (post(ECHO, JSON, '{"params": null}'), []),
    (post(ECHO, JSON, "{}"), []),
    (post(f"{ECHO}?params=%5B1%5D", FORM, form(params="[2]")), [1]),
    (classic(), []),
    (classic(parameters='["a"]'), ["a"]),
    (classic(params="['other name']"), ["other name"]),
    (classic(params="['other']", parameters="['own']"), ["own"]),
    (post(CLASSIC, FORM, form(adapter="shop", procedure="echo", parameters="['form']")), ["form"]),
    (post(f"{CLASSIC}?adapter=shop", FORM, form(procedure="echo", parameters="['half']")), ["half"]),
    (post(f"{CLASSIC}?adapter=shop&procedure=echo", JSON, "['array']"), ["array"]),
    (post(CLASSIC, JSON, '{"adapter": "shop", "procedure": "echo", "parameters": ["object"]}'), ["object"]),
    (post(CLASSIC, MULTIPART, multipart((field("adapter"), b"shop"), (field("procedure"), b"echo"))), []),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "given"), TAKEN)
def test_arguments_are_taken(host: Host, asked: bytes, given: list[Any]) -> None:
    assert result(ask(host, asked)) == {"isSuccessful": True, "given": given}


NO_ARRAY = 'must be a JSON array, as in ["+15550001", "Hello"]: character 1 is no "["\n'
NO_NUMBER = "holds a number that JSON has none for: NaN, Infinity or one too large\n"
REFUSED_ARGUMENTS = [
    (get(ECHO, params="[1, 2"), "params is no JSON array: unclosed array starting near character 1\n"),
    (get(ECHO, params="['a' 'b']"), "params is no JSON array: expected comma or ']' near character 6, found \"'\"\n"),
    (get(ECHO, params="['a', b]"), "params is no JSON array: expected a value near character 7, found 'b'\n"),
    (get(ECHO, params="['a"), "params is no JSON array: unclosed string starting near character 2\n"),
    (get(ECHO, params="hello"), "params is no JSON array: expected a value near character 1, found 'h'\n"),
    (get(ECHO, params="[1] [2]"), "params is no JSON array: extra data '[' near character 3\n"),
    (get(ECHO, params='{"a": 1}'), f"params {NO_ARRAY}"),
    (get(ECHO, params='"a"'), f"params {NO_ARRAY}"),
    (get(ECHO, params="null"), f"params {NO_ARRAY}"),
    (get(ECHO, params="[NaN]"), f"params {NO_NUMBER}"),
    (get(ECHO, params="[{'a': -Infinity}]"), f"params {NO_NUMBER}"),
    (get(ECHO, params="[1e999]"), f"params {NO_NUMBER}"),
    (get(ECHO, params=f"[{'9' * 5000}]"), "params holds a number of more than 4300 digits\n"),
    (get(ECHO, params=f"['a', {'9' * 5000}]"), "params holds a number of more than 4300 digits\n"),
    (get(ECHO, params="[" * 2000 + "]" * 2000), "params is nested too deep\n"),
    (get(ECHO, params="['a'," + "[" * 2000), "params is no JSON array: maximum nesting level exceeded near character 105\n"),
    (classic(parameters="[1"), "parameters is no JSON array: unclosed array starting near character 1\n"),
    (post(ECHO, JSON, "[1"), "the JSON body is no JSON array: unclosed array starting near character 1\n"),
    (post(ECHO, JSON, b'["\xff"]'), "the JSON body is not UTF-8 at byte 3\n"),
    (post(ECHO, JSON, '{"params": [1'), "the JSON body is broken: Expecting ',' delimiter: line 1 column 14 (char 13)\n"),
    (post(ECHO, JSON, '{"params": 5}'), f"params {NO_ARRAY}"),
    (post(ECHO, "Content-Type: text/plain", "[1]"),
     "the body's Content-Type must be application/x-www-form-urlencoded, multipart/form-data or application/json\n"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "said"), REFUSED_ARGUMENTS)
def test_what_is_no_array_is_answered_400_saying_where(host: Host, asked: bytes, said: str) -> None:
    assert ask(host, asked) == Answer(400, said)


RESULTS = [
    ("nothing", {"isSuccessful": True}),
    ("number", {"isSuccessful": True, "result": 7}),
    ("said", {"isSuccessful": False, "errors": ["closed on Sundays"], "info": ["i"], "warnings": ["w"]}),
    ("end_of_comment", {"isSuccessful": True, "text": "*/ alert(1) //"}),
    ("raises", {"isSuccessful": False, "errors": ["ValueError: no such book"]}),
    ("exits", {"isSuccessful": False, "errors": ["SystemExit: 3"]}),
    ("lone", {"isSuccessful": True, "text": "\ud800\0"}),
]
NO_JSON = "the procedure ran, and what it did counts; its result is no JSON: "


@pytest.mark.parametrize(("procedure", "expected"), RESULTS)
def test_results_are_the_same_in_both_forms(host: Host, procedure: str, expected: dict[str, Any]) -> None:
    assert result(ask(host, get(f"/context/adapters/shop/{procedure}"))) == expected
    assert result(ask(host, get(CLASSIC, adapter="shop", procedure=procedure))) == expected


@pytest.mark.parametrize("procedure", ["no_json", "not_a_number", "circular"])
def test_a_result_that_is_no_json_is_said(host: Host, procedure: str) -> None:
    said = result(ask(host, get(f"/context/adapters/shop/{procedure}")))
    assert said["isSuccessful"] is False
    assert said["errors"][0].startswith(NO_JSON)


def test_the_classic_answer_is_a_comment_that_no_string_ends(host: Host) -> None:
    body = ask(host, get(CLASSIC, adapter="shop", procedure="end_of_comment")).body
    assert body == '/*-secure-\n{"isSuccessful": true, "text": "*\\/ alert(1) \\/\\/"}*/'


def test_wrong_arguments_are_the_procedures_failure(host: Host) -> None:
    said = result(ask(host, get("/context/adapters/shop/number", params="[1]")))
    assert said == {
        "isSuccessful": False,
        "errors": ["TypeError: number() takes 0 positional arguments but 1 was given"],
    }


def test_what_raised_is_in_the_log_with_its_traceback_and_did_nothing(host: Host) -> None:
    ask(host, get("/context/adapters/shop/raises"))
    assert "ERROR host.procedures: procedure shop.raises failed\n    Traceback" in host.program.log
    ask(host, get("/context/adapters/shop/no_json"))
    assert texts(host, "counts") >= 1
    assert texts(host, "never") == 0


def texts(host: Host, text: str) -> int:
    with closing(sqlite3.connect(f"file:{host.directory / 'smshost.db'}?mode=ro", uri=True)) as database:
        return int(database.execute("SELECT count(*) FROM outbox WHERE text = ?", [text]).fetchone()[0])


def test_what_is_written_is_clean(host: Host) -> None:
    asked = request("GET", "/context/adapters/shop/text?params=" + quote('["+15550007", "a\\ud800\\u0000b"]'), [BASIC])
    assert result(ask(host, asked)) == {"isSuccessful": True}
    assert texts(host, "a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}b") == 1


METHODS = ("HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "CALL")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("target", [ECHO, f"{CLASSIC}?adapter=shop&procedure=echo"])
def test_other_methods_call_nothing(host: Host, method: str, target: str) -> None:
    assert ask(host, request(method, target)) == Answer(405, "" if method == "HEAD" else "Method Not Allowed")


def test_who_calls_is_the_active_user(host: Host) -> None:
    said = result(ask(host, request("GET", "/context/adapters/shop/who", [BASIC])))
    user = {"userId": CREDENTIAL[0], "displayName": CREDENTIAL[0], "attributes": {}, "credentials": None}
    assert said == {"isSuccessful": True, "user": user, "other": None}


def test_the_request_is_there(host: Host) -> None:
    target = "/context/adapters/shop/asked?params=[]&extra=1&extra=%C3%BC"
    said = result(ask(host, request("GET", target, ["X-Colour: blue", "Authorization: Bearer own"])))
    assert said == {
        "isSuccessful": True,
        "header": "blue",
        "names": ["host", "x-colour", "authorization"],
        "parameter": "[]",
        "values": ["1", "ü"],
        "plain": {
            "parameters": [["params", "[]"], ["extra", "1"], ["extra", "ü"]],
            "headers": [["host", "x"], ["x-colour", "blue"], ["authorization", "Bearer own"]],
            "method": "GET",
            "requestURL": "http://x/context/adapters/shop/asked",
            "requestURI": "/context/adapters/shop/asked",
            "queryString": "params=[]&extra=1&extra=%C3%BC",
            "remoteAddr": "127.0.0.1",
            "contentType": None,
        },
    }


def test_an_audited_call_is_a_line_without_arguments_and_result(host: Host) -> None:
    asked = request("GET", "/context/adapters/shop/text?params=" + quote('["+15550006", "hush-hush"]'), [BASIC])
    assert result(ask(host, asked)) == {"isSuccessful": True}
    line = "INFO smshost.audit: shop.text user='gw' realm='staff' peer=127.0.0.1 isSuccessful=true milliseconds="
    wait_for(lambda: line in host.program.log, "the audit's line")
    assert "hush-hush" not in host.program.log
    assert "shop.who" not in host.program.log


def test_a_broken_adapter_is_unavailable(host: Host) -> None:
    said = "the adapter is not loaded: the host's log says why\n"
    assert ask(host, get("/context/adapters/broken/open")) == Answer(503, said)
    assert ask(host, get("/context/adapters/broken/undefined")) == Answer(403)


def test_the_kind_of_a_refusal_is_plain(host: Host) -> None:
    assert ask(host, get("/context/adapters/shop/undeclared")) == Answer(403, "", PLAIN)
