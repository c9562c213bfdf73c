"""What SMPP's ``data_coding`` says of a text's bytes (SMPP 3.4, 5.2.19)."""

#: By the number in decimal; what coding 0 is depends on the SMSC.
CHARSETS = {
    "1": "ascii",
    **dict.fromkeys(("2", "3", "4"), "iso-8859-1"),  # octets stay readable from their characters
    "6": "iso-8859-5",
    "7": "iso-8859-8",
    **dict.fromkeys(("8", "24", "25", "26", "27"), "utf-16-be"),  # without a message class, and with one
}


def coding(value: bytes) -> str:
    """The number in decimal, of digits or of the one byte that it is in a PDU."""
    return value.decode() if value.isdigit() else "".join(map(str, value[:1]))
