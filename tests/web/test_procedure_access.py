"""Who may call which procedure: the same verdict for both forms, and no hint of what exists."""

import base64
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import event

from host.app import assemble, create_app, prepare_schema, stop, with_procedures
from host.development import USER, begin
from host.options import Options
from host.web import open_doors
from tests.hosts import Host
from tests.programs import wait_for
from tests.web.shop import ACCESS, GUARDED, GUARDED_CODE, SECRET, shop, write
from tests.web.wire import BASIC, FORM, JSON, Answer, ask, attacked, request

WRONG = "Authorization: Basic " + base64.b64encode(b"gw:guessed-it-all").decode()
ELSE = "Authorization: Basic " + base64.b64encode(f"gw:{SECRET}".encode()).decode()
KEY, WRONG_KEY = f"X-Key: {SECRET}", "X-Key: guessed-it-all"
OK, REFUSED, CHALLENGED = 200, 403, 401


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with shop(tmp_path_factory.mktemp("access")) as host:
        yield host


ROWS = [
    # procedure, headers, query, status
    ("open", [], "", OK),
    ("open", [WRONG], "", OK),
    ("basic", [BASIC], "", OK),
    ("basic", [], "", CHALLENGED),
    ("basic", [WRONG], "", CHALLENGED),
    ("basic", [ELSE], "", CHALLENGED),
    ("basic", ["Authorization: Bearer x"], "", CHALLENGED),
    ("header", [KEY], "", OK),
    ("header", [], "", REFUSED),
    ("header", [WRONG_KEY], "", REFUSED),
    ("header", [BASIC], "", REFUSED),
    ("parameter", [], f"key={SECRET}", OK),
    ("parameter", [], "", REFUSED),
    ("parameter", [], "key=guessed-it-all", REFUSED),
    ("parameter", [], f"Key={SECRET}", REFUSED),
    ("rejecting", [BASIC], "", REFUSED),  # its own test stands before the resource
    ("undefined", [], "", REFUSED),
    ("undefined", [BASIC, KEY], f"key={SECRET}", REFUSED),
    ("unnamed", [], "", REFUSED),
    ("unnamed", [BASIC, KEY], f"key={SECRET}", REFUSED),
    ("governed", [BASIC], "", OK),
    ("governed", [], "", CHALLENGED),
    ("opened", [], "", OK),
    ("undeclared", [], "", REFUSED),
    ("undeclared", [BASIC], "", REFUSED),
    ("Open", [], "", REFUSED),
    ("__init__", [], "", REFUSED),
    ("", [], "", REFUSED),
]


@pytest.mark.parametrize(("procedure", "headers", "query", "status"), ROWS)
def test_both_forms_have_one_verdict(host: Host, procedure: str, headers: list[str], query: str, status: int) -> None:
    targets = [
        f"/context/adapters/guarded/{procedure}?{query}",
        f"/context/invoke?adapter=guarded&procedure={procedure}&{query}",
    ]
    statuses = [ask(host, request("GET", target, headers)).status for target in targets]
    posted = [ask(host, request("POST", target, [*headers, FORM], b"params=[]")).status for target in targets]
    in_body = f"adapter=guarded&procedure={procedure}&{query}".encode()
    posted.append(ask(host, request("POST", "/context/invoke", [*headers, FORM], in_body)).status)
    assert (statuses, posted) == ([status] * 2, [status] * 3)


NOBODY = [
    "/context/adapters",
    "/context/adapters/",
    "/context/adapters/guarded",
    "/context/adapters/guarded/",
    "/context/adapters/guarded/open/",
    "/context/adapters/guarded/open/more",
    "/context/adapters/guarded//open",
    "/context/adapters/guarded/../guarded/open",
    "/context/adapters/guarded/%2e%2e/guarded/open",
    "/context/adapters/guarded/open;x",
    "/context/adapters/guarded/open%00",
    "/context/adapters/guarded/open%0a",
    "/context/adapters/guarded/op%C3%A9n",
    "/context/adapters/guarded/open%FF",
    "/context/adapters/guarded%5Copen",
    "/context/adapters/Guarded/open",
    "/context/adapters/nobody/open",
    "/context/adapters/nobody/" + "x" * 5000,
    "/context/invoke",
    "/context/invoke?adapter=guarded",
    "/context/invoke?procedure=open",
    "/context/invoke?Adapter=guarded&Procedure=open",
    "/context/invoke/?adapter=guarded&procedure=open",
    "/context/invoke?adapter=&procedure=",
    "/context/invoke?adapter=guarded/open&procedure=",
    "/context/invoke?adapter=guarded&procedure=open%00",
    "/context/invoke?adapter=guarded&procedure=../guarded/open",
    "/context/invoke?adapter=..&procedure=open",
    "/context/invoke?adapter=guarded.open&procedure=open",
    "/context/invoke?adapter=other&adapter=guarded&procedure=open",
    "/context/invoke?adapter=guarded&procedure=undeclared&procedure=open",
    "/context/dev/invoke?adapter=guarded&procedure=open",
]  # fmt: skip


@pytest.mark.parametrize("target", NOBODY)
def test_what_names_no_procedure_is_refused_like_what_is_forbidden(host: Host, target: str) -> None:
    status = 404 if "/invoke/?" in target else 403
    answers = {method: ask(host, request(method, target, [BASIC, KEY])).status for method in ("GET", "POST", "OPTIONS")}
    assert set(answers.values()) <= {403, status}, answers


@pytest.mark.parametrize(
    ("site", "status"),
    [("cross-site", 403), ("Cross-Site", 403), ("same-site", 200), ("same-origin", 200), ("none", 200)],
)
@pytest.mark.parametrize(
    "target", ["/context/adapters/guarded/basic", "/context/invoke?adapter=guarded&procedure=basic"]
)
def test_pages_of_other_sites_call_nothing(host: Host, target: str, site: str, status: int) -> None:
    assert ask(host, request("GET", target, [BASIC, f"Sec-Fetch-Site: {site}"])).status == status
    login = ask(host, request("POST", "/context/j_security_check", [FORM, f"Sec-Fetch-Site: {site}"], b"j_username=a"))
    assert login.status == 403  # no realm of this host has a form
    assert ("Sec-Fetch-Site: cross-site" in host.program.log) or status == 200


@pytest.mark.parametrize("path", ["/context/receiveSMS/", "/context/receiveSMS/web/nothing"])
def test_what_is_not_there_is_told_to_the_log(host: Host, path: str) -> None:
    assert ask(host, request("GET", path, [BASIC])).status == 404
    said = f"nothing is at {path.removeprefix('/context')!r}: 404 to GET from 127.0.0.1"
    wait_for(lambda: said in host.program.log, "the log's line")


def test_names_in_two_places_are_judged_as_they_are_called(host: Host) -> None:
    """The query counts before the body, for the guard and for the door."""
    target = "/context/invoke?adapter=guarded&procedure=open"
    assert ask(host, request("POST", target, [FORM], b"adapter=guarded&procedure=basic")).status == 200
    target = "/context/invoke?adapter=guarded&procedure=basic"
    assert ask(host, request("POST", target, [FORM], b"adapter=guarded&procedure=open")).status == 401
    body = b'{"adapter": "guarded", "procedure": "open", "procedure": "basic"}'
    assert ask(host, request("POST", "/context/invoke", [JSON], body)).status == 200
    assert ask(host, request("POST", "/context/invoke", [JSON], body.replace(b"open", b"header"))).status == 403


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "CALL"])
def test_every_method_passes_access_first(host: Host, method: str) -> None:
    asked = {name: request(method, f"/context/adapters/guarded/{name}") for name in ("open", "basic", "undeclared")}
    assert {name: ask(host, data).status for name, data in asked.items()} == {
        "open": 405,
        "basic": 401,
        "undeclared": 403,
    }


def test_a_refusal_has_a_challenge_where_one_helps_and_says_nothing_else(host: Host) -> None:
    assert ask(host, request("GET", "/context/adapters/guarded/basic")) == Answer(401)
    assert ask(host, request("GET", "/context/adapters/guarded/header")) == Answer(403)
    assert 'refused GET \'/adapters/guarded/header\' from 127.0.0.1: procedure /adapters/guarded/header, security test "header", realm "header": the secret in header "X-Key": missing' in host.program.log  # fmt: skip


def test_credentials_go_no_further(tmp_path: Path) -> None:
    spy = "from host.wl import WL\nspy = lambda *given: {'seen': WL.Server.getClientRequest().plain()}\n"
    names = ("basic", "header", "parameter")
    manifest = "".join(f'<procedure name="{name}" securityTest="{name}"/>' for name in names)
    manifest = manifest.replace('securityTest="basic"', 'securityTest="staff"')
    write(
        tmp_path / "adapters", "spy", f"{spy}{' = '.join(names)} = spy\n", f'<adapter name="spy">{manifest}</adapter>'
    )
    host = Host(tmp_path, access=ACCESS, adapters=tmp_path / "adapters")
    with attacked(host, SECRET, BASIC.split()[-1]):
        for name, header, query in (
            ("basic", BASIC, ""),
            ("header", KEY, ""),
            ("parameter", "X-A: b", f"key={SECRET}"),
        ):
            assert header.split()[-1] in f"{request('GET', '/', [header])!r}"
            said = ask(host, request("GET", f"/context/adapters/spy/{name}?a=b&{query}", [header, "X-Other: kept"]))
            assert (said.status, SECRET in said.body, BASIC.split()[-1] in said.body) == (200, False, False)
            assert "kept" in said.body
        body = f"a=b&key={SECRET}&params=".encode() + quote("[1]").encode()
        said = ask(host, request("POST", "/context/adapters/spy/parameter", [FORM], body))
        assert (said.status, SECRET in said.body, '["a", "b"]' in said.body) == (200, False, True)
        array = request("POST", f"/context/adapters/spy/parameter?key={SECRET}", [JSON], b"[1]")
        assert (ask(host, array).status, SECRET in ask(host, array).body) == (200, False)


def test_refusing_costs_no_database_access_and_loads_nothing(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config/authenticationConfig.xml").write_text(ACCESS)
    write(tmp_path / "adapters", "guarded", GUARDED_CODE, GUARDED)
    options = Options(tmp_path / "config", tmp_path / "adapters", f"sqlite:///{tmp_path}/host.db")
    app, runtime = assemble(options, loads=False)
    runtime.rules = with_procedures(runtime.rules, options, runtime.configuration)
    seen: list[str] = []
    try:
        prepare_schema(runtime.store)
        open_doors(app, runtime)
        for name in ("checkout", "before_cursor_execute"):
            event.listen(runtime.store.engine, name, lambda *_, name=name: seen.append(name))
        client = app.test_client()
        for target in (*NOBODY, "/context/adapters/guarded/basic", "/context/invoke?adapter=guarded&procedure=header"):
            assert client.get(target).status_code in {401, 403, 404}
        assert (seen, runtime.load is not None) == ([], True)
        assert client.get("/context/adapters/guarded/open").json == {"isSuccessful": True, "result": 1}
        assert (seen, runtime.load) == ([], None)  # nor does a call that did nothing
        with runtime.store.read():
            assert seen == ["checkout"]
    finally:
        stop(runtime)


DEVELOPMENT = [
    ("basic", True), ("header", True), ("parameter", True), ("rejecting", True), ("governed", True), ("unnamed", True),
    ("opened", True), ("open", True), ("undefined", False), ("undeclared", False),
]  # fmt: skip


def test_the_credential_of_development_mode_opens_what_is_configured(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config/authenticationConfig.xml").write_text(ACCESS)
    write(tmp_path / "adapters", "guarded", GUARDED_CODE, GUARDED)
    run = begin(9)
    options = Options(tmp_path / "config", tmp_path / "adapters", f"sqlite:///{tmp_path}/host.db", run)
    app = create_app(options, works=False)
    try:
        client = app.test_client()
        paths = {name: f"/context/adapters/guarded/{name}" for name, _ in DEVELOPMENT}
        known = {name: client.get(path, auth=(USER, run.credential)).status_code for name, path in paths.items()}
        assert known == {name: 200 if opens else 403 for name, opens in DEVELOPMENT}
        strangers = {name: client.get(path).status_code for name, path in paths.items()}
        assert strangers == {name: (200 if name == "open" else 401) if opens else 403 for name, opens in DEVELOPMENT}
    finally:
        stop(app.extensions["smshost"])


def test_the_procedure_that_runs_is_the_one_that_was_judged(tmp_path: Path) -> None:
    """Of two folders with one adapter's name the first does not load: the other's procedures have other tests."""
    write(tmp_path / "adapters", "a", "1 / 0", '<adapter name="shop"><procedure name="ask" securityTest="wl_unprotected"/></adapter>')  # fmt: skip
    write(tmp_path / "adapters", "b", "def ask(): pass", '<adapter name="shop"><procedure name="ask" securityTest="staff"/></adapter>')  # fmt: skip
    for folder in ("a", "b"):
        (tmp_path / f"adapters/{folder}/{folder}.xml").rename(tmp_path / f"adapters/{folder}/shop.xml")
    with Host(tmp_path, access=ACCESS, adapters=tmp_path / "adapters") as host:
        assert ask(host, request("GET", "/context/adapters/shop/ask")) == Answer(403)
        assert ask(host, request("GET", "/context/adapters/shop/ask", [BASIC])) == Answer(403)


def test_check_tells_of_security_tests_that_are_not_there(tmp_path: Path) -> None:
    manifest = '<adapter name="shop">\n<procedure name="ask" securityTest="staf"/>\n<procedure name="tell"/></adapter>'
    write(tmp_path / "adapters", "shop", "def ask(): pass\ndef tell(): pass\n", manifest)
    checked = Host(tmp_path, access=ACCESS, adapters=tmp_path / "adapters").run("check")
    assert (checked.status, checked.output.splitlines()) == (
        1,
        [
            f'{tmp_path}/adapters/shop/shop.xml:2: procedure "ask" names the security test "staf", which '
            'authenticationConfig.xml does not define: nobody may call it; did you mean "staff"?',
            "1 problem(s)",
        ],
    )


def test_serve_says_which_procedures_are_open(host: Host) -> None:
    lines = host.program.log.splitlines()
    (everybody,) = [line for line in lines if "open to everybody: " in line]
    (guarded,) = [line for line in lines if "open to those who pass the security test: " in line]
    assert "/adapters/guarded/open, " in everybody
    assert "/adapters/guarded/basic, " in guarded
    assert "/adapters/guarded/rejecting" not in everybody + guarded
    assert "/invoke" not in everybody  # its patterns govern nothing
