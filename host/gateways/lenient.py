"""The parameters of requests whose senders spoil their queries and mislabel their bodies, as apps on phones do.

A body is what its first character says. A second ``?`` in a query begins more parameters, as the first one did.
"""

from collections.abc import Iterator

from lxml import etree

from host import parameters
from host.alphabet import clean
from host.errors import BadCallback
from host.messages import HttpRequest
from host.parameters import FORM, JSON, MOST_PARAMETERS, MULTIPART, Pair, Parameters, from_urlencoded, kind_of

_BLANKS = b" \t\r\n"


def read(request: HttpRequest) -> Parameters:
    """The query's parameters and then the body's, of whatever type it is; raises :class:`BadCallback`."""
    query, start = request.query.replace(b"?", b"&"), request.body.lstrip(_BLANKS)[:1]
    if start == b"<":
        pairs = (*from_urlencoded(query), *_elements(request.body))
        if len(pairs) > MOST_PARAMETERS:
            raise BadCallback(f"{len(pairs)} parameters: at most {MOST_PARAMETERS} are accepted")
        return Parameters(pairs)
    if start == b"[":  # has no names
        return Parameters(from_urlencoded(query), whole=False)
    if start == b"{":
        return parameters.read(query, request.body, JSON)
    given = request.headers.get("content-type", "")
    return parameters.read(query, request.body, given if kind_of(given)[0] == MULTIPART else FORM)


def in_query(request: HttpRequest) -> Parameters:
    """The query's parameters alone."""
    return Parameters(from_urlencoded(request.query.replace(b"?", b"&")))


def _elements(body: bytes) -> Iterator[Pair]:
    """What is directly below the root of a document; its DOCTYPE, which could hold anything, is not accepted."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise BadCallback(f"the XML body is broken: {error.msg}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise BadCallback("the XML body has a DOCTYPE: none is accepted")
    for child in root.iterchildren(etree.Element):
        text = "".join(map(str, child.itertext(etree.Element)))
        yield etree.QName(child).localname.encode(), clean(text).encode()
