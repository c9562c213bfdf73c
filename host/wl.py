"""``WL``: what adapters see of the host, under the names IBM published.

``from host.wl import WL``. It is a proxy, like Flask's ``current_app``: bound to the adapter while its folder loads
(then it declares: event sources and handlers) and to the running call while a handler, poll or procedure runs (then it
acts: subscriptions and texts, which take effect together when the function returns).
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from host import declaring, procedures, sending, subscribing
from host.errors import WLError
from host.filters import Filter
from host.handling import SMSEvent
from host.notifications import Branch, default_notification
from host.procedures import current
from host.subscribing import DeviceSubscription, UserSubscription

__all__ = ["WL", "DeviceSubscription", "SMSEvent", "UserSubscription", "WLError"]


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

    def setEventHandlers(self, eventHandlers: Sequence[declaring.Draft]) -> None:
        """Make these the adapter's handlers, in place of those it set before. Raises :class:`WLError`."""
        declaring.current("setEventHandlers").set_handlers(eventHandlers)

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

    def __getattr__(self, name: str) -> Any:
        raise WLError(f"WL.Server.{name} is not provided by this host: see docs/reference/wl.md for what is")


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
        raise WLError(f"WL.Logger.{name} is not provided by this host: see docs/reference/wl.md for what is")


class Facade:
    """The one ``WL``."""

    Server: Final = Server()
    Logger: Final = Logger()

    def __getattr__(self, name: str) -> Any:
        raise WLError(f"WL.{name} is not provided by this host: see docs/reference/wl.md for what is")


WL: Final = Facade()


def _invocation(options: object) -> tuple[str, str, Sequence[Any]]:
    """The adapter, the procedure and the parameters; raises :class:`WLError` for other options."""
    given = options if isinstance(options, Mapping) else {}
    adapter, procedure = given.get("adapter"), given.get("procedure")
    if not isinstance(adapter, str) or not isinstance(procedure, str):
        form = '{"adapter": "...", "procedure": "...", "parameters": [...]}'
        raise WLError(f"invokeProcedure takes {form}, not {options!r}")
    parameters = [] if given.get("parameters") is None else given["parameters"]
    if not isinstance(parameters, list | tuple):
        raise WLError(f"invokeProcedure: parameters is a list, not {parameters!r}")
    return adapter, procedure, parameters


def _log(level: int, value: object) -> None:
    declaration = declaring.current_or_none()
    name = declaration.adapter if declaration else current().adapter
    logging.getLogger(f"adapter.{name}").log(level, "%s", value)
