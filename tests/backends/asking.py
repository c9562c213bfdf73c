"""An adapter that asks a back end on loopback whatever a test wants to know."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from host.procedures import Call, running
from host.runtime import Runtime
from host.wl import WL
from tests.adapters.folders import HEAD, host_at_rest

Ask = Callable[..., dict[str, Any]]


def policy(port: int, inside: str = "", attributes: str = "") -> str:
    """A `<connectivity>` for 127.0.0.1."""
    return (
        '<connectivity><connectionPolicy xsi:type="http:HTTPConnectionPolicyType" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:http="urn:x" {attributes}>'
        f"<domain>127.0.0.1</domain><port>{port}</port>{inside}</connectionPolicy></connectivity>"
    )


@contextmanager
def adapter(
    directory: Path, connectivity: str, properties: str = "", code: str = ""
) -> Iterator[tuple[Runtime, Path, Ask]]:
    """A host at rest with adapter "a" of this connectivity; gives its folder, and `WL.Server.invokeHttp` within a call."""
    folder = directory / "adapters" / "a"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(HEAD + code)
    (folder / "a.xml").write_text(f'<adapter name="a">{connectivity}</adapter>')
    with host_at_rest(directory, properties) as runtime:
        assert runtime.adapters.broken == ()

        def ask(
            path: object = "/", *, method: object = "get", deadline: float | None = None, **options: Any
        ) -> dict[str, Any]:
            with running(Call(runtime, "a", deadline=deadline)):
                return WL.Server.invokeHttp({"method": method, "path": path, **options})

        yield runtime, folder, ask
