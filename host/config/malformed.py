"""What to do about XML that is not well-formed: libxml2 says what it stumbled over, not what to write instead."""

_TYPOGRAPHIC = "“”„‟‘’‚″«»"
_NO_BREAK = "\u00a0\u202f\u2007"

#: What libxml2's message holds, and what to do then; the first that fits counts.
_REMEDIES = (
    ("EntityRef: expecting", 'write "&" as &amp;'),
    ("xmlParseEntityRef: no name", 'write "&" as &amp;'),
    ("Entity '", 'write the character itself, and "&" as &amp;'),
    ("Unescaped '<'", 'a value has no closing quote; or write "<" in it as &lt;'),
    ("AttValue: ", 'write the value in quotes: name="value"'),
    ("attributes construct error", "write one space before each attribute, and both quotes around its value"),
    ("redefined", "keep one of them"),
    ("in character encoding", 'save it as UTF-8, or begin it with <?xml version="1.0" encoding="ISO-8859-1"?>'),
    ("not proper UTF-8", 'save it as UTF-8, or begin it with <?xml version="1.0" encoding="ISO-8859-1"?>'),
    ("XML declaration allowed only", "remove what stands before <?xml"),
    ("Start tag expected", "remove what stands before the first element"),
    ("Namespace prefix", 'declare it on the root element: xmlns:PREFIX="..."'),
    ("Double hyphen within comment", 'a comment holds no "--" and no other comment'),
)
_ABOUT_ATTRIBUTES = ("AttValue: ", "attributes construct error")


def remedy(message: str, line: str) -> str:
    """``; what to do``, or "" where the message says it all; ``line``: the one that it is about."""
    if any(part in message for part in _ABOUT_ATTRIBUTES):
        if strange := [each for each in _TYPOGRAPHIC if each in line]:
            return f'; {" ".join(strange)} are no quotes of XML: write " instead'
        if any(each in line for each in _NO_BREAK):
            return "; a no-break space stands in this line: write an ordinary one"
    return next((f"; {what}" for part, what in _REMEDIES if part in message), "")


def line_of(data: bytes, number: int) -> str:
    """A line of the file, as well as it can be read; "" where there is none."""
    lines = data.decode("utf-8", "replace").splitlines()
    return lines[number - 1] if 0 < number <= len(lines) else ""
