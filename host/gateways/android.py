"""What Android phones say of texts they were to send: in words, which are to be trusted first, and in codes.

Result codes of android.telephony.SmsManager and android.app.Activity: -1 is good, others are not. Apps that never set
them send 0, which says nothing.
"""

from host.messages import DeliveryStatus

_GOOD = "-1"
_NOT_SENT = frozenset({"1", "2", "3", "4"})  # generic failure, radio off, null PDU, no service
_SENT_WORDS = ("sms sent", "smssync message sent")


def judged(sent: str, delivered: str, sent_code: str, delivered_code: str) -> DeliveryStatus:
    """What words and codes come to; words over codes, and delivery over sending."""
    by_words = _delivery_words(delivered.strip().casefold()) or _sending_words(sent.strip().casefold())
    if by_words is not None and (by_words is not DeliveryStatus.ACCEPTED or delivered_code != _GOOD):
        return by_words
    if delivered_code == _GOOD:
        return DeliveryStatus.DELIVERED
    if sent_code == _GOOD:
        return DeliveryStatus.ACCEPTED
    return DeliveryStatus.UNDELIVERED if sent_code in _NOT_SENT else DeliveryStatus.UNKNOWN


def _delivery_words(words: str) -> DeliveryStatus | None:
    if words == "sms delivered":
        return DeliveryStatus.DELIVERED
    return DeliveryStatus.UNDELIVERED if words == "sms not delivered" else None


def _sending_words(words: str) -> DeliveryStatus | None:
    if words in _SENT_WORDS:
        return DeliveryStatus.ACCEPTED
    return DeliveryStatus.UNDELIVERED if words.startswith("failed to send") else None
