"""Which address counts as the caller's."""

from ipaddress import ip_network

import pytest

from host.access.peer import client_address, neighbourhood

PROXIES = (ip_network("10.0.0.0/8"), ip_network("2001:db8:aaaa::/48"))

ROWS = [
    # peer, X-Forwarded-For, the caller's address
    ("203.0.113.7", "", "203.0.113.7"),
    ("203.0.113.7", "198.51.100.1", "203.0.113.7"),  # nobody trusted wrote that
    ("10.0.0.1", "", "10.0.0.1"),
    ("10.0.0.1", "203.0.113.7", "203.0.113.7"),
    ("10.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),  # the left one is what the caller wrote
    ("10.0.0.1", "203.0.113.7, 10.0.0.2", "203.0.113.7"),
    ("10.0.0.1", "203.0.113.7,10.0.0.3 ,\t10.0.0.2", "203.0.113.7"),
    ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
    ("10.0.0.1", "203.0.113.7, unknown", "10.0.0.1"),
    ("10.0.0.1", "203.0.113.7, , 10.0.0.2", "10.0.0.2"),
    ("10.0.0.1", "203.0.113.7, <script>, 10.0.0.2", "10.0.0.2"),
    ("10.0.0.1", ",", "10.0.0.1"),
    ("10.0.0.1", "203.0.113.007", "10.0.0.1"),
    ("10.0.0.1", "203.0.113.7:51234", "203.0.113.7"),
    ("10.0.0.1:443", "203.0.113.7", "203.0.113.7"),
    ("::ffff:10.0.0.1", "203.0.113.7", "203.0.113.7"),
    ("10.0.0.1", "::ffff:203.0.113.7", "203.0.113.7"),
    ("10.0.0.1", "[::ffff:203.0.113.7]:51234", "203.0.113.7"),
    ("10.0.0.1", "[2001:db8::7]", "2001:db8::7"),
    ("10.0.0.1", "[2001:DB8::0007]:51234", "2001:db8::7"),
    ("2001:db8:aaaa::1", "2001:db8::7", "2001:db8::7"),
    ("fe80::1%eth0", "203.0.113.7", "fe80::1"),
    ("", "203.0.113.7", ""),
    ("unix:", "203.0.113.7", "unix:"),
]


@pytest.mark.parametrize(("peer", "forwarded_for", "client"), ROWS)
def test_the_walk_stops_at_the_first_hop_that_is_no_trusted_proxy(peer: str, forwarded_for: str, client: str) -> None:
    assert client_address(peer, forwarded_for, PROXIES) == client


def test_without_trusted_proxies_the_header_means_nothing() -> None:
    assert client_address("127.0.0.1", "203.0.113.7", ()) == "127.0.0.1"


@pytest.mark.parametrize(
    ("peer", "has"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "::ffff:203.0.113.7"),
        ("/run/smshost.sock", "/run/smshost.sock"),
    ],
)
def test_what_one_caller_has_at_least(peer: str, has: str) -> None:
    assert neighbourhood(peer) == has
