"""An SMSC for each protocol, and a world around it for a module's tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.kannel.harness import kannel_installed
from tests.services import require
from tests.smsc.cimd2 import Cimd2
from tests.smsc.others import require_peer
from tests.smsc.peer import Smsc
from tests.smsc.smpp import Smpp, npm_smpp
from tests.smsc.ucp import Ucp
from tests.smsc.world import World, world


@pytest.fixture(scope="session")
def kannel_programs() -> None:
    require("Debian's kannel and kannel-extras", kannel_installed())


@contextmanager
def smsc_of(protocol: str, directory: Path) -> Iterator[Smsc]:
    """An SMSC that is not up yet, and is ended afterwards."""
    if protocol != "smpp":
        own = Ucp() if protocol == "emi" else Cimd2()
        yield own
        own.down()
        return
    package = npm_smpp()
    require_peer("node, and npm's smpp, which is fetched once", package is not None)
    assert package
    smpp = Smpp(directory, package)
    yield smpp
    smpp.end()


@pytest.fixture(scope="module", params=["smpp", "emi", "cimd2"])
def live(
    request: pytest.FixtureRequest, kannel_programs: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """The world of a protocol, shared by the module's tests."""
    directory = tmp_path_factory.mktemp(request.param)
    with smsc_of(request.param, directory) as smsc, world(directory, request.param, smsc) as made:
        yield made
        assert list(smsc.errors) == []
