"""A Kannel for a module's tests, asking a recorder; and a factory for Kannels that ask somebody else."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.kannel.harness import Kannel, kannel_installed, with_parameters
from tests.kannel.phone import FakePhone
from tests.kannel.recorder import Recorder
from tests.services import require


@pytest.fixture(scope="session")
def kannel_programs() -> None:
    require("Debian's kannel and kannel-extras", kannel_installed())


@pytest.fixture(scope="module")
def start_kannel(kannel_programs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Kannel]]:
    """Starts a Kannel for a get-url (and Kannel's keyword arguments); all of them end with the module."""
    with ExitStack() as started:

        def start(service_url: str, **options: int) -> Kannel:
            return started.enter_context(Kannel(tmp_path_factory.mktemp("kannel"), service_url, **options))

        yield start


@pytest.fixture(scope="module")
def shared_recorder() -> Iterator[Recorder]:
    with Recorder() as recorder:
        yield recorder


@pytest.fixture
def recorder(shared_recorder: Recorder) -> Recorder:
    """The recorder the module's Kannel asks, forgetful of the tests before."""
    shared_recorder.asked.clear()
    shared_recorder.status = 200
    return shared_recorder


@pytest.fixture(scope="module")
def kannel(start_kannel: Callable[..., Kannel], shared_recorder: Recorder) -> Kannel:
    """A Kannel shared by the module's tests."""
    return start_kannel(with_parameters(f"http://gw1:s3cret@127.0.0.1:{shared_recorder.port}/context/receiveSMS"))


@pytest.fixture
def phone(kannel: Kannel) -> Iterator[FakePhone]:
    """The phones of the module's Kannel, with nothing received yet."""
    with FakePhone(kannel) as phone:
        yield phone
