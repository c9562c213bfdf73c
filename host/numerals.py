"""Numbers where strings are meant: IBM's server ran JavaScript in Java, which made strings of them by itself."""

_MOST = 10**21  # ECMA-262, Number::toString: from here on it writes an exponent


def spelled(value: object) -> object:
    """A whole number as JavaScript writes it, ``15559001`` for 15559001.0; everything else as it came."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not -_MOST < value < _MOST:
        return value
    return str(int(value)) if value == int(value) else value
