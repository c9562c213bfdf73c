"""The published ``WL`` names: which are another thing here than they were, and which this host does not provide.

docs/how-to/migrate-from-mobilefirst.md says the same at length; a test holds them together.
"""

from collections.abc import Mapping

from host.javascript.java import STAND_INS
from host.wl import Logger, Server

#: By full name, how it differs, fit to follow "differs: "; without what nobody notices who uses it as published.
DIFFERS = {
    "WL.Server.createEventHandler": "accepted, and never called: there are no events of apps",
    "WL.Server.createUSSDEventHandler": "globals are shared by all callers: know a session by the gateway's parameters",
    "WL.Server.createSQLStatement": "accepted, so that the adapter loads; what runs the statement raises WLError",
    "WL.Server.getActiveUser": "who called the procedure; null in handlers of texts and in polls",
    "WL.Server.getClientRequest": "no headers in handlers of texts, null in polls; it is no Java object",
    "WL.Server.getClientDeviceContext": "null: a text tells nothing of where the device is",
    "WL.Server.getUserNotificationSubscription": "of phones that subscribed by SMS alone: no app subscribes here",
    "WL.Server.logActivity": "no effect",
    "WL.Server.notifyDevice": "the device is a phone's number, and gets an SMS",
    "WL.Server.sendMessage": "SMS to phones that are subscribed, no push; broadcasts, tags and platforms raise WLError",
    "WL.Server.setApplicationContext": "no effect",
}
_PARTS: Mapping[str, type] = {"Server": Server, "Logger": Logger}


def difference(name: str) -> str:
    """What is to be said of a use of this name; "" where it works as published."""
    if name.startswith("MFP."):
        return f"{name} is not provided by this host: MFP is what MobileFirst 8 calls WL, and not defined"
    if name in STAND_INS:
        function = f"a function that {STAND_INS[name]}"
        return f"{name} is Java, which this host does not provide: the name stands for {function}"
    if name in DIFFERS:
        return f"{name} differs: {DIFFERS[name]}"
    _, part, member = name.split(".")
    provided = vars(_PARTS[part]) if part in _PARTS and not member.startswith("_") else {}
    return "" if member in provided else f"{name} is not provided by this host: the call raises WLError"
