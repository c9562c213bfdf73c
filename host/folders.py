"""Which folders are adapters, which of their files is the manifest, and which are leftovers of tools and merges."""

import re
from pathlib import Path

#: Hidden files, what a merge, a patch or an editor left behind, and what Python and desktops put anywhere.
_LEFTOVER = re.compile(r"\..*|.*~.*|.*\.(orig|rej|bak)|__pycache__|__MACOSX|Thumbs\.db|desktop\.ini", re.IGNORECASE)


def is_leftover(name: str) -> bool:
    """Whether a file or folder of this name is no part of an adapter: ``X.xml~HEAD``, ``X.js.orig``, ``.gitkeep``."""
    return _LEFTOVER.fullmatch(name) is not None


def holds_anything(folder: Path) -> bool:
    """Whether there is anything in the folder, or in those below, that is no leftover."""
    kept = (path for path in folder.iterdir() if not is_leftover(path.name))
    return any(not path.is_dir() or holds_anything(path) for path in kept)


def adapter_folders(folder: Path) -> list[Path]:
    """The folders that are meant as adapters, by name."""
    named = (path for path in sorted(folder.iterdir()) if not (is_leftover(path.name) or path.name.startswith("_")))
    return [path for path in named if path.is_dir() and holds_anything(path)]


def manifest_of(folder: Path) -> Path | None:
    """The file that describes the adapter; None where there is none.

    Of several XML files it is the one with the folder's name, else one that a script ``<Name>-impl.js`` stands beside.
    """
    files = [path for path in sorted(folder.glob("*.xml")) if path.is_file() and not is_leftover(path.name)]
    named = [path for path in files if path.stem.casefold() == folder.name.casefold()]
    scripted = [path for path in files if path.with_name(f"{path.stem}-impl.js").is_file()]
    return next(iter([*named, *scripted, *files]), None)
