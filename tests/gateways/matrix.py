"""The matrix of docs/reference/dialects.md, from the dialects' features: `python -m tests.gateways.matrix` writes it."""

import re
from dataclasses import fields
from pathlib import Path

from host.gateways import DIALECTS
from host.gateways.base import Features

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "dialects.md"
_ROWS = re.compile(r"^(?:\| \[`.*\n)+", re.MULTILINE)


def matrix() -> str:
    """The rows."""
    return "".join(
        f"| [`{name}`](dialects/{name}.md) | "
        + " | ".join("yes" if getattr(kind.features, each.name) else "no" for each in fields(Features))
        + " |\n"
        for name, kind in DIALECTS.items()
    )


def written() -> str:
    """The rows as the page has them."""
    found = _ROWS.search(PAGE.read_text(encoding="utf-8"))
    return found[0] if found else ""


def write() -> None:
    """Write them into the page."""
    PAGE.write_text(_ROWS.sub(lambda _: matrix(), PAGE.read_text(encoding="utf-8"), count=1), encoding="utf-8")


if __name__ == "__main__":
    write()
