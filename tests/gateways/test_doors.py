"""Every dialect through the real door: whose signature counts where, and that nothing but the store makes a 5xx."""

import base64
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask

from host.app import create_app, stop
from host.gateways import DIALECTS
from host.gateways.base import Gateway
from host.messages import HttpRequest, Inbound
from host.options import Options
from host.runtime import Runtime
from tests.access.doors import login_module, realm
from tests.gateways.table import Table
from tests.gateways.tables import TABLES
from tests.gateways.test_contract import HOSTILE

HOST = "https://sms.example.org"
PROPERTIES = "publicWorkLightHostname=sms.example.org\npublicWorkLightProtocol=https\nsmshost.reply.waitSeconds=0.01\n"
SIGNED = sorted(name for name, kind in DIALECTS.items() if kind.features.signature)
RECEIVE = '<resource id="all" securityTest="{}"><urlPatterns>/receiveSMS*</urlPatterns></resource>'
BY_SIGNATURE = "".join(
    (
        f"<staticResources>{RECEIVE.format('signed')}</staticResources><securityTests>",
        '<customSecurityTest name="signed"><test realm="signed" isInternalUserID="true"/></customSecurityTest>',
        "</securityTests><realms>",
        realm("signed", "com.worklight.core.auth.ext.HeaderAuthenticator", "signature"),
        f"</realms><loginModules>{login_module('signature', 'smshost.GatewaySignatureLoginModule')}</loginModules>",
    )
)
TO_EVERYBODY = f"<staticResources>{RECEIVE.format('wl_unprotected')}</staticResources>"
TEXT = Inbound("+12125550123", "sub café", "+12125550199", gateway_message_id="id-1")


@contextmanager
def host(directory: Path, access: str, *elements: str) -> Iterator[tuple[Flask, Runtime]]:
    (directory / "adapters").mkdir()
    (directory / "SMSConfig.xml").write_text(f"<config>{''.join(elements)}</config>", encoding="utf-8")
    (directory / "authenticationConfig.xml").write_text(f"<loginConfiguration>{access}</loginConfiguration>")
    (directory / "worklight.properties").write_text(PROPERTIES)
    app = create_app(Options(directory, directory / "adapters", f"sqlite:///{directory}/host.db"), works=False)
    runtime = app.extensions["smshost"]
    try:
        yield app, runtime
    finally:
        stop(runtime)


def element(table: Table, name: str, parameters: str = "") -> str:
    given = f'id="{name}" dialect="{table.dialect}" hostname="127.0.0.1" port="9" {table.attributes}'
    return f"<gateway {given}>{parameters or table.parameters}</gateway>"


def others(table: Table) -> str:
    """The table's parameters with other secrets."""
    private = Ed25519PrivateKey.generate()
    keys = {"public-key": private.public_key().public_bytes_raw(), "simulation-key": private.private_bytes_raw()}
    text = table.parameters
    for each in DIALECTS[table.dialect].parameters:
        if (each.secret or "key" in each.name) and each.name != "callback-url":
            new = base64.b64encode(keys[each.name]).decode() if each.name in keys else None
            pattern = rf'(<parameter name="{each.name}"\s+value=")([^"]*)'
            text = re.sub(pattern, lambda match: match[1] + (new or turned(match[2])), text)  # noqa: B023
    return text


def turned(value: str) -> str:
    """As long, of the same characters, and another."""
    return re.sub(r"[a-y0-8]", lambda match: chr(ord(match[0]) + 1), value)


def ask(app: Flask, request: HttpRequest, gateway: str = "") -> int:
    """The status that a request gets, at its own address or at a gateway's."""
    url = urlsplit(request.url)
    path = f"/context/receiveSMS/{gateway}" if gateway else url.path
    query = url.query or request.query.decode("latin-1")
    answer = app.test_client().open(
        path, method=request.method, query_string=query, headers=dict(request.headers), data=request.body
    )
    answer.close()
    return answer.status_code


def unsigned(request: HttpRequest) -> HttpRequest:
    body = re.sub(rb"&?\bsig=[^&]*", b"", request.body)
    return replace(request, headers={"content-type": request.headers["content-type"]}, body=body)


def forged(request: HttpRequest) -> HttpRequest:
    """The request with one character in the middle of everything changed that may be a signature."""
    body = re.sub(rb"(\bsig=.{9})(.)", lambda match: match[1] + (b"0" if match[2] != b"0" else b"1"), request.body)
    return replace(request, headers={name: _forged(name, value) for name, value in request.headers.items()}, body=body)


def _forged(name: str, value: str) -> str:
    if name in {"content-type", "user-agent"} or value.isdigit():
        return value
    middle = len(value) // 2
    return value[:middle] + ("A" if value[middle] != "A" else "B") + value[middle + 1 :]


@pytest.mark.parametrize("name", SIGNED)
def test_a_signature_counts_for_its_own_gateway_alone(tmp_path: Path, name: str) -> None:
    table = TABLES[name]
    elements = element(table, "one"), element(table, "other", others(table))
    with host(tmp_path, BY_SIGNATURE, *elements) as (app, runtime):
        gateways = runtime.gateways

        def made(gateway: Gateway, at: str) -> HttpRequest:
            return gateway.compose(TEXT, f"{HOST}/context/receiveSMS/{at}")

        right = {at: ask(app, made(gateways[at], at)) for at in ("one", "other")}
        assert {at: status // 100 for at, status in right.items()} == {"one": 2, "other": 2}
        one, other = gateways["one"], gateways["other"]
        wrong = {
            "unsigned": ask(app, unsigned(made(one, "one"))),
            "forged": ask(app, forged(made(one, "one"))),
            "one's, sent to the other": ask(app, made(one, "one"), "other"),
            "one's, for the other's address": ask(app, made(one, "other")),
            "the other's, for one's address": ask(app, made(other, "one")),
            "one's, without a gateway in the path": ask(
                app, replace(made(one, "one"), url=f"{HOST}/context/receiveSMS")
            ),
        }
        assert wrong == dict.fromkeys(wrong, 403)


def test_a_signature_at_the_bare_address_brings_texts_of_its_own_gateway_alone(tmp_path: Path) -> None:
    end = "GatewaySignatureLoginModule</className>"
    access = BY_SIGNATURE.replace(end, f'{end}<parameter name="gateway" value="one"/>')
    with host(tmp_path, access, element(TABLES["vonage"], "other"), element(TABLES["plivo"], "one")) as (app, runtime):
        request = runtime.gateways["one"].compose(TEXT, f"{HOST}/context/receiveSMS")
        others_fields = replace(
            request, body=b"msisdn=15550001&messageId=1&text=forged"
        )  # Plivo's V2 does not cover the body
        v2 = {name: value for name, value in request.headers.items() if "v3" not in name}
        assert (ask(app, request), ask(app, replace(others_fields, headers=v2))) == (200, 400)


@pytest.fixture(scope="module")
def everybody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A host of all dialects that refuses nobody, each gateway called as its dialect."""
    elements = [element(table, name) for name, table in TABLES.items()]
    with host(tmp_path_factory.mktemp("host"), TO_EVERYBODY, *elements) as (app, _):
        yield app


@pytest.mark.parametrize("callback", HOSTILE)
def test_no_callback_makes_the_host_fail(everybody: Flask, callback: str) -> None:
    statuses = {
        f"{method} {name}/{rest}": ask(
            everybody, replace(HOSTILE[callback], method=method), f"{name}/{rest}".rstrip("/")
        )
        for name, kind in DIALECTS.items()
        for rest in ("", *kind.paths)
        for method in ("GET", "POST", *(["PUT"] if kind.puts else []))
    }
    assert {what: status for what, status in statuses.items() if status >= 500} == {}
    assert ask(everybody, HOSTILE[callback], "") < 500


@pytest.mark.parametrize("name", sorted(TABLES))
def test_what_the_table_gives_is_answered_with_success(everybody: Flask, name: str) -> None:
    callbacks = [row.callback for row in TABLES[name].gives]
    paths = [each.path.replace("/receiveSMS/gw", name, 1) for each in callbacks]
    statuses = [ask(everybody, each, path) // 100 for each, path in zip(callbacks, paths, strict=True)]
    assert statuses == [2] * len(statuses)


def test_what_is_neither_text_nor_report_is_told(everybody: Flask, caplog: pytest.LogCaptureFixture) -> None:
    (ping,) = [each.callback for each in TABLES["smsgate"].gives if b"system:ping" in each.callback.body]
    with caplog.at_level("INFO", "host.receiving"):
        assert ask(everybody, ping, "smsgate") == 200
    assert "smsgate brought neither a text nor a report" in caplog.text


def test_where_the_store_is_away_every_gateway_is_asked_to_keep_its_texts(tmp_path: Path) -> None:
    elements = [element(table, name) for name, table in TABLES.items()]
    with host(tmp_path, TO_EVERYBODY, *elements) as (app, runtime):
        runtime.store.stop()
        made = {
            each.id: each.compose(TEXT, f"{HOST}/context/receiveSMS/{each.id}") for each in runtime.gateways.values()
        }
        assert {name: ask(app, request) for name, request in made.items()} == dict.fromkeys(made, 503)
