"""Development mode: the shipped configuration, opened for this run alone, with every gateway a loopback phone.

No text leaves the machine: each configured gateway keeps its id and its parameter names, but sends to the host's own
``/dev/phone``, which prints. The credential is made anew for each run.
"""

import secrets
from dataclasses import dataclass, field, replace

from host.config import Configuration
from host.config.authconfig import AuthConfig, read_authconfig
from host.config.smsconfig import GatewayConfig, GatewayParameter, read_smsconfig
from host.errors import ConfigurationError, Place
from host.gateways import ussd
from host.web.phone import PATH

USER = "phone"

_ACCESS = """<loginConfiguration>
  <staticResources>
    <resource id="development" securityTest="development">
      <urlPatterns>/receiveSMS*;/ussd*;/subscribeSMS*;/adapters*</urlPatterns></resource>
  </staticResources>
  <securityTests>
    <customSecurityTest name="development"><test realm="development" isInternalUserID="true"/></customSecurityTest>
  </securityTests>
  <realms>
    <realm name="development" loginModule="development">
      <className>com.worklight.core.auth.ext.BasicAuthenticator</className>
    </realm>
  </realms>
  <loginModules>
    <loginModule name="development">
      <className>smshost.SharedSecretLoginModule</className>
      <parameter name="user" value="${user}"/>
      <parameter name="secret" value="${credential}"/>
    </loginModule>
  </loginModules>
</loginConfiguration>
"""
_PHONE = '<config><gateway id="phone" hostname="127.0.0.1"/></config>'


@dataclass(frozen=True)
class Development:
    """One run of development mode. ``port``: the host's own, on 127.0.0.1; ``polls``: whether the clock runs them."""

    port: int
    credential: str = field(repr=False)
    polls: bool = True


def begin(port: int) -> Development:
    """A new run with a credential of its own."""
    return Development(port, secrets.token_urlsafe(16))


def overlay(configuration: Configuration, development: Development) -> Configuration:
    """The configuration with access by this run's credential and every gateway sent to the loopback phone."""
    gateways = configuration.gateways or _read_gateways()
    settings = configuration.settings
    return replace(
        configuration,
        settings=replace(settings, polls_enabled=settings.polls_enabled and development.polls),
        gateways=tuple(_loopback(gateway, development) for gateway in gateways),
        auth=_access(development, configuration.auth),
    )


def banner(development: Development, context_root: str) -> str:
    """What to try next, for the person who started it."""
    url = f"http://127.0.0.1:{development.port}{context_root}/receiveSMS"
    return f"""
The host runs in development mode: texts go to the loopback phone, which prints them here.
Send "sub" as the phone +15550001 would, from another terminal:

  curl -i -u {USER}:{development.credential} '{url}?from=%2B15550001&to=26161&text=sub'

The phone then prints what it receives, as in:  +15550001 < Welcome ...
Next: adapters/bookstore/ is the adapter that answered, README.md says where to go from here.
"""


def _loopback(gateway: GatewayConfig, development: Development) -> GatewayConfig:
    token = GatewayParameter("credential", development.credential, True, Place("development mode"))
    return replace(
        gateway,
        hostname="127.0.0.1",
        port=development.port,
        program_name=PATH,
        to_param="to",
        text_param="text",
        protocol="http",
        method="POST",
        dialect="generic",
        reply="send",
        parameters=(token, *(each for each in gateway.parameters if each.name in ussd.NAMES)),
    )


def _access(development: Development, configured: AuthConfig) -> AuthConfig:
    """The run's credential opens every door; each configured security test stands for it, for procedures name them."""
    values = {"user": USER, "credential": development.credential}
    auth, problems = read_authconfig(_ACCESS.encode(), "development mode", values)
    if problems:
        raise ConfigurationError(problems)
    (own,) = auth.security_tests
    tests = {each.name: replace(own, name=each.name) for each in (*configured.security_tests, own)}
    return replace(auth, security_tests=tuple(tests.values()))


def _read_gateways() -> tuple[GatewayConfig, ...]:
    gateways, problems = read_smsconfig(_PHONE.encode(), "development mode", {})
    if problems:
        raise ConfigurationError(problems)
    return gateways
