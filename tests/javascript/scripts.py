"""JavaScript adapters written by a test, hosts around them, and their processes looked for."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select

import tests.hosts
from host import handling
from host.messages import Inbound
from host.receiving import accept
from host.runtime import Runtime
from host.store import inbox
from host.store.tables import metadata
from tests.adapters.folders import host_at_rest

CHILD = "javascript/child.py"


def write_script(folder: Path, name: str, code: str | bytes, *procedures: str) -> Path:
    """A JavaScript adapter's folder: its script, and a manifest that declares these procedures."""
    path = folder / name
    path.mkdir(parents=True)
    script = path / f"{name}-impl.js"
    script.write_bytes(code if isinstance(code, bytes) else code.encode())
    declared = "".join(f'<procedure name="{procedure}"/>' for procedure in procedures)
    manifest = f'<wl:adapter xmlns:wl="http://www.worklight.com/integration" name="{name}">{declared}</wl:adapter>'
    (path / f"{name}.xml").write_text(manifest, encoding="utf-8")
    return script


@contextmanager
def scripts_at_rest(directory: Path, properties: str = "") -> Iterator[Runtime]:
    """A host at rest over `directory`/adapters, all of which load; their processes end with it."""
    before = children_of(os.getpid())
    with host_at_rest(directory, properties) as runtime:
        try:
            assert runtime.adapters.broken == ()
            yield runtime
        finally:
            runtime.close_adapters()
    assert children_of(os.getpid()) <= before


def bring(runtime: Runtime, text: str, sender: str = "+15550001", **parameters: str) -> None:
    """A text as gateway "web" brings it."""
    accept(runtime, runtime.gateways["web"], [Inbound(sender, text, parameters=tuple(parameters.items()))])


def handle(runtime: Runtime) -> None:
    """One attempt at each text that waits, stored."""
    table = metadata.tables["inbox"]
    with runtime.store.read() as connection:
        waiting = connection.execute(select(table).where(table.c.state == "RECEIVED").order_by(table.c.id)).all()
    for row in waiting:
        handled = handling.attempt(runtime, row)
        assert handled is not None
        runtime.store.write(inbox.finish, [handled])


def rows(runtime: Runtime, table: str, *columns: str) -> list[tuple[Any, ...]]:
    """These columns of every row of a table, in order of its ids."""
    found = metadata.tables[table]
    query = select(*(found.c[each] for each in columns)).order_by(*found.primary_key.columns)
    with runtime.store.read() as connection:
        return [tuple(row) for row in connection.execute(query)]


def scripts_of(pid: int) -> set[int]:
    """The processes of scripts of a host, whichever of its processes has begun them."""
    return children_of(pid).union(*(scripts_of(int(child)) for child in tests.hosts.children_of(pid)))


def children_of(pid: int) -> set[int]:
    """The processes of scripts that a process has begun, and that live."""
    found = set()
    for each in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((each / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == pid and CHILD in (each / "cmdline").read_text():
                found.add(int(each.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found
