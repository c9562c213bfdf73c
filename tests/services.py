"""What a test needs of the machine: said by name where it is missing, and a failure where it was promised."""

import os

import pytest


def require(name: str, present: bool) -> None:
    """Skip a test whose service is missing; with ``REQUIRE_SERVICES=1`` that is a failure."""
    if present:
        return
    if os.environ.get("REQUIRE_SERVICES") == "1":
        pytest.fail(f"needs {name}", pytrace=False)
    pytest.skip(f"needs {name}")
