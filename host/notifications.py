"""The notification object of the WL API: one branch per channel, of which SMS gateways see ``SMS.text`` alone."""

from collections.abc import Mapping
from typing import Any

from host.errors import WLError
from host.numerals import spelled


class Branch(dict[str, Any]):
    """An object as JavaScript has them: ``branch["text"]`` and ``branch.text`` are the same."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value


def default_notification(given: object, badge: int | None, payload: Any) -> Branch:
    """What ``WL.Server.createDefaultNotification`` gives: every branch present and writable.

    Raises :class:`WLError` for a text that is none.
    """
    text = spelled(given)
    if text is not None and (not isinstance(text, str) or not text):
        raise WLError(f"createDefaultNotification: the text is a string that is not empty, not {text!r:.200}")
    return Branch(
        APNS=Branch(badge=badge, alert=text, payload=payload, sound="", actionKey=None),
        GCM=Branch(alert=text, payload=payload),
        SMS=Branch(text=text),
        MPNS=Branch(raw=Branch(payload=payload), toast=None, tile=Branch(title=text, count=badge)),
    )


def text_of(notification: object) -> str:
    """The text an SMS gateway is given; raises :class:`WLError` where there is none.

    The flat form from before Worklight 5.0.6 (``alert`` at the top) is accepted.
    """
    if not isinstance(notification, Mapping):
        raise WLError(f"a notification is made by WL.Server.createDefaultNotification, not {notification!r:.200}")
    branch = notification.get("SMS")
    text = spelled(branch.get("text") if isinstance(branch, Mapping) else notification.get("alert"))
    if not isinstance(text, str) or not text:
        raise WLError("the notification has no SMS.text: createDefaultNotification(text) sets it")
    return text
