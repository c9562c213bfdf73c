"""What RapidPro's courier says and hears, apart from any channel's configuration.

https://github.com/nyaruka/courier (handlers/external, core/channels/responses.go)
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

from host.errors import GiveUp, OutcomeUnknown
from host.gateways import documents
from host.gateways.base import judge
from host.messages import Accepted, DeliveryStatus, HttpResponse

#: What a text's service tells of it, in order.
STATUS = {
    "sent": DeliveryStatus.ACCEPTED,
    "delivered": DeliveryStatus.DELIVERED,
    "failed": DeliveryStatus.UNDELIVERED,
}
_AMBIGUOUS = (502, 504)  # of a proxy that does not know whether RapidPro took it


def accepted(heard: HttpResponse) -> Accepted:
    """What RapidPro's answer to a text means. It knows no id by which a repeat would be found out."""
    if heard.status in _AMBIGUOUS:
        raise OutcomeUnknown(f"a proxy before RapidPro answered {heard.status}: it may have the text")
    judge(heard)
    try:
        document = json.loads(heard.body)
    except (ValueError, RecursionError):
        return Accepted()  # the channel's own mo_response
    if documents.text_at(document, "message") == "Ignored":
        raise GiveUp(f"RapidPro ignored the text: {heard.start}")
    return Accepted(documents.text_at(document, "data/0/msg_uuid")[:100] or None)


def answer(status: int, message: str, data: list[dict[str, object]]) -> HttpResponse:
    """An answer as courier gives it."""
    body = json.dumps({"message": message, "data": data}, ensure_ascii=False).encode()
    return HttpResponse(status, {"Content-Type": "application/json"}, body)


def id_name(number: str) -> str:
    """RapidPro takes UUIDs since October 2025, and numbers before."""
    try:
        UUID(number)
    except ValueError:
        return "id"
    return "uuid"


def as_uuid(reference: str) -> str:
    """Our reference, 12 random bytes in base64, as the UUID that services expect."""
    try:
        known = urlsafe_b64decode(reference)
        return str(UUID(bytes=bytes(4) + known))
    except ValueError:
        return reference


def reference_in(number: str) -> str:
    """What :func:`as_uuid` made it of."""
    try:
        known = UUID(number).bytes
    except ValueError:
        return number
    return urlsafe_b64encode(known[4:]).decode() if known[:4] == bytes(4) else number
