"""The text of a script's file, whatever editor wrote it."""

import codecs
from pathlib import Path

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def encoding_of(data: bytes) -> str:
    """UTF-8, or UTF-16 where it says so; what is no UTF-8 is of a time when text was ISO-8859-1."""
    if data.startswith(_UTF_16):
        return "utf-16"
    try:
        data.decode()
    except UnicodeDecodeError:
        return "iso-8859-1"
    return "utf-8-sig"


def script_text(file: Path) -> str:
    """What the file says."""
    data = file.read_bytes()
    return data.decode(encoding_of(data), "replace")
