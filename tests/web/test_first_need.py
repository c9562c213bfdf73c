"""A process that only receives loads adapters at first need: never where no door calls them, early where one does."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from host.app import create_app, stop
from host.development import begin
from host.options import Options
from host.runtime import Runtime
from tests.access.doors import IBM, document, login_module, realm, resource
from tests.adapters.folders import write_adapter
from tests.programs import wait_for

LOADS = """
from pathlib import Path

with (Path(__file__).parent / "loads").open("a") as file:
    file.write("x")

def ask():
    return {}
"""
CLOSED = (
    '<customSecurityTest name="closed"><test realm="nobody"/></customSecurityTest>',
    realm("nobody", IBM + "HeaderAuthenticator", "reject"),
    login_module("reject", IBM + "RejectingLoginModule"),
)


@contextmanager
def receiving(folder: Path, access: bytes, *procedures: str, dev: bool = False) -> Iterator[Runtime]:
    """A process that only receives, with an adapter that counts how often it is loaded."""
    config = folder / "config"
    config.mkdir()
    (config / "authenticationConfig.xml").write_bytes(access)
    write_adapter(folder / "adapters", "shop", LOADS)
    declared = "".join(f"<procedure {procedure}/>" for procedure in procedures)
    (folder / "adapters/shop/shop.xml").write_text(f'<adapter name="shop">{declared}</adapter>')
    url = f"sqlite:///{folder}/host.db"
    app = create_app(Options(config, folder / "adapters", url, begin(9) if dev else None), works=False)
    runtime: Runtime = app.extensions["smshost"]
    try:
        yield runtime
    finally:
        stop(runtime)


def loads(folder: Path) -> str:
    file = folder / "adapters/shop/loads"
    return file.read_text() if file.exists() else ""


RECEIVES_ONLY = [
    (document(""), ('name="ask"',)),
    (document(resource("sms", "/receiveSMS*", "wl_unprotected")), ('name="ask"',)),
    (document(resource("ussd", "/ussd*;/subscribeSMS", "closed"), *CLOSED), ('name="ask" securityTest="closed"',)),
    (document(resource("console", "/console*", "wl_unprotected")), ('name="ask" securityTest="undefined"',)),
    (document(resource("all", "/adapters*", "wl_unprotected")), ()),
    (document(resource("all", "/adapters/other/*", "wl_unprotected")), ('name="ask"',)),
]

CALLS = [
    (document(resource("ussd", "/ussd", "wl_unprotected")), ()),
    (document(resource("ussd", "/ussd/menu*", "wl_unprotected")), ()),
    (document(resource("web", "/subscribeSMS*", "wl_unprotected")), ()),
    (document(resource("all", "/*", "wl_unprotected")), ()),
    (document(resource("all", "/adapters/*", "wl_unprotected")), ('name="ask"',)),
    (document(""), ('name="ask" securityTest="wl_unprotected"',)),
]


@pytest.mark.parametrize(("access", "procedures"), RECEIVES_ONLY)
def test_who_only_receives_loads_nothing(tmp_path: Path, access: bytes, procedures: tuple[str, ...]) -> None:
    with receiving(tmp_path, access, *procedures) as runtime:
        assert runtime.load is not None
        assert dict(runtime.adapters.by_name) == {}
    assert loads(tmp_path) == ""


@pytest.mark.parametrize(("access", "procedures"), CALLS)
def test_who_calls_adapters_has_them_before_the_first_call(
    tmp_path: Path, access: bytes, procedures: tuple[str, ...]
) -> None:
    with receiving(tmp_path, access, *procedures) as runtime:
        wait_for(lambda: runtime.load is None, "the adapters to be loaded")
        assert list(runtime.adapters.by_name) == ["shop"]
    assert loads(tmp_path) == "x"


def test_development_mode_calls_adapters(tmp_path: Path) -> None:
    with receiving(tmp_path, document(""), dev=True) as runtime:
        wait_for(lambda: runtime.load is None, "the adapters to be loaded")


def test_many_that_need_them_at_once_load_them_once(tmp_path: Path) -> None:
    with receiving(tmp_path, document("")) as runtime, ThreadPoolExecutor(16) as threads:
        found = list(threads.map(lambda _: runtime.loaded(), range(16)))
        assert list(map(id, found)) == [id(runtime.adapters)] * 16
    assert loads(tmp_path) == "x"


def test_a_folder_that_is_gone_is_a_broken_adapter(tmp_path: Path) -> None:
    with receiving(tmp_path, document("")) as runtime:
        (tmp_path / "adapters").rename(tmp_path / "away")
        (broken,) = runtime.loaded().broken
        assert str(broken) == f"{tmp_path}/adapters: there is no such adapters folder"


def test_after_the_end_none_are_loaded(tmp_path: Path) -> None:
    with receiving(tmp_path, document("")) as runtime:
        stop(runtime)
        assert dict(runtime.loaded().by_name) == {}
    assert loads(tmp_path) == ""
