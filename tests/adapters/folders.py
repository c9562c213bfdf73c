"""Adapter folders written by a test, and a host at rest around them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from host.app import assemble
from host.options import Options
from host.runtime import Runtime
from tests.databases import sqlite_with_tables

WEB_AND_OTHER = '<gateway id="web" hostname="h"/><gateway id="other" hostname="h"/>'
HEAD = "from host.wl import WL\n"


def write_adapter(folder: Path, name: str, code: str, *procedures: str) -> Path:
    """An adapter folder: its code, and a manifest that declares these procedures."""
    path = folder / name
    path.mkdir(parents=True)
    (path / "__init__.py").write_text(HEAD + code, encoding="utf-8")
    declared = "".join(f'<procedure name="{procedure}"/>' for procedure in procedures)
    manifest = f'<wl:adapter xmlns:wl="http://www.worklight.com/integration" name="{name}">{declared}</wl:adapter>'
    (path / f"{name}.xml").write_text(manifest, encoding="utf-8")
    return path


@contextmanager
def host_at_rest(directory: Path, properties: str = "", gateways: str = WEB_AND_OTHER) -> Iterator[Runtime]:
    """A host over `directory`/adapters with gateways "web" and "other", or these; its engine does not run."""
    config = directory / "config"
    config.mkdir()
    (directory / "adapters").mkdir(exist_ok=True)
    (config / "SMSConfig.xml").write_text(f"<config>{gateways}</config>")
    (config / "worklight.properties").write_text(properties)
    (directory / "host.db").write_bytes(sqlite_with_tables())
    _, runtime = assemble(Options(config, directory / "adapters", f"sqlite:///{directory}/host.db"), works=True)
    try:
        yield runtime
    finally:
        runtime.store.stop()
        runtime.store.engine.dispose()
