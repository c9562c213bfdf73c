"""Encodings of text by their names, as calls and back ends give them."""

import codecs

#: Python's own, which no server sends. The time that punycode takes grows with the square of the text's length.
_PYTHONS = frozenset({"punycode", "raw_unicode_escape", "unicode_escape"})


def known_as(name: str) -> str:
    """Python's name of an encoding; raises LookupError or ValueError where it is none that texts come in."""
    b"x".decode(name, "replace")  # of no bytes it asks no codec
    found = codecs.lookup(name).name
    if found.replace("-", "_") in _PYTHONS:
        raise LookupError(name)
    return found
