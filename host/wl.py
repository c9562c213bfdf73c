"""``WL``: what adapters see of the host, under the names IBM published.

``from host.wl import WL``. It is a proxy, like Flask's ``current_app``: bound to the adapter while its folder loads
(then it declares: event sources and handlers) and to the running call while a handler, poll or procedure runs (then it
acts: subscriptions and texts, which take effect together when the function returns).
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from host import declaring, invoking, procedures, sending, subscribing, ussd
from host.callers import ActiveUser, ClientRequest, active_user
from host.errors import WLError
from host.filters import Filter
from host.given import USSDRequest
from host.handling import SMSEvent
from host.messages import USSDResponse
from host.notifications import Branch, default_notification
from host.procedures import current
from host.showing import shown_value
from host.subscribing import DeviceSubscription, UserSubscription

__all__ = [
    "WL",
    "ActiveUser",
    "ClientRequest",
    "DeviceSubscription",
    "SMSEvent",
    "USSDRequest",
    "USSDResponse",
    "UserSubscription",
    "WLError",
]


_MOST_LOGGED = 10_000  # characters of one value


def _not_provided(what: str) -> WLError:
    return WLError(f"{what} is not provided by this host: see docs/how-to/migrate-from-mobilefirst.md for what is")


class Server:
    """``WL.Server``."""

    @property
    def configuration(self) -> Mapping[str, str]:
        """Every entry of ``worklight.properties``; values are strings."""
        declaration = declaring.current_or_none()
        return declaration.properties if declaration else current().runtime.configuration.properties

    def createEventSource(self, options: Mapping[str, Any]) -> None:
        """Declare an event source; at the top level of an adapter only.

        ``options``: ``name``; ``poll`` = ``{"interval": seconds, "onPoll": function}``; ``onUserSubscribe``,
        ``onUserUnsubscribe``, ``onDeviceSubscribe``, ``onDeviceUnsubscribe``: functions or their names. Raises
        :class:`WLError`.
        """
        declaring.current("createEventSource").create_event_source(options)

    def createSMSEventHandler(self, aFilter: Filter, aHandler: Any = None, gatewayId: str = "*") -> declaring.Draft:
        """A handler for texts that pass the filter, to be given to :meth:`setEventHandlers`.

        ``gatewayId``: the gateway the texts come from; ``"*"`` (our extension) is every gateway. Raises
        :class:`WLError`.
        """
        return declaring.current("createSMSEventHandler").create_handler(aFilter, aHandler, gatewayId)

    def createUSSDEventHandler(self, aFilter: Filter, aHandler: Any = None) -> declaring.Draft:
        """A handler for USSD requests that pass the filter, to be given to :meth:`setEventHandlers`.

        The filter's names are parameters, headers, or ``__wlpath``: what follows ``/ussd`` in the path. The handler is
        given a :class:`USSDRequest`, and returns what :meth:`createUSSDResponse` gives. Raises :class:`WLError`.
        """
        return declaring.current(declaring.USSD).create_handler(aFilter, aHandler, kind=declaring.USSD)

    def createEventHandler(self, aFilter: Any, aHandler: Any = None) -> declaring.Draft:
        """A handler for events that this host does not have: accepted, and never called. Raises :class:`WLError`."""
        return declaring.current(declaring.EVENT).create_handler(aFilter, aHandler, kind=declaring.EVENT)

    def setEventHandlers(self, eventHandlers: Sequence[declaring.Draft]) -> None:
        """Make these the adapter's handlers, in place of those it set before. Raises :class:`WLError`."""
        declaring.current("setEventHandlers").set_handlers(eventHandlers)

    def createUSSDResponse(
        self, content: str, contentType: str | None = None, isLastMsg: bool | None = None
    ) -> USSDResponse:
        """What a USSD handler returns: what the phone shows, and whether the dialogue ends with it.

        ``contentType``: ``text/plain; charset=UTF-8`` unless said. Raises :class:`WLError`.
        """
        return ussd.response(content, contentType, isLastMsg)

    def subscribeSMS(self, eventsource: str, phoneNumber: str, gatewayId: str) -> DeviceSubscription:
        """Subscribe a phone to an event source; its notifications go out through the gateway.

        Gives the existing subscription where there is one. Raises :class:`WLError`.
        """
        return subscribing.subscribe(current(), eventsource, phoneNumber, gatewayId)

    def getSMSSubscription(self, eventsource: str, phoneNumber: str) -> DeviceSubscription | None:
        """The phone's subscription, or None."""
        return subscribing.find(current(), eventsource, phoneNumber)

    def unsubscribeSMS(self, eventsource: str, phoneNumber: str) -> None:
        """End the phone's subscription; nothing happens where there is none."""
        subscribing.unsubscribe(current(), eventsource, phoneNumber)

    def getUserNotificationSubscription(self, eventSource: str, userId: str) -> UserSubscription | None:
        """A user's subscriptions to an event source, or None; the user id of a texting phone is its number."""
        return subscribing.find_user(current(), eventSource, userId)

    def createDefaultNotification(
        self, notificationText: str | None = None, badge: int | None = None, payload: Any = None
    ) -> Branch:
        """A notification with a branch for every channel; SMS gateways see ``SMS.text`` alone.

        Raises :class:`WLError` for a text that is none; without one, set ``SMS.text`` afterwards.
        """
        return default_notification(notificationText, badge, payload)

    def notifyDeviceSubscription(self, deviceSubscription: DeviceSubscription, notification: Mapping[str, Any]) -> int:
        """Text one subscription; gives 0, the milliseconds to wait before the next call. Raises :class:`WLError`."""
        return sending.notify(current(), deviceSubscription, notification)

    def submitNotification(self, deviceSubscription: DeviceSubscription, notification: Mapping[str, Any]) -> int:
        """The old name of :meth:`notifyDeviceSubscription`."""
        return self.notifyDeviceSubscription(deviceSubscription, notification)

    def notifyAllDevices(self, userSubscription: UserSubscription, notification: Mapping[str, Any]) -> int:
        """Text every subscription of a user; gives 0. Raises :class:`WLError`."""
        return sending.notify_all_devices(current(), userSubscription, notification)

    def notifyDevice(self, userSubscription: UserSubscription, device: str, options: Mapping[str, Any]) -> int:
        """Text one phone of a user; where the user has no such phone the log is told. Gives 0. Raises :class:`WLError`.

        ``device``: the number, as ``token`` of a device subscription is. ``options``: a notification.
        """
        return sending.notify_device(current(), userSubscription, device, options)

    def sendMessage(self, applicationId: str, options: Mapping[str, Any]) -> int:
        """Text the phones that the target names: ``{"message": {"alert": ...}, "target": {"userIds": [...]}}``.

        ``target`` may have ``deviceIds``, phone numbers, instead; each phone gets it once. Gives 0. Raises
        :class:`WLError`, also for targets that cannot mean SMS.
        """
        return sending.send_message(current(), applicationId, options)

    def notifyEventSource(self, eventSourceId: str, notification: Mapping[str, Any], key: str | None = None) -> int:
        """Text every subscriber of an event source (our extension); gives 0. Raises :class:`WLError`.

        With a ``key`` each subscription gets what was announced under it once, however often this is called.
        """
        return sending.notify_event_source(current(), eventSourceId, notification, key)

    def invokeProcedure(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Call a declared procedure: ``{"adapter": ..., "procedure": ..., "parameters": [...]}``.

        Gives its result plus ``isSuccessful``; where it raised, ``isSuccessful: False`` and ``errors``. Raises
        :class:`WLError` where nobody declares it.
        """
        adapter, procedure, parameters = _invocation(options)
        return procedures.invoke(current(), adapter, procedure, parameters)

    def getActiveUser(self, realm: str | None = None) -> ActiveUser | None:
        """Whose call this is; None where nobody was asked who he is, and in handlers of texts and polls.

        ``realm``: only who was admitted through this one.
        """
        identity = current().identity
        return active_user(identity) if identity and realm in {None, identity.realm} else None

    def getClientRequest(self) -> ClientRequest | None:
        """The request this call came by; of a text its parameters alone, and None in a poll."""
        request = current().request
        return request() if request else None

    def invokeHttp(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Ask the back end of the adapter's manifest: ``{"method": "get", "path": "/x", "parameters": {...}, ...}``.

        Gives what it said as an object, plus ``statusCode``, ``responseHeaders`` and so on; where it could not be asked
        or understood, ``isSuccessful: False`` and ``errors``. Raises :class:`WLError`.
        """
        return invoking.invoke_http(current(), options)

    def createSQLStatement(self, statement: str) -> dict[str, str]:
        """Accepted, so that an adapter with SQL in it loads; what would run the statement is not provided."""
        _unheard("createSQLStatement", "SQL is not provided by this host: what runs the statement raises WLError")
        return {"statement": statement}

    def logActivity(self, activityType: str, deviceContext: Any = None) -> None:
        """Accepted, as IBM's server does with raw reports off: nothing is stored."""
        _unheard("logActivity", "this host has no raw reports")

    def setApplicationContext(self, context: Any = None) -> None:
        """Accepted, as IBM's server does with raw reports off: nothing is stored."""
        _unheard("setApplicationContext", "this host has no raw reports")

    def getClientDeviceContext(self) -> None:
        """None: a text tells nothing of the device's whereabouts."""

    def __getattr__(self, name: str) -> Any:
        raise _not_provided(f"WL.Server.{name}")


class Logger:
    """``WL.Logger``: writes to the host's log under the adapter's name; takes any value, not only strings."""

    def debug(self, value: object) -> None:
        _log(logging.DEBUG, value)

    def info(self, value: object) -> None:
        _log(logging.INFO, value)

    def log(self, value: object) -> None:
        """The old name of :meth:`info`."""
        _log(logging.INFO, value)

    def warn(self, value: object) -> None:
        _log(logging.WARNING, value)

    def error(self, value: object) -> None:
        _log(logging.ERROR, value)

    def __getattr__(self, name: str) -> Any:
        raise _not_provided(f"WL.Logger.{name}")


class Facade:
    """The one ``WL``."""

    Server: Final = Server()
    Logger: Final = Logger()

    def __getattr__(self, name: str) -> Any:
        raise _not_provided(f"WL.{name}")


WL: Final = Facade()


def _invocation(options: object) -> tuple[str, str, Sequence[Any]]:
    """The adapter, the procedure and the parameters; raises :class:`WLError` for other options."""
    given = options if isinstance(options, Mapping) else {}
    adapter, procedure = given.get("adapter"), given.get("procedure")
    if not isinstance(adapter, str) or not isinstance(procedure, str):
        form = '{"adapter": "...", "procedure": "...", "parameters": [...]}'
        raise WLError(f"invokeProcedure takes {form}, not {options!r:.200}")
    parameters = [] if given.get("parameters") is None else given["parameters"]
    if not isinstance(parameters, list | tuple):
        raise WLError(f"invokeProcedure: parameters is a list, not {parameters!r:.200}")
    return adapter, procedure, parameters


def _unheard(method: str, why: str) -> None:
    """Tell the log once, for each adapter and process, that a method has no effect."""
    name, declaration = _adapter(), declaring.current_or_none()
    told = declaration.told if declaration else current().runtime.adapters.by_name[name].told
    if method not in told:
        told.add(method)
        logging.getLogger(f"adapter.{name}").warning("WL.Server.%s has no effect: %s", method, why)


def _adapter() -> str:
    """The adapter that loads or runs; raises :class:`WLError` outside of both."""
    declaration = declaring.current_or_none()
    return declaration.adapter if declaration else current().adapter


def _log(level: int, value: object) -> None:
    said = shown_value(value)
    if len(said) > _MOST_LOGGED:
        said = f"{said[:_MOST_LOGGED]}... ({len(said) - _MOST_LOGGED} more characters)"
    logging.getLogger(f"adapter.{_adapter()}").log(level, "%s", said)
