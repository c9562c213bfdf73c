"""Who this host is at back ends and their proxies: headers and addresses made of what a manifest says."""

import base64
from typing import Any
from urllib.parse import quote

from requests import auth, utils

from host.config.connectivity import Credentials, ProxyPolicy

_utils: Any = utils  # its stubs leave parse_dict_header untyped


def basic(credentials: Credentials) -> str:
    """The Authorization header of Basic."""
    both = f"{credentials.username}:{credentials.password}"
    return f"Basic {base64.b64encode(both.encode()).decode()}"


def digest(credentials: Credentials, challenge: str, method: str, url: str) -> str:
    """The Authorization header that answers a WWW-Authenticate; "" where it is no challenge that can be met."""
    scheme, _, parts = challenge.partition(" ")
    if scheme.casefold() != "digest":
        return ""
    known: Any = auth.HTTPDigestAuth(credentials.username, credentials.password)
    known.init_per_thread_state()
    known._thread_local.chal = _utils.parse_dict_header(parts)
    try:
        return str(known.build_digest_header(method, url) or "")
    except KeyError:  # without realm or nonce
        return ""


def proxies(proxy: ProxyPolicy | None) -> dict[str, str]:
    """The proxy as requests takes it."""
    if proxy is None:
        return {}
    known = proxy.credentials
    user = f"{quote(known.username, safe='')}:{quote(known.password, safe='')}@" if known else ""
    address = f"{proxy.protocol}://{user}{proxy.domain}:{proxy.port}"
    return {"http": address, "https": address}
