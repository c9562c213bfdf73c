"""What a script asks of the host is asked of :data:`host.wl.WL`, the same facade that Python adapters use.

Values cross as JSON. Those that have methods, and events, travel as a kind and its data, of which ``prelude.js`` makes
objects; a function of the script is :class:`ScriptFunction` here, a handler draft is a number there.
"""

import inspect
import json
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import Any, Final

from host import declaring, procedures
from host.adapters import PACKAGE
from host.callers import ClientRequest
from host.declaring import Draft
from host.errors import FRAME, ScriptError, WLError
from host.given import USSDRequest
from host.handling import SMSEvent
from host.numerals import spelled
from host.subscribing import DeviceSubscription, UserSubscription
from host.wl import WL, Logger, Server

Method = Callable[..., Any]
Pair = tuple[str, Any]


def _public(kind: type) -> list[str]:
    return [name for name, member in vars(kind).items() if not name.startswith("_") and inspect.isfunction(member)]


SERVER: Final = _public(Server)
LOGGER: Final = _public(Logger)


@dataclass(frozen=True)
class Bridged:
    """A method that scripts may call. ``defaults``: what stands for each argument that is missing or null."""

    method: Method
    defaults: tuple[Any, ...]

    def __call__(self, arguments: Sequence[Any]) -> Any:
        """Call it as JavaScript does: too many arguments are dropped."""
        given = (*arguments[: len(self.defaults)], *(None,) * (len(self.defaults) - len(arguments)))
        return self.method(
            *(default if each is None else each for each, default in zip(given, self.defaults, strict=True))
        )


def method_of(name: str) -> Bridged:
    """The method that a script names, ``Server.subscribeSMS``; raises :class:`WLError` where there is none."""
    found = _METHODS.get(name)
    if found is not None:
        return found
    raise WLError(f"WL.{name} is not provided by this host: see docs/how-to/migrate-from-mobilefirst.md for what is")


def pair_of(value: Any) -> Pair:
    """A value on its way to the script."""
    match value:
        case UserSubscription():
            return "user", {"eventSource": value.eventSource, "userId": value.userId, "state": value.state}
        case SMSEvent():
            return "event", [dict(value), value.pairs]
        case ClientRequest():
            return "request", value.plain()
        case USSDRequest(params, headers, body):
            return "ussd", {"params": [dict(params), params.pairs], "headers": dict(headers), "body": body}
    return "plain", value


def to_json(message: object) -> bytes:
    """A message as a line; raises :class:`WLError` for what JavaScript cannot be handed."""
    try:
        return _ENCODER.encode(message).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise WLError(f"JavaScript cannot be handed this: {error}") from error


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _device(value: Any) -> Any:
    """A device subscription again, from the object that the script was given; else the value as it came."""
    fields = ("eventSource", "userId", "phoneNumber", "gatewayId")
    if isinstance(value, Mapping) and all(isinstance(value.get(name), str) for name in fields):
        return DeviceSubscription(*(value[name] for name in fields))
    return value


def _user(value: Any) -> Any:
    """A user's subscription again; else the value as it came."""
    if isinstance(value, Mapping) and all(isinstance(value.get(name), str) for name in ("eventSource", "userId")):
        return UserSubscription(value["eventSource"], value["userId"], value.get("state"))  # type: ignore[arg-type]
    return value


def _filter(value: Any) -> Any:
    """A filter; asked for every text, so that no function of a script can be one: all would wait for it."""
    for name, each in value.items() if isinstance(value, Mapping) else ():
        listed = isinstance(each, list) and all(isinstance(spelled(one), str) for one in each)
        if not isinstance(spelled(each), str) and not listed:
            raise WLError(f'the filter\'s "{name}" is a string or a list of strings, not {each!r:.200}')
    return value


_ENCODER = json.JSONEncoder(default=_plain, allow_nan=False, separators=(",", ":"))

_FIRST: dict[str, Callable[[Any], Any]] = {
    "createSMSEventHandler": _filter,
    "createUSSDEventHandler": _filter,
    "notifyDeviceSubscription": _device,
    "submitNotification": _device,
    "notifyAllDevices": _user,
    "notifyDevice": _user,
}


def _bridged(method: Method, revive: Callable[[Any], Any] | None = None) -> Bridged:
    parameters = inspect.signature(method).parameters.values()
    defaults = tuple(None if each.default is each.empty else each.default for each in parameters)
    if revive is None:
        return Bridged(method, defaults)
    return Bridged(lambda first, *others: method(revive(first), *others), defaults)


def _devices(user: Any) -> list[DeviceSubscription]:
    return list(_user(user).getDeviceSubscriptions())


def _save(user: Any) -> None:
    _user(user).save()


_METHODS: dict[str, Bridged] = {
    **{f"Server.{name}": _bridged(getattr(WL.Server, name), _FIRST.get(name)) for name in SERVER},
    "UserSubscription.getDeviceSubscriptions": _bridged(_devices),
    "UserSubscription.save": _bridged(_save),
}


def thrown(error: Exception) -> bytes:
    """An error of the host, or of another adapter, as the script is told of it."""
    if isinstance(error, ScriptError):
        return to_json(["error", error.name, error.said, error.stack])
    return to_json(["error", type(error).__name__, str(error), "\n".join(_frames(error))])


def _frames(error: Exception) -> Iterator[str]:
    """The lines of Python adapters that led there, innermost first, as a script's stack has them."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    lines = [line for _, line in traceback.walk_tb(error.__traceback__)]
    for frame, line in reversed([*zip(frames, lines, strict=True)]):
        if frame.f_globals.get("__name__", "").startswith(f"{PACKAGE}."):
            file = Path(frame.f_code.co_filename)
            yield f"{FRAME}{frame.f_code.co_name} ({file.parent.name}/{file.name}:{line})"


def log(level: str, value: object) -> None:
    """``WL.Logger`` at one of its levels."""
    getattr(WL.Logger, level)(value)


def is_declaring() -> bool:
    """Whether an adapter loads in this thread."""
    return declaring.current_or_none() is not None


def running() -> "procedures.Call | None":
    """The call that runs in this thread, if one does."""
    return procedures.current_or_none()


def is_draft(value: object) -> bool:
    """Whether the script is to be given a number for it."""
    return isinstance(value, Draft)
