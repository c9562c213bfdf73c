"""The SMSCs that are not ours: the tests against them are left out where they cannot be had.

Not even a machine that has all the services need have node, or let its users make network namespaces; with
``REQUIRE_PEERS=1`` (`make test-smsc`) it is a failure.
"""

import os

import pytest


def require_peer(name: str, present: bool) -> None:
    """Skip a test whose peer is missing, or fail it where that was asked for."""
    if present:
        return
    if os.environ.get("REQUIRE_PEERS") == "1":
        pytest.fail(f"needs {name}", pytrace=False)
    pytest.skip(f"needs {name}")
