"""The caller's address behind reverse proxies.

``X-Forwarded-For`` grows to the right and its left part is whatever the caller wrote, so it is read from the right,
and only for as long as the hop that wrote an entry is a trusted proxy.
https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/X-Forwarded-For#selecting_an_ip_address
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from host.config.settings import Network

Address = IPv4Address | IPv6Address

_BRACKETED = re.compile(r"\[([^\]]*)\](?::\d{1,5})?")
_OF_ONE_CALLER = 64  # bits, RFC 6177
_V4_WITH_PORT = re.compile(r"([0-9.]+):\d{1,5}")


def client_address(peer: str, forwarded_for: str, trusted: Iterable[Network]) -> str:
    """The address of the last hop that is not a trusted proxy, without port and brackets.

    ``peer``: who opened the connection. ``forwarded_for``: the X-Forwarded-For header, "" if none. A forwarded entry
    that is not an address ends the walk: the answer is then the proxy that passed it on. A peer that is not an address
    (a Unix socket) is given back as it came.
    """
    client = parse(peer)
    if client is None:
        return peer
    networks = tuple(trusted)
    hops = forwarded_for.split(",") if forwarded_for else []
    while hops and within(client, networks):
        hop = parse(hops.pop())
        if hop is None:
            break
        client = hop
    return str(client)


@lru_cache(1024)
def parse(text: str) -> Address | None:
    """An address as proxies write it, an IPv4-mapped IPv6 address as IPv4; None where it is not one."""
    text = text.strip()
    if match := _BRACKETED.fullmatch(text) or _V4_WITH_PORT.fullmatch(text):
        text = match[1]
    try:
        address = ip_address(text.partition("%")[0])  # fe80::1%eth0: the zone says nothing about who calls
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def neighbourhood(peer: str) -> str:
    """What one caller has at least: an IPv4 address, or 64 bits of IPv6."""
    address = parse(peer)
    return str(ip_network((address, _OF_ONE_CALLER), strict=False)) if isinstance(address, IPv6Address) else peer


def within(address: Address, networks: Iterable[Network]) -> bool:
    """Whether one of the networks holds the address."""
    return any(address in network for network in networks)
