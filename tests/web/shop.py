"""A host with an adapter whose procedures are guarded in every way, for tests that call them over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.hosts import CREDENTIAL, Host, gateway
from tests.web.wire import QUIET

CODE = """
import json
import sys
import time

from host.wl import WL

def echo(*arguments):
    return {"given": list(arguments)}

def nothing():
    return None

def number():
    return 7

def said():
    return {"isSuccessful": False, "errors": ["closed on Sundays"], "info": ["i"], "warnings": ["w"]}

def end_of_comment():
    return {"text": "*/ alert(1) //"}

def raises():
    text("+15550009", "never")
    raise ValueError("no such book")

def exits():
    sys.exit(3)

def no_json():
    text("+15550008", "counts")
    return {"object": object()}

def not_a_number():
    return {"ratio": float("nan")}

def circular():
    circle = {}
    circle["self"] = circle
    return circle

def lone():
    return {"text": "\\ud800\\0"}

def text(phone, what):
    subscription = WL.Server.subscribeSMS("shop.phones", phone, "web")
    WL.Server.notifyDeviceSubscription(subscription, WL.Server.createDefaultNotification(what))

def who():
    user = WL.Server.getActiveUser()
    return {"user": user and user.plain(), "other": WL.Server.getActiveUser("other")}

def asked():
    request = WL.Server.getClientRequest()
    return {
        "plain": request.plain(),
        "header": request.getHeader("x-colour"),
        "names": request.getHeaderNames(),
        "parameter": request.getParameter("params"),
        "values": request.getParameterValues("extra"),
    }

def hang(seconds):
    time.sleep(seconds)

def undeclared():
    return {"leak": True}

WL.Server.createEventSource({"name": "phones"})
"""

OPEN = ("echo", "nothing", "number", "said", "end_of_comment", "raises", "exits", "no_json", "not_a_number",
        "circular", "lone", "asked", "hang")  # fmt: skip
MANIFEST = f"""<wl:adapter name="shop" xmlns:wl="http://www.ibm.com/mfp/integration">
  {"".join(f'<procedure name="{name}" securityTest="wl_unprotected"/>' for name in OPEN)}
  <procedure name="text" securityTest="staff" audit="true"/>
  <procedure name="who" securityTest="staff"/>
</wl:adapter>"""

#: Procedures under the names that tests of access give them; each is `echo`.
GUARDED = """<wl:adapter name="guarded" xmlns:wl="http://www.ibm.com/mfp/integration">
  <procedure name="basic" securityTest="staff"/>
  <procedure name="header" securityTest="header"/>
  <procedure name="parameter" securityTest="parameter"/>
  <procedure name="rejecting" securityTest="rejecting"/>
  <procedure name="undefined" securityTest="nobody-defined-it"/>
  <procedure name="unnamed"/>
  <procedure name="governed"/>
  <procedure name="opened"/>
  <procedure name="open" securityTest="wl_unprotected"/>
</wl:adapter>"""
GUARDED_CODE = (
    "basic = header = parameter = rejecting = undefined = unnamed = governed = opened = open = lambda *given: 1\n"
)

IBM = "com.worklight.core.auth.ext."
SECRET = "correct-horse-battery"


def _test(name: str, authenticator: str, module: str) -> tuple[str, str, str]:
    test = f'<customSecurityTest name="{name}"><test realm="{name}" isInternalUserID="true"/></customSecurityTest>'
    realm = f'<realm name="{name}" loginModule="{name}"><className>{IBM}{authenticator}</className></realm>'
    return test, realm, f'<loginModule name="{name}">{module}</loginModule>'


def _secret(secret: str, **given: str) -> str:
    named = "".join(f'<parameter name="{name}" value="{value}"/>' for name, value in given.items())
    return f'<className>smshost.SharedSecretLoginModule</className><parameter name="secret" value="{secret}"/>{named}'


_TESTS = [
    _test("staff", "BasicAuthenticator", _secret(CREDENTIAL[1], user=CREDENTIAL[0])),
    _test("header", "HeaderAuthenticator", _secret(SECRET, header="X-Key")),
    _test("parameter", "HeaderAuthenticator", _secret(SECRET, parameter="key")),
    _test("rejecting", "HeaderAuthenticator", f"<className>{IBM}RejectingLoginModule</className>"),
]
ACCESS = f"""<loginConfiguration>
  <staticResources>
    <resource id="receive" securityTest="staff"><urlPatterns>/receiveSMS*</urlPatterns></resource>
    <resource id="governed" securityTest="staff">
      <urlPatterns>/adapters/guarded/governed;/adapters/guarded/rejecting</urlPatterns></resource>
    <resource id="opened" securityTest="wl_unprotected">
      <urlPatterns>/adapters/guarded/opened;/adapters/guarded/basic;/adapters/nobody/*;/invoke*</urlPatterns></resource>
  </staticResources>
  <securityTests>{"".join(test for test, _, _ in _TESTS)}</securityTests>
  <realms>{"".join(realm for _, realm, _ in _TESTS)}</realms>
  <loginModules>{"".join(module for _, _, module in _TESTS)}</loginModules>
</loginConfiguration>"""


def write(folder: Path, name: str, code: str, manifest: str) -> None:
    """An adapter folder."""
    (folder / name).mkdir(parents=True)
    (folder / name / "__init__.py").write_text(code, encoding="utf-8")
    (folder / name / f"{name}.xml").write_text(manifest, encoding="utf-8")


@contextmanager
def shop(directory: Path, port: int = 9, properties: str = QUIET, database: str = "") -> Iterator[Host]:
    """The host, serving; `port`: its gateway's."""
    adapters = directory / "adapters"
    write(adapters, "shop", CODE, MANIFEST)
    write(adapters, "guarded", GUARDED_CODE, GUARDED)
    write(adapters, "broken", "1 / 0", GUARDED.replace('name="guarded"', 'name="broken"', 1))
    host = Host(directory, gateway("web", port), ACCESS, properties, adapters=adapters, database=database)
    if database:
        host.run("db", "upgrade")
    with host:
        yield host
        assert host.is_ready()
