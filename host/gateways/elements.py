"""XML that gateways send, read without trust (no DOCTYPE, no entities, no network), as names and values."""

from lxml import etree

from host.alphabet import clean
from host.errors import BadCallback
from host.messages import HttpRequest, Pairs
from host.parameters import MOST_PARAMETERS, kind_of


def is_xml(request: HttpRequest) -> bool:
    """Whether a request's body is XML by its type."""
    kind = kind_of(request.headers.get("content-type", ""))[0]
    return bool(request.body) and kind.endswith(("/xml", "+xml"))


def pairs_in_xml(body: bytes) -> Pairs:
    """The elements without children, by local name, in order; raises :class:`BadCallback`."""
    try:
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadCallback(f"the XML body is broken: {error}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise BadCallback("the XML body has a DOCTYPE: leave it out")
    leaves = [node for node in root.iter(etree.Element) if not len(node)]
    if len(leaves) > MOST_PARAMETERS:
        raise BadCallback(f"{len(leaves)} elements: at most {MOST_PARAMETERS} are accepted")
    return tuple((clean(etree.QName(node).localname), clean(node.text or "")) for node in leaves)
