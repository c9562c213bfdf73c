"""Phone numbers in one spelling."""

import pytest

from host.phone import is_phone, normalise


@pytest.mark.parametrize(
    ("raw", "region", "spelling"),
    [
        ("+15550100", None, "+15550100"),
        ("+1 (555) 010-0123", None, "+15550100123"),
        (" 15550100", None, "+15550100"),  # a form decoder made a space of an unescaped +
        ("  +15550100 ", None, "+15550100"),
        ("15550001", None, "15550001"),
        ("98765-43210", None, "9876543210"),
        ("4155552671", "US", "+14155552671"),
        ("0044 7700 900123", "GB", "+447700900123"),
        ("07700 900123", "GB", "+447700900123"),
        ("447700900000", "US", "+447700900000"),  # too long for the region: a gateway that leaves out the +
        ("12125550123", "GB", "+12125550123"),
        ("12125550123", "US", "+12125550123"),
        ("8338", "GB", "8338"),  # a short code, which the library would take for +44 8338
        (" 8338", "GB", "8338"),
        ("IBM", "GB", "IBM"),
        ("1447ß7665544", "GB", "1447ß7665544"),
        ("١٢٣", None, "١٢٣"),
        ("", None, ""),
        ("+", None, "+"),
        ("+" * 500, "US", "+" * 500),
        ("1" * 500, "US", "1" * 500),
    ],
)
def test_one_spelling(raw: str, region: str | None, spelling: str) -> None:
    assert normalise(raw, region) == spelling


@pytest.mark.parametrize(
    ("number", "phone"),
    [
        ("+15550100", True),
        ("15550100", True),
        ("26161", True),
        ("IBM", False),
        ("", False),
        ("+", False),
        ("١٢٣", False),
    ],
)
def test_what_a_text_can_be_sent_to(number: str, phone: bool) -> None:
    assert is_phone(number) is phone
