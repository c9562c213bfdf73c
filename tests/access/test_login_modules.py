"""What each login module lets in, and what it says of the rest."""

import base64
import hmac
from collections.abc import Sequence

import pytest

from host.config.smsconfig import read_smsconfig
from host.gateways.base import Conversation, Event, Gateway
from host.messages import HttpRequest, Identity, Part
from tests.access.doors import IBM, Verdict, build, console, door, no_console, verdict

HEADER = IBM + "HeaderAuthenticator"
BASIC = IBM + "BasicAuthenticator"
SHARED = "smshost.SharedSecretLoginModule"
SIGNED = "smshost.GatewaySignatureLoginModule"

ASK = 'Basic realm="door", charset="UTF-8"'
SECRET = "correct horse"


def refused(reason: str) -> str:
    return f'403: resource "sms", realm "door": {reason}'


def asked(reason: str) -> str:
    return f'401 {ASK}: resource "sms", realm "door": {reason}'


def get(path: str = "/receiveSMS", query: str = "", peer: str = "", **headers: str) -> HttpRequest:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    url = f"http://host/context{path}?{query}"
    return HttpRequest("GET", url, given, path=path, query=query.encode(), peer=peer)


def post(content_type: str, body: bytes) -> HttpRequest:
    url = "http://host/context/receiveSMS"
    return HttpRequest("POST", url, {"content-type": content_type}, body, path="/receiveSMS")


def basic(credentials: bytes, scheme: str = "Basic") -> HttpRequest:
    return get(authorization=f"{scheme} {base64.b64encode(credentials).decode()}")


def through(request: HttpRequest, authenticator: str, class_name: str, **parameters: str) -> Verdict:
    rules, problems = build(door(authenticator, class_name, **parameters), console("admin", "päss:wörd"))
    assert problems == []
    return verdict(rules, request)


@pytest.mark.parametrize("authenticator", [HEADER, BASIC])
@pytest.mark.parametrize("request_", [get(), basic(b"admin:admin"), get(peer="127.0.0.1", iv_user="admin")])
def test_rejecting_refuses_everybody_and_asks_for_nothing(authenticator: str, request_: HttpRequest) -> None:
    said = through(request_, authenticator, IBM + "RejectingLoginModule")
    assert said == refused("its login module rejects everybody")


NON_VALIDATING = [
    (HEADER, get(), Identity("anonymous", "door", "anonymous")),
    (HEADER, basic(b"somebody:"), Identity("anonymous", "door", "anonymous")),
    (BASIC, basic(b"somebody:"), Identity("somebody", "door", "somebody")),
    (BASIC, basic(b":secret"), asked("the Basic credentials hold no colon or no user name")),
    (BASIC, get(), asked("no Basic credentials")),
]


@pytest.mark.parametrize(("authenticator", "request_", "said"), NON_VALIDATING)
def test_non_validating_takes_whatever_is_handed_over(authenticator: str, request_: HttpRequest, said: Verdict) -> None:
    assert through(request_, authenticator, IBM + "NonValidatingLoginModule") == said


ADMIN = Identity("admin", "door", "admin")

SINGLE_IDENTITY = [
    (basic("admin:päss:wörd".encode()), ADMIN),
    (basic("admin:päss:wörd".encode(), "basic"), ADMIN),
    (basic("admin:päss:wörd".encode(), "BASIC "), ADMIN),
    (basic(b"admin:"), asked("wrong user name or password")),
    (basic(b"admin:p"), asked("wrong user name or password")),
    (basic("Admin:päss:wörd".encode()), asked("wrong user name or password")),
    (basic("root:päss:wörd".encode()), asked("wrong user name or password")),
    (basic(b"admin"), asked("the Basic credentials hold no colon or no user name")),
    (basic(b""), asked("the Basic credentials hold no colon or no user name")),
    (basic("admin:päss:wörd".encode("latin-1")), asked("the Basic credentials are not base64 of UTF-8")),
    (basic("admin:päss:wörd\n".encode()), asked("the Basic credentials hold a control character")),
    (basic("admin:päss:wörd".encode(), "Bearer"), asked("no Basic credentials")),
    (get(authorization="Basic"), asked("the Basic credentials hold no colon or no user name")),
    (get(authorization="Basic ###"), asked("the Basic credentials are not base64 of UTF-8")),
    (get(authorization="Basic YWRtaW4"), asked("the Basic credentials are not base64 of UTF-8")),
    (get(authorization="Basic ü"), asked("the Basic credentials are not base64 of UTF-8")),
    (get(authorization=""), asked("no Basic credentials")),
    (get(), asked("no Basic credentials")),
]


@pytest.mark.parametrize(("request_", "said"), SINGLE_IDENTITY)
def test_single_identity_is_the_console_user_with_its_password(request_: HttpRequest, said: Verdict) -> None:
    assert through(request_, BASIC, IBM + "SingleIdentityLoginModule") == said


HEADER_LOGIN = [
    (get(iv_user="jo"), Identity("jo", "door", "jo")),
    (get(iv_user=" jo ", iv_name=" Jo Doe "), Identity("jo", "door", "Jo Doe")),
    (get(iv_name="Jo Doe"), refused('the header "IV-User" is missing or empty')),
    (get(iv_user="  "), refused('the header "IV-User" is missing or empty')),
    (get(query="IV-User=jo"), refused('the header "IV-User" is missing or empty')),
    (basic(b"jo:jo"), refused('the header "IV-User" is missing or empty')),
]


@pytest.mark.parametrize(("request_", "said"), HEADER_LOGIN)
def test_header_login_believes_the_header(request_: HttpRequest, said: Verdict) -> None:
    names = {"user_name_header": "IV-User", "display_name_header": "IV-Name"}
    assert through(request_, HEADER, IBM + "HeaderLoginModule", **names) == said


def test_without_a_display_name_header_the_user_name_is_shown() -> None:
    said = through(get(iv_user="jo"), HEADER, IBM + "HeaderLoginModule", user_name_header="IV-User")
    assert said == Identity("jo", "door", "jo")


LOCK = Identity("lock", "door", "lock")
MISSING = 'the secret in parameter "token": missing'
WRONG = 'the secret in parameter "token": wrong'
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
MULTIPART = b'--x\r\nContent-Disposition: form-data; name="token"\r\n\r\ncorrect horse\r\n--x--\r\n'

IN_PARAMETER = [
    (get(query="token=correct+horse&from=1&text=hi"), LOCK),
    (get(query="token=correct%20horse"), LOCK),
    (get(query="token=correct+horse&token=other"), LOCK),
    (get(query="token=other&token=correct+horse"), refused(WRONG)),
    (get(query="token=correct+hors"), refused(WRONG)),
    (get(query="token=Correct+Horse"), refused(WRONG)),
    (get(query="token=correct+horse%00"), refused(WRONG)),
    (get(query="token=%ff%fe"), refused(WRONG)),
    (get(query="Token=correct+horse"), refused(MISSING)),
    (get(query="token="), refused(MISSING)),
    (get(query=""), refused(MISSING)),
    (get(token="correct horse"), refused(MISSING)),
    (post(FORM, b"token=correct+horse"), LOCK),
    (post(FORM, b"token=wrong"), refused(WRONG)),
    (post("multipart/form-data; boundary=x", MULTIPART), LOCK),
    (post("multipart/form-data", MULTIPART), refused("the request's parameters cannot be read")),
    (post(JSON, b'{"token": "correct horse"}'), LOCK),
    (post(JSON, b'{"token": ["correct horse"]}'), refused(WRONG)),
    (post(JSON, b'{"token": "\\ud800"}'), refused(WRONG)),
    (post(JSON, b'{"token": null}'), refused(MISSING)),
    (post(JSON, b'{"token": "correct horse"'), refused("the request's parameters cannot be read")),
    (post(JSON, b'["correct horse"]'), refused("the request's parameters cannot be read")),
    (post("text/plain", b"token=correct+horse"), refused(MISSING)),
]


@pytest.mark.parametrize(("request_", "said"), IN_PARAMETER)
def test_a_shared_secret_in_a_parameter(request_: HttpRequest, said: Verdict) -> None:
    assert through(request_, HEADER, SHARED, secret=SECRET, parameter="token") == said


IN_HEADER = [
    (get(x_token="correct horse"), LOCK),
    (get(x_token="correct horses"), refused('the secret in header "X-Token": wrong')),
    (get(x_token="correct horse, correct horse"), refused('the secret in header "X-Token": wrong')),
    (get(x_token="\udcff€"), refused('the secret in header "X-Token": wrong')),
    (get(x_token=""), refused('the secret in header "X-Token": missing')),
    (get(query="X-Token=correct+horse"), refused('the secret in header "X-Token": missing')),
]


@pytest.mark.parametrize(("request_", "said"), IN_HEADER)
def test_a_shared_secret_in_a_header(request_: HttpRequest, said: Verdict) -> None:
    assert through(request_, HEADER, SHARED, secret=SECRET, header="X-Token") == said


@pytest.mark.parametrize(
    ("token", "admitted"), [("correct+horse", True), ("battery+staple", True), ("battery+horse", False), ("", False)]
)
def test_while_a_secret_is_changed_the_previous_one_still_opens(token: str, admitted: bool) -> None:
    given = {"secret": SECRET, "previous_secret": "battery staple", "parameter": "token"}
    said = through(get(query=f"token={token}"), HEADER, SHARED, **given)
    assert (said == LOCK) is admitted


IN_PASSWORD = [
    ({}, basic(b"kannel:correct horse"), Identity("kannel", "door", "kannel")),
    ({}, basic(b"anybody:correct horse"), Identity("anybody", "door", "anybody")),
    ({}, basic(b"kannel:wrong"), asked("the user name or password: wrong")),
    ({}, basic(b"kannel:"), asked("the user name or password: missing")),
    ({}, basic("kannel:päss:wörd".encode()), asked("the user name or password: wrong")),
    ({}, get(), asked("no Basic credentials")),
    ({}, get(query="password=correct+horse"), asked("no Basic credentials")),
    ({"user": "kannel"}, basic(b"kannel:correct horse"), Identity("kannel", "door", "kannel")),
    ({"user": "kannel"}, basic(b"Kannel:correct horse"), asked("the user name or password: wrong")),
    ({"user": "kannel"}, basic(b"admin:correct horse"), asked("the user name or password: wrong")),
]


@pytest.mark.parametrize(("given", "request_", "said"), IN_PASSWORD)
def test_a_shared_secret_as_basic_password(given: dict[str, str], request_: HttpRequest, said: Verdict) -> None:
    assert through(request_, BASIC, SHARED, secret=SECRET, **given) == said


def test_a_configured_user_names_who_brings_the_secret() -> None:
    said = through(get(x_token=SECRET), HEADER, SHARED, secret=SECRET, header="X-Token", user="kannel")
    assert said == Identity("kannel", "door", "kannel")


OUTSIDE = refused("the caller's address is in none of the networks")

NETWORKS = [
    ("203.0.113.7", "203.0.113.7", Identity("203.0.113.7", "door", "203.0.113.7")),
    ("203.0.113.7", "203.0.113.8", OUTSIDE),
    ("203.0.113.0/24 2001:db8::/32", "203.0.113.255", Identity("203.0.113.255", "door", "203.0.113.255")),
    ("203.0.113.0/24 2001:db8::/32", "203.0.114.0", OUTSIDE),
    ("203.0.113.0/24, 2001:db8::/32", "2001:db8::1", Identity("2001:db8::1", "door", "2001:db8::1")),
    ("203.0.113.0/24,2001:db8::/32", "2001:db9::1", OUTSIDE),
    ("203.0.113.0/24", "::ffff:203.0.113.7", Identity("203.0.113.7", "door", "203.0.113.7")),
    ("198.51.100.1 kaleyra", "208.71.240.0", Identity("208.71.240.0", "door", "208.71.240.0")),
    ("kaleyra", "208.71.247.255", Identity("208.71.247.255", "door", "208.71.247.255")),
    ("kaleyra", "208.71.239.255", OUTSIDE),
    ("kaleyra", "208.71.248.0", OUTSIDE),
    ("0.0.0.0/0", "2001:db8::1", OUTSIDE),
    ("0.0.0.0/0 ::/0", "", OUTSIDE),
    ("0.0.0.0/0 ::/0", "unix:", OUTSIDE),
]


@pytest.mark.parametrize(("networks", "peer", "said"), NETWORKS)
def test_source_networks(networks: str, peer: str, said: Verdict) -> None:
    request = get(peer=peer, x_forwarded_for="203.0.113.7")  # the door has looked at that header already
    assert through(request, HEADER, "smshost.SourceNetworkLoginModule", networks=networks) == said


class Signing(Gateway):
    """A gateway that signs its parameter "text" with the parameter "key"."""

    def recognises(self, request: HttpRequest) -> bool:
        return "text" in request.parameters

    def read(self, request: HttpRequest) -> Sequence[Event]:
        raise NotImplementedError

    def send(self, part: Part) -> Conversation:
        raise NotImplementedError

    def verify(self, request: HttpRequest) -> bool:
        key = self.config.parameters[0].value
        return hmac.compare_digest(signature(key, request.parameters.raw("text")), request.headers.get("signature", ""))


def signature(key: str, text: bytes) -> str:
    return hmac.new(key.encode(), text, "sha256").hexdigest()


GATEWAYS = b"""<config xmlns="http://www.worklight.com/sms/config">
<gateway id="a" hostname=""><parameter name="key" value="key of a"/></gateway>
<gateway id="b" hostname=""><parameter name="key" value="key of b"/></gateway>
</config>"""

BY_A, BY_B = signature("key of a", b"hi"), signature("key of b", b"hi")
UNNAMED = refused("the path names no gateway whose signature could be checked")

SIGNATURES = [
    ({}, get("/receiveSMS/a", "text=hi", signature=BY_A), Identity("a", "door", "a")),
    ({}, get("/receiveSMS/a/report", "text=hi", signature=BY_A), Identity("a", "door", "a")),
    ({}, get("/receiveSMS/a", "text=ho", signature=BY_A), refused('no valid signature of gateway "a"')),
    ({}, get("/receiveSMS/a", "text=hi"), refused('no valid signature of gateway "a"')),
    ({}, get("/receiveSMS/b", "text=hi", signature=BY_A), refused('no valid signature of gateway "b"')),
    ({}, get("/receiveSMS/A", "text=hi", signature=BY_A), UNNAMED),
    ({}, get("/receiveSMS/c", "text=hi", signature=BY_A), UNNAMED),
    ({}, get("/receiveSMS", "text=hi", signature=BY_A), UNNAMED),
    ({}, get("/receiveSMS/", "text=hi", signature=BY_A), UNNAMED),
    ({}, get("/receiveSMS", "text=hi&gateway=a", signature=BY_A), UNNAMED),
    ({"gateway": "a"}, get("/receiveSMS", "text=hi", signature=BY_A), Identity("a", "door", "a")),
    ({"gateway": "a"}, get("/receiveSMS", "text=hi", signature=BY_B), refused('no valid signature of gateway "a"')),
    ({"gateway": "a"}, get("/receiveSMS/b", "text=hi", signature=BY_A), refused('no valid signature of gateway "b"')),
    ({"gateway": "a"}, get("/receiveSMS/c", "text=hi", signature=BY_A), UNNAMED),
    ({"gateway": "a"}, post(JSON, b"{"), refused('the signature of gateway "a" cannot be read')),
]


@pytest.mark.parametrize(("given", "request_", "said"), SIGNATURES)
def test_a_gateway_signature_speaks_for_that_gateway_alone(
    given: dict[str, str], request_: HttpRequest, said: Verdict
) -> None:
    configs, problems = read_smsconfig(GATEWAYS, "SMSConfig.xml", {})
    assert problems == []
    gateways = {config.id: Signing(config) for config in configs}
    rules, complaints = build(door(HEADER, SIGNED, **given), no_console(), gateways)
    assert complaints == []
    assert verdict(rules, request_) == said


def test_a_dialect_without_signatures_never_says_yes() -> None:
    class Unsigned(Signing):
        verify = Gateway.verify

    configs, _ = read_smsconfig(GATEWAYS, "SMSConfig.xml", {})
    rules, _ = build(door(HEADER, SIGNED), no_console(), {"a": Unsigned(configs[0])})
    assert verdict(rules, get("/receiveSMS/a", "text=hi")) == refused('no valid signature of gateway "a"')
