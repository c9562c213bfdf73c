"""``smshost simulate``: a text as a gateway would bring it, signed and with the credentials that its path asks for."""

from dataclasses import replace
from urllib.parse import quote, urlencode, urlsplit

from host.access import AccessRules
from host.access.authenticators import BasicAuthenticator
from host.access.loginmodules import HeaderLogin, SharedSecret, SingleIdentity, SourceNetwork
from host.access.steps import Step
from host.config import Configuration
from host.errors import HostError
from host.gateways.base import Gateway, basic
from host.messages import HttpRequest, HttpResponse, Inbound
from host.receiving import RECEIVE
from host.transport.meaning import translated
from host.transport.sessions import Sessions

_TIMEOUT = 70.0  # seconds; an answer may wait for replies for a minute


def simulate(
    configuration: Configuration, gateway: Gateway, rules: AccessRules, text: Inbound, base: str
) -> tuple[HttpRequest, HttpResponse]:
    """Post a text to the host at ``base``; gives what was said and heard. Raises :class:`HostError`."""
    root = configuration.settings.context_root
    path = f"{root}{RECEIVE}/{gateway.id}"
    public = configuration.settings.public_base or base.rstrip("/")
    request = posted(gateway, _steps(rules, gateway), text, f"{public}{path}")
    request = replace(request, url=f"{base.rstrip('/')}{request.url.removeprefix(public)}")
    try:
        return request, Sessions({}).ask(request, _TIMEOUT)
    except Exception as error:
        raise translated(error, request) from error


def hint(rules: AccessRules, gateway: Gateway) -> str:
    """What to look at where a host refused what :func:`simulate` brought."""
    if any(isinstance(step.login_module, SourceNetwork) for step in _steps(rules, gateway)):
        return f"{RECEIVE}/{gateway.id} is for certain networks, and this request came from this machine"
    return "one in development mode takes nothing but the credential that it printed"


def posted(gateway: Gateway, steps: tuple[Step, ...], text: Inbound, url: str) -> HttpRequest:
    """The gateway's request to this address, which its signature covers with the credentials that are in it."""
    secrets = [(name, _secret(step)) for step in steps if (name := step.parameter())]
    if secrets:
        url = f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(secrets, quote_via=quote)}"
    request = gateway.compose(text, url)
    headers = {name: value for step in steps for name, value in _headers(step, gateway.id).items()}
    return replace(request, headers={**request.headers, **headers})


def _steps(rules: AccessRules, gateway: Gateway) -> tuple[Step, ...]:
    resource = rules.resource_for(f"{RECEIVE}/{gateway.id}")
    if resource is None:
        raise HostError(f"nobody is heard at {RECEIVE}/{gateway.id}: no resource in authenticationConfig.xml opens it")
    return rules.walk_of(resource.security_test).steps


def _headers(step: Step, gateway: str) -> dict[str, str]:
    """The headers that a realm's login module wants; its networks cannot be had from here."""
    match step.login_module:
        case SharedSecret(header=header) if header:
            return {header: _secret(step)}
        case SharedSecret(user=user) if isinstance(step.authenticator, BasicAuthenticator):
            return {"Authorization": basic(user or gateway, _secret(step))}
        case SingleIdentity(user=user, password=password) if isinstance(step.authenticator, BasicAuthenticator):
            return {"Authorization": basic(user, password)}
        case HeaderLogin(user_header=header):
            return {header: gateway}
    return {}


def _secret(step: Step) -> str:
    module = step.login_module
    return module.secrets[0] if isinstance(module, SharedSecret) else ""
