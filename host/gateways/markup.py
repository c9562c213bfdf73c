"""Answers in XML, as Twilio and Plivo take them: texts to the phone, or none."""

import re
from collections.abc import Iterable, Mapping

from lxml import etree

from host.messages import HttpResponse

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def messages(texts: Iterable[str], attributes: Mapping[str, str] | None = None) -> HttpResponse:
    """``<Response>`` with a ``<Message>`` for each text; what XML cannot say becomes U+FFFD."""
    root = etree.Element("Response")
    for text in texts:
        message = etree.SubElement(root, "Message")
        for name, value in (attributes or {}).items():
            message.set(name, legal(value))
        message.text = legal(text)
    body = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return HttpResponse(200, {"Content-Type": "text/xml; charset=utf-8"}, body)


def legal(text: str) -> str:
    """The text with only such characters as XML 1.0 allows."""
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)
