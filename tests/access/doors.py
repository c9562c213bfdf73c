"""Rules from the files an administrator writes, read by the real readers."""

from collections.abc import Mapping
from dataclasses import replace
from xml.sax.saxutils import quoteattr

from host.access import AccessRules, admit, build_rules
from host.config.authconfig import read_authconfig
from host.config.properties import read_properties
from host.config.settings import Settings, read_settings
from host.errors import Refused
from host.gateways.base import Gateway
from host.messages import HttpRequest, Identity

Verdict = Identity | str
Built = tuple[AccessRules, list[str]]

IBM = "com.worklight.core.auth.ext."


def document(resources: str, tests: str = "", realms: str = "", modules: str = "") -> bytes:
    """authenticationConfig.xml, each section's content on lines of its own."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<tns:loginConfiguration xmlns:tns="http://www.worklight.com/auth/config">
<staticResources>{resources}</staticResources>
<securityTests>{tests}</securityTests>
<realms>{realms}</realms>
<loginModules>{modules}</loginModules>
</tns:loginConfiguration>""".encode()


def resource(name: str, patterns: str, test: str = "gate") -> str:
    return f'<resource id="{name}" securityTest="{test}"><urlPatterns>{patterns}</urlPatterns></resource>'


def parameters(given: Mapping[str, str]) -> str:
    return "".join(f'<parameter name="{name}" value={quoteattr(value)}/>' for name, value in given.items())


def realm(name: str, authenticator: str, module: str, **given: str) -> str:
    inside = f"<className>{authenticator}</className>{parameters(_dashed(given))}"
    return f'<realm name="{name}" loginModule="{module}">{inside}</realm>'


def login_module(name: str, class_name: str, **given: str) -> str:
    inside = f"<className>{class_name}</className>{parameters(_dashed(given))}"
    return f'<loginModule name="{name}">{inside}</loginModule>'


def door(authenticator: str, class_name: str, **given: str) -> bytes:
    """One realm, "door", with one login module, "lock", in front of /receiveSMS."""
    return document(
        resource("sms", "/receiveSMS*"),
        '<customSecurityTest name="gate"><test realm="door" isInternalUserID="true"/></customSecurityTest>',
        realm("door", authenticator, "lock"),
        login_module("lock", class_name, **given),
    )


def console(username: str, password: str) -> Settings:
    data = f"console.username={username}\nconsole.password={password}\n".encode()
    properties, problems = read_properties(data, "worklight.properties", {})
    assert problems == []
    return read_settings(properties)[0]


def no_console() -> Settings:
    return console("", "")


def build(
    data: bytes, settings: Settings, gateways: Mapping[str, Gateway] | None = None, *, published: bool = False
) -> Built:
    """The rules, and the problems of the building as text; ``published``: as of a project in IBM's layout."""
    auth, problems = read_authconfig(data, "authenticationConfig.xml", {})
    assert problems == []
    rules, found = build_rules(replace(auth, published=published), settings, gateways or {})
    return rules, [str(each) for each in sorted(found)]


def verdict(rules: AccessRules, request: HttpRequest) -> Verdict:
    """The identity, or "status challenge: reason" of the refusal."""
    try:
        return admit(rules, request)
    except Refused as refused:
        return f"{refused.status}{f' {refused.challenge}' * bool(refused.challenge)}: {refused}"


def _dashed(given: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in given.items()}
