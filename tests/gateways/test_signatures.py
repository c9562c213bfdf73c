"""Signatures, and what never is one."""

import time

import pytest

from host.gateways import signatures
from host.gateways.callbacks import reference_of, with_reference
from tests.gateways.dialects import callback

NOW = 1767268800


@pytest.mark.parametrize(
    ("stamp", "fresh"),
    [
        (str(NOW), True),
        (str(NOW - 300), True),
        (str(NOW - 301), False),
        (str(NOW + 300), True),
        (str(NOW + 301), False),
        (f"{NOW}000", False),  # milliseconds
        ("9" * 5000, False),
        ("", False),
        ("-1", False),
        ("1e9", False),
        ("²", False),
        (f" {NOW}", False),
    ],
)
def test_a_signed_time_is_fresh_for_five_minutes(stamp: str, fresh: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: NOW * 10**9)
    assert signatures.is_fresh(stamp) is fresh


def test_texts_are_compared_whatever_is_in_them() -> None:
    assert [signatures.same("é", each) for each in ("é", "e", "\udc80", "")] == [True, False, False, False]


@pytest.mark.parametrize(("key", "signature"), [("", ""), ("é", "é"), ("AAAA", "AAAA"), ("A" * 43 + "=", "!")])
def test_what_is_no_key_or_no_signature_signs_nothing(key: str, signature: str) -> None:
    assert not signatures.is_ed25519(key, signature, b"")


@pytest.mark.parametrize("url", ["https://h/receiveSMS/g", "https://h/receiveSMS/g?token=t"])
def test_a_reference_comes_back_in_the_address(url: str) -> None:
    _, _, query = with_reference(url, "a-_ &").partition("?")
    assert reference_of(callback(query.encode())) == "a-_ &"
    assert reference_of(callback(b"reference=")) is None
