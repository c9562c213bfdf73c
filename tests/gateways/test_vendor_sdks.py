"""Twilio's, Plivo's, Vonage's and MessageBird's own libraries sign what the host accepts, and accept what it signs."""

import hashlib
import secrets
import time
from collections.abc import Callable, Iterator
from urllib.parse import parse_qsl, quote, urlencode

import jwt
import pytest
import requests
from lxml import etree
from messagebird.error import ValidationError
from messagebird.request_validator import RequestValidator as MessageBirdValidator
from plivo import plivoxml
from plivo.utils import validate_signature, validate_v3_signature
from plivo.utils.signature_v3 import construct_get_url, construct_post_url, get_signature_v3
from twilio.request_validator import RequestValidator as TwilioValidator
from twilio.request_validator import get_signature_algorithm
from twilio.twiml.messaging_response import MessagingResponse
from vonage_http_client import Auth

from host.gateways.base import Gateway
from host.messages import HttpRequest, HttpResponse, Inbound
from tests.gateways.dialects import converse, open_gateway, part
from tests.hosts import Host

PUBLIC = "https://sms.example.org"
TOKEN = "tok3n-that-is-long-enough-for-every-one-of-these-hash-based-signatures"
TEXT = Inbound("+447700900000", "sub café & tea=ok ☕", "+447700900001", gateway_message_id="id-1")
METHODS = ["md5", "sha1", "sha256", "sha512"]

GATEWAYS = {
    "twilio": {"account-sid": "AC1", "auth-token": TOKEN, "from": "+1"},
    "shared": {"account-sid": "AC1", "api-key": "SK1", "api-secret": "x", "signing-key": "k1", "signing-secret": TOKEN, "from": "+1"},
    "plivo": {"auth-id": "MA1", "auth-token": TOKEN, "from": "1"},
    "messagebird": {"access-key": "x", "signing-key": TOKEN, "from": "1"},
    **{each: {"api-key": "k", "signature-secret": TOKEN, "signature-method": f"{each}-hmac", "from": "1"} for each in METHODS},
}  # fmt: skip
DIALECTS = {"shared": "twilio", **dict.fromkeys(METHODS, "vonage")}


def element(name: str) -> str:
    inside = "".join(f'<parameter name="{key}" value="{value}"/>' for key, value in GATEWAYS[name].items())
    return f'<gateway id="{name}" hostname="" dialect="{DIALECTS.get(name, name)}">{inside}</gateway>'


def address(name: str, query: str = "") -> str:
    return f"{PUBLIC}/context/receiveSMS/{name}" + (f"?{query}" if query else "")


def form(request: HttpRequest) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode(), keep_blank_values=True))


def of_twilio(request: HttpRequest) -> bool:
    algorithm = get_signature_algorithm(request.headers.get("x-twilio-webhooks-signature-settings", ""))
    signature = request.headers["x-twilio-signature"]
    return bool(TwilioValidator(TOKEN).validate(request.url, form(request), signature, algorithm))


def of_plivo(request: HttpRequest) -> bool:
    nonces = [request.headers[f"x-plivo-signature-{each}-nonce"] for each in ("v2", "v3")]
    v2, v3 = (request.headers[f"x-plivo-signature-{each}"] for each in ("v2", "v3"))
    assert validate_signature(request.url, nonces[0], v2, TOKEN)
    return bool(validate_v3_signature(request.method, request.url, nonces[1], TOKEN, v3, form(request)))


def of_vonage(method: str, request: HttpRequest) -> bool:
    return bool(Auth(api_key="k", signature_secret=TOKEN, signature_method=method).check_signature(form(request)))


def of_messagebird(request: HttpRequest) -> bool:
    try:
        token = request.headers["messagebird-signature-jwt"]
        return bool(MessageBirdValidator(TOKEN).validate_signature(token, request.url, request.body))
    except ValidationError:
        return False


def opinion(name: str, request: HttpRequest) -> bool:
    """What the vendor's library says of a request."""
    judges: dict[str, Callable[[HttpRequest], bool]] = {"twilio": of_twilio, "shared": of_twilio, "plivo": of_plivo}
    return judges.get(name, of_messagebird)(request) if name not in METHODS else of_vonage(name, request)


@pytest.mark.parametrize("query", ["", "gw=1&a=b%20c"])
@pytest.mark.parametrize("name", GATEWAYS)
def test_they_accept_what_the_host_composes(name: str, query: str) -> None:
    request = open_gateway(element(name)).compose(TEXT, address(name, query))
    other = HttpRequest("POST", request.url, request.headers, request.body.replace(b"sub", b"bus"))
    assert [opinion(name, each) for each in (request, other)] == [True, False]


@pytest.mark.parametrize("method", METHODS)
def test_vonage_accepts_what_the_host_sends_signed(method: str) -> None:
    (said,) = converse(open_gateway(element(method)), part("Да & tea=ok"), HttpResponse(503)).said
    assert of_vonage(method, said)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A host that believes signatures alone, and is known to the public under another address."""
    access = """<loginConfiguration>
      <staticResources><resource id="in" securityTest="signed"><urlPatterns>/receiveSMS*</urlPatterns></resource>
      </staticResources>
      <securityTests><customSecurityTest name="signed"><test realm="signed" isInternalUserID="true"/></customSecurityTest>
      </securityTests>
      <realms><realm name="signed" loginModule="signature">
        <className>com.worklight.core.auth.ext.HeaderAuthenticator</className></realm></realms>
      <loginModules><loginModule name="signature">
        <className>smshost.GatewaySignatureLoginModule</className></loginModule></loginModules>
    </loginConfiguration>"""
    public = "publicWorkLightHostname=sms.example.org\npublicWorkLightProtocol=https\n"
    elements = "".join(element(name) for name in GATEWAYS)
    with Host(tmp_path_factory.mktemp("signed"), elements, access, public) as started:
        yield started


def by_twilio(name: str) -> requests.Request:
    url, fields = address(name, "gw=tw"), {"Body": TEXT.text, "From": TEXT.sender, "MessageSid": f"SM-{name}", "A": ""}
    algorithm = "HMAC_SHA256" if name == "shared" else "HMAC_SHA1"
    headers = {"X-Twilio-Signature": TwilioValidator(TOKEN).compute_signature(url, fields, algorithm)}
    if name == "shared":
        headers["X-Twilio-Webhooks-Signature-Settings"] = f"key=k1,algorithm={algorithm}"
    return requests.Request("POST", url, headers, data=fields)


def by_plivo(method: str, query: str, text: str = TEXT.text) -> requests.Request:
    fields, nonce = {"From": "447700900000", "Text": text, "MessageUUID": f"{method}{query}"}, secrets.token_hex(8)
    if method == "GET":
        url = address("plivo", urlencode(fields))
        signed = construct_get_url(url, {})
    else:
        url = address("plivo", query)
        signed = construct_post_url(url, fields)
    signature = get_signature_v3(TOKEN, signed.decode(), nonce).decode()
    headers = {"X-Plivo-Signature-V3": f"another,{signature}", "X-Plivo-Signature-V3-Nonce": nonce}
    return requests.Request(method, url, headers, data=fields if method == "POST" else None)


def by_vonage(digest: str, way: str) -> requests.Request:
    fields = {
        "msisdn": "447700900000",
        "to": "1",
        "text": TEXT.text,
        "messageId": way,
        "timestamp": str(int(time.time())),
    }
    auth = Auth(api_key="k", signature_secret=TOKEN, signature_method=digest)
    fields["sig"] = auth.sign_params(dict(fields)).upper()
    if way == "GET":
        return requests.Request("GET", address(digest, urlencode(fields, quote_via=quote)))
    return requests.Request("POST", address(digest), **{way: fields})


def by_messagebird(algorithm: str) -> requests.Request:
    """Its library only judges: it has to accept this token."""
    url, fields = address("messagebird", "gw=mb"), {"id": algorithm, "originator": "31612345678", "body": TEXT.text}
    body, now = urlencode(fields).encode(), int(time.time())
    hashes = {"url_hash": hashlib.sha256(url.encode()).hexdigest(), "payload_hash": hashlib.sha256(body).hexdigest()}
    claims = {"iss": "MessageBird", "nbf": now - 5, "exp": now + 60, "jti": "1", **hashes}
    token = jwt.encode(claims, TOKEN, algorithm)
    assert MessageBirdValidator(TOKEN).validate_signature(token, url, body)
    headers = {"MessageBird-Signature-JWT": token, "Content-Type": "application/x-www-form-urlencoded"}
    return requests.Request("POST", url, headers, data=body)


SIGNED = {
    "twilio, SHA-1": lambda: by_twilio("twilio"),
    "twilio, SHA-256": lambda: by_twilio("shared"),
    "plivo, POST": lambda: by_plivo("POST", ""),
    "plivo, POST with a query": lambda: by_plivo("POST", "gw=pl&a=1"),
    "plivo, GET": lambda: by_plivo("GET", "", "sub"),
    **{f"vonage, {each}": lambda each=each: by_vonage(each, "data") for each in METHODS},
    "vonage, JSON": lambda: by_vonage("sha256", "json"),
    "vonage, GET": lambda: by_vonage("sha256", "GET"),
    **{f"messagebird, {each}": lambda each=each: by_messagebird(each) for each in ("HS256", "HS384", "HS512")},
}


@pytest.mark.parametrize("name", SIGNED)
def test_the_host_accepts_what_they_sign_and_nothing_else(name: str, host: Host) -> None:
    prepared = SIGNED[name]().prepare()
    local = f"http://127.0.0.1:{host.port}" + prepared.url.removeprefix(PUBLIC)
    changed = prepared.body and prepared.body.replace(
        *(("sub", "bus") if isinstance(prepared.body, str) else (b"sub", b"bus"))
    )
    wrong = local if prepared.body else local.replace("sub", "bus")
    sent = [(local, prepared.body), (wrong, changed), (local + ("&" if "?" in local else "?") + "x=1", prepared.body)]
    answers = [
        requests.request(
            prepared.method, url, headers={**prepared.headers, "Content-Length": None}, data=body, timeout=10
        )
        for url, body in sent
    ]
    assert [each.status_code for each in answers] == [200, 403, 403]


def tree(document: bytes) -> list[tuple[str, dict[str, str], str]]:
    return [(each.tag, dict(each.attrib), (each.text or "").strip()) for each in etree.fromstring(document).iter()]


def test_answers_say_what_theirs_say() -> None:
    texts = ["Hi <you> & me", "café ☕"]
    of_twilio, of_plivo = MessagingResponse(), plivoxml.ResponseElement()
    for each in texts:
        of_twilio.message(each)
        of_plivo.add(plivoxml.MessageElement(each, src="447700900001", dst="447700900000", type="sms"))
    ours: list[Gateway] = [open_gateway(element(name)) for name in ("twilio", "plivo")]
    said = [tree(each.answer_with([TEXT], list(map(part, texts))).body) for each in ours]
    assert said == [tree(str(of_twilio).encode()), tree(of_plivo.to_string().encode())]
