"""``<connectivity>`` of an adapter's manifest: the back end that ``WL.Server.invokeHttp`` speaks to.

What a published file says and this host does not honour is a note for the migration report, not a problem: the rest of
the adapter runs without it. http://setgetweb.com/p/MobileFirst/com.ibm.worklight.dev.doc/devref/r_the__connectionpolicy__element.html
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from host.config.kinds import HOSTNAME, PORT, TEXT, Kind, choice, integer
from host.config.xml import Element, Source
from host.errors import Note, Place

POLICY_ELEMENTS = (
    "protocol",
    "domain",
    "port",
    "connectionTimeoutInMilliseconds",
    "socketTimeoutInMilliseconds",
    "maxConcurrentConnectionsPerNode",
    "authentication",
    "proxy",
    "sslCertificateAlias",
    "sslCertificatePassword",
)
POLICY_ATTRIBUTES = ("cookiePolicy", "maxRedirects")
HTTP = "http"

_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_PROTOCOL = choice("http", "https")
_MILLISECONDS = integer(1, 3_600_000)
_CONNECTIONS = integer(1, 10_000)
_REDIRECTS = integer(0, 100)
_PORTS = {"http": 80, "https": 443}
_REFERENCE = re.compile(r"\$\{([^${}]*)\}")
_SCHEMES = ("basic", "digest")
_NOT_PROVIDED = ("ntlm", "spnego")


@dataclass(frozen=True)
class Credentials:
    """Who this host is at a back end or proxy; ``scheme``: ``basic`` or ``digest``."""

    scheme: str
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class ProxyPolicy:
    """The proxy a back end is reached through."""

    protocol: str
    domain: str
    port: int
    credentials: Credentials | None = None


@dataclass(frozen=True)
class ConnectionPolicy:
    """A ``<connectionPolicy>``. Timeouts are seconds.

    ``type``: what ``xsi:type`` says, without prefix and ending, in small letters: ``http``, ``sql``, ``jms``. Only of
    an ``http`` one is the rest read. ``keeps_cookies``: whether the back end's cookies come back to it in later calls.
    ``trouble``: why it cannot be used, or "".
    """

    type: str
    place: Place
    protocol: str = "http"
    domain: str = ""
    port: int = 80
    connect_timeout: float = 30.0
    read_timeout: float = 30.0
    most_connections: int = 50
    redirects: int = 10
    keeps_cookies: bool = False
    credentials: Credentials | None = None
    proxy: ProxyPolicy | None = None
    trouble: str = ""


@dataclass(frozen=True)
class _Values:
    """The child elements of a policy by name, read with checks; what refers to nothing is gathered in ``undefined``."""

    element: Element
    undefined: set[str]

    def child(self, name: str) -> Element | None:
        return next((each for each in self.element.all_children() if each.name == name), None)

    def text(self, name: str) -> str:
        """The child's text; "" where it is absent, or names a property that is not defined."""
        child = self.child(name)
        written = "" if child is None else child.node.text or ""
        missing = {each for each in _REFERENCE.findall(written) if each not in self.element.source.properties}
        self.undefined.update(missing)
        return "" if child is None or missing else child.text()

    def integer(self, name: str, kind: Kind[int], default: int) -> int:
        return default if (found := self._read(name, kind)) is None else int(str(found))

    def word(self, name: str, kind: Kind[str], default: str) -> str:
        return default if (found := self._read(name, kind)) is None else str(found)

    def within(self, name: str) -> "_Values | None":
        """The values of a child's own children."""
        child = self.child(name)
        return None if child is None else _Values(child, self.undefined)

    def _read(self, name: str, kind: Kind[int] | Kind[str]) -> int | str | None:
        text, child = self.text(name), self.child(name)
        if not text or child is None:
            return None
        try:
            return kind.read(text)
        except ValueError as error:
            child.problem(f"<{name}>{(child.node.text or '').strip()}</{name}>: {error}")  # as written: maybe secret
            return None


def read_connectivity(element: Element) -> tuple[ConnectionPolicy | None, list[Note]]:
    """The connection policy and what of it is not honoured; mistakes go to the element's source.

    None where there is no ``<connectionPolicy>``.
    """
    policies = [each for each in element.all_children() if each.name == "connectionPolicy"]
    constraints = [each for each in element.all_children() if each.name == "loadConstraints"]
    if not policies:
        return None, []
    kind = _type_of(policies[0])
    if kind != HTTP:
        why = (
            f"{kind.upper() or 'unknown'} connections are not provided by this host: calls that need one raise WLError"
        )
        return ConnectionPolicy(kind, policies[0].place, trouble=why), [Note(policies[0].place, why)]
    policy, notes = _http_policy(policies[0])
    for each in constraints:
        most = each.value("maxConcurrentConnectionsPerNode", _CONNECTIONS, policy.most_connections)
        if _Values(policies[0], set()).child("maxConcurrentConnectionsPerNode") is None:
            policy = replace(policy, most_connections=most)
    return policy, notes


def _type_of(policy: Element) -> str:
    """``http`` of ``http:HTTPConnectionPolicyType``; a policy that does not say is taken by what is in it."""
    said = (policy.node.get(_TYPE) or "").rpartition(":")[2].casefold()
    for ending in ("type", "policy", "connection"):
        said = said.removesuffix(ending)
    if said:
        return said
    return HTTP if any(each.name == "domain" for each in policy.all_children()) else ""


def _http_policy(element: Element) -> tuple[ConnectionPolicy, list[Note]]:
    values = _Values(element, set())
    protocol = values.word("protocol", _PROTOCOL, "http")
    domain = values.word("domain", HOSTNAME, "")
    if not domain and not values.undefined and not _is_problem_at(element.source, values.child("domain")):
        element.problem("<connectionPolicy> needs <domain>: write the back end's host name")
    cookies = element.attribute("cookiePolicy")
    policy = ConnectionPolicy(
        HTTP,
        element.place,
        protocol,
        domain,
        values.integer("port", PORT, _PORTS[protocol]),
        values.integer("connectionTimeoutInMilliseconds", _MILLISECONDS, 30_000) / 1000,
        values.integer("socketTimeoutInMilliseconds", _MILLISECONDS, 30_000) / 1000,
        values.integer("maxConcurrentConnectionsPerNode", _CONNECTIONS, 50),
        element.value("maxRedirects", _REDIRECTS, 10),
        cookies not in {"", "IGNORE_COOKIES"},
        _credentials(values.within("authentication")),
        _proxy(values.within("proxy")),
    )
    notes = list(_notes(element, values))
    return replace(policy, trouble=notes[0].message if notes and _is_in_the_way(values) else ""), notes


def _is_problem_at(source: Source, element: Element | None) -> bool:
    return element is not None and any(each.place == element.place for each in source.problems)


def _credentials(values: _Values | None) -> Credentials | None:
    if values is None:
        return None
    identity = values.within("serverIdentity")
    scheme = next((name for name in _SCHEMES if values.child(name) is not None), None)
    if identity is None or scheme is None:
        return None
    username = identity.word("username", TEXT, "")
    if not username:
        return None
    return Credentials(scheme, username, identity.word("password", TEXT, ""))


def _proxy(values: _Values | None) -> ProxyPolicy | None:
    if values is None:
        return None
    protocol = values.word("protocol", _PROTOCOL, "http")
    domain = values.word("domain", HOSTNAME, "")
    if not domain:
        return None
    port = values.integer("port", PORT, _PORTS[protocol])
    return ProxyPolicy(protocol, domain, port, _credentials(values.within("authentication")))


def _is_in_the_way(values: _Values) -> bool:
    """Whether what is noted keeps the policy from being used."""
    return bool(values.undefined) or bool(_foreign_schemes(values))


def _foreign_schemes(values: _Values) -> list[str]:
    return [name for each in _authentications(values) for name in _NOT_PROVIDED if each.child(name) is not None]


def _authentications(values: _Values) -> list[_Values]:
    proxy = values.within("proxy")
    both = [values.within("authentication"), proxy and proxy.within("authentication")]
    return [each for each in both if each]


def _notes(element: Element, values: _Values) -> Iterator[Note]:
    for name in sorted(values.undefined):
        yield Note(element.place, f'"${{{name}}}" is not defined in worklight.properties: invokeHttp raises WLError')
    for name in dict.fromkeys(_foreign_schemes(values)):
        yield Note(element.place, f"<{name}> authentication is not provided by this host: invokeHttp raises WLError")
    for each in _authentications(values):
        if any(each.child(name) is not None for name in _SCHEMES) and each.child("serverIdentity") is None:
            yield Note(
                each.element.place, "<authentication> without <serverIdentity>: the back end gets no credentials"
            )
    alias = values.child("sslCertificateAlias")
    if alias is not None and (alias.node.text or "").strip():
        yield Note(alias.place, "<sslCertificateAlias> is not honoured: no client certificate is shown to the back end")
    for child in element.all_children():
        if child.name not in POLICY_ELEMENTS:
            yield Note(child.place, f"<{child.name}> of <connectionPolicy> is not honoured")
