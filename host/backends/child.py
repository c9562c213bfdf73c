"""The child process of one transformation: a stylesheet and a document in, what it makes of it out.

Started as a program of its own, which can be ended; libxslt cannot. It imports nothing of the host. Its first line is
JSON: ``kind`` (``xml`` or ``html``) and ``parser`` (its options), ``memory`` (bytes), ``seconds`` of the processor, and
``sizes`` of the stylesheet and the document, which follow.
"""

import json
import math
import resource
import sys
from typing import Any, NoReturn

_XHTML = "http://www.w3.org/1999/xhtml"
_MOST_MADE = 16 << 20  # characters
_SHEET = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}


def _main() -> None:
    sys.path.append(sys.argv[1])
    wanted = json.loads(sys.stdin.buffer.readline())
    sheet, document = (sys.stdin.buffer.read(size) for size in wanted["sizes"])
    from lxml import etree  # noqa: PLC0415 - its folder came as an argument

    seconds = math.ceil(wanted["seconds"]) + 1
    resource.setrlimit(resource.RLIMIT_AS, (wanted["memory"], wanted["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))  # where nobody is left to end it
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        answer = _answer(etree, sheet, document, wanted)
    except MemoryError:
        answer = ["failed", f"it needs more than {wanted['memory'] >> 20} MB of memory"]
    sys.stdout.buffer.write(json.dumps(answer).encode())


def _answer(etree: Any, sheet: bytes, document: bytes, wanted: dict[str, Any]) -> list[str]:
    try:
        ready = _compiled(etree, sheet)
    except (etree.XMLSyntaxError, etree.XSLTParseError, ValueError) as error:
        return ["unusable", str(error)]
    parser = etree.HTMLParser if wanted["kind"] == "html" else etree.XMLParser
    root = etree.fromstring(document, parser(**wanted["parser"]))
    if wanted["kind"] == "html":
        _into_xhtml(root)
    try:
        made = str(ready(root.getroottree()))
    except (etree.XSLTApplyError, ValueError) as error:
        return ["failed", str(error)]
    return ["made", made] if len(made) <= _MOST_MADE else ["failed", f"it made more than {_MOST_MADE} characters"]


def _compiled(etree: Any, sheet: bytes) -> Any:
    class NothingElse(etree.Resolver):  # type: ignore[misc]  # known where lxml is
        """What a stylesheet includes or imports: access control does not hold while one is compiled."""

        def resolve(self, url: str, *_: Any) -> NoReturn:
            raise etree.XSLTParseError(f"it includes {url}: a stylesheet is one file here")

    parser = etree.XMLParser(**_SHEET)
    parser.resolvers.add(NothingElse())
    return etree.XSLT(etree.fromstring(sheet, parser).getroottree(), access_control=etree.XSLTAccessControl.DENY_ALL)


def _into_xhtml(root: Any) -> None:
    """HTML as stylesheets see it: elements in XHTML's namespace."""
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = f"{{{_XHTML}}}{element.tag}"


if __name__ == "__main__":
    _main()
