"""How gateways are told what a USSD handler says, and whether the dialogue ends with it.

IBM documents ``isLastMsg``, and not how a gateway hears of it. Most look at how the content begins (``CON``, ``END``)
or at a header (``Freeflow: FC``, ``FB``): both are configured, for any dialect.
"""

import re
from collections.abc import Iterable, Mapping

from host.errors import WLError
from host.gateways.parameter import Parameter
from host.messages import HttpResponse, USSDResponse
from host.parameters import kind_of

PARAMETERS = (
    Parameter("ussd-continue-prefix", "what the content of a USSD answer begins with while the dialogue goes on"),
    Parameter("ussd-end-prefix", "what the content of the last USSD answer of a dialogue begins with"),
    Parameter("ussd-continue-header", "a header, Name: value, of a USSD answer while the dialogue goes on"),
    Parameter("ussd-end-header", "a header, Name: value, of the last USSD answer of a dialogue"),
)
NAMES = frozenset(parameter.name for parameter in PARAMETERS)

_PLAIN: Mapping[str, str] = dict.fromkeys(NAMES, "")
_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # RFC 9110, 5.6.2
_HEADER = re.compile(rf"({_NAME}):[ \t]*([!-~]([ -~]*[!-~])?)")
_OPTION = rf'[ \t]*;[ \t]*{_NAME}=({_NAME}|"[ !#-\[\]-~]*")'
_CONTENT_TYPE = re.compile(rf"{_NAME}/{_NAME}({_OPTION})*")
_NOT_ITS_OWN = frozenset(
    {"cache-control", "connection", "content-length", "content-type", "date", "keep-alive", "server", "trailer"}
    | {"transfer-encoding", "upgrade"}
)


def answer(response: USSDResponse, own: Mapping[str, str] = _PLAIN) -> HttpResponse:
    """The answer as a gateway with these parameters takes it; raises :class:`WLError` for what cannot be one."""
    step = "end" if response.isLastMsg else "continue"
    header = _HEADER.fullmatch(own[f"ussd-{step}-header"])
    body = encoded(own[f"ussd-{step}-prefix"] + response.content, response.contentType)
    headers = {"Content-Type": response.contentType, "Cache-Control": "no-store"}
    return HttpResponse(200, {**headers, **({header[1]: header[2]} if header else {})}, body)


def problems(own: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    """The parameters that cannot be used, each with what is wrong with it."""
    for name in ("ussd-continue-header", "ussd-end-header"):
        header = _HEADER.fullmatch(own[name])
        if own[name] and (header is None or header[1].lower() in _NOT_ITS_OWN):
            yield name, "is no header that an answer may have: write Name: value, as in Freeflow: FB"


def encoded(content: str, content_type: str) -> bytes:
    """The content in the charset that its type names, else UTF-8; raises :class:`WLError`."""
    if not _CONTENT_TYPE.fullmatch(content_type):
        raise WLError(f"contentType is a media type as in text/plain; charset=UTF-8, not {content_type!r:.200}")
    charset = kind_of(content_type)[1].get("charset") or "utf-8"
    try:
        return content.encode(charset)
    except LookupError as error:
        raise WLError(f"contentType names the charset {charset!r:.50}, which nobody knows") from error
    except ValueError as error:
        raise WLError(f"the content does not fit into the charset {charset!r:.50}: {error}") from error
