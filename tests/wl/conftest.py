"""Every WL method is asked in both languages: a test of a method is one text that both of them understand."""

from collections.abc import Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.wl.speaking import LANGUAGES, Speak, Spoken


@pytest.fixture(params=list(LANGUAGES))
def speak(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Speak]:
    """Gives :class:`Spoken` of an adapter "a" in each of the languages."""
    if request.param == "JavaScript" and find_spec("_quickjs") is None:
        pytest.skip("the extra js is not installed")
    with ExitStack() as stack:

        def spoken(*declared: str, **functions: str | list[str]) -> Spoken:
            return stack.enter_context(Spoken(tmp_path, LANGUAGES[request.param], declared, functions))

        yield spoken
