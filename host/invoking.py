"""``WL.Server.invokeHttp``: an adapter asks the back end of its manifest, and gets what it said as an object."""

import logging
import time
from collections.abc import Mapping
from typing import Any

from host.backends.asking import Asked, ask
from host.backends.lines import NotAsked
from host.backends.options import Wanted
from host.backends.reading import read
from host.backends.xmljson import Unreadable
from host.config.connectivity import HTTP, ConnectionPolicy
from host.errors import WLError
from host.procedures import Call

log = logging.getLogger(__name__)

#: Seconds before a call's deadline by which a back end must have answered, so that the adapter can still say so.
SPARE = 0.5

_LONGEST_TRANSFORMATION = 10.0  # seconds


def invoke_http(call: Call, options: object) -> dict[str, Any]:
    """The back end's answer as an object; where none came that can be read, ``isSuccessful`` is False.

    Raises :class:`WLError` for options that no call can have, and where the adapter's manifest names no back end.
    """
    adapter = call.runtime.adapters.by_name.get(call.adapter)
    policy = _usable(call.adapter, adapter.connection if adapter else None)
    wanted = Wanted.from_options(options)
    settings = call.runtime.configuration.settings
    assert adapter is not None
    lines = call.runtime.backends.of(adapter.name, policy, settings.invoke_http_ca_file)
    began = time.monotonic()
    deadline = None if call.deadline is None else call.deadline - SPARE
    try:
        asked = ask(lines, wanted, settings.invoke_http_max_bytes, deadline)
    except NotAsked as error:
        log.info("%s: invokeHttp: %s", call.adapter, error)
        return _result({}, began, errors=[str(error)], warnings=list(wanted.warnings))
    try:
        longest = min(wanted.read_timeout or policy.read_timeout, _LONGEST_TRANSFORMATION)
        seconds = longest if deadline is None else min(longest, deadline - time.monotonic())
        said, warnings = read(asked, wanted, adapter.folder, seconds)
    except Unreadable as error:
        log.info("%s: invokeHttp: %s", call.adapter, error)
        return _result({}, began, asked, errors=[str(error)], warnings=list(wanted.warnings))
    return _result(said, began, asked, warnings=[*wanted.warnings, *warnings])


def _usable(adapter: str, policy: ConnectionPolicy | None) -> ConnectionPolicy:
    if policy is None:
        raise WLError(
            f'invokeHttp: the manifest of adapter "{adapter}" has no <connectivity> that names a back end '
            "(docs/reference/adapter-manifest.md)"
        )
    if policy.type != HTTP or policy.trouble:
        raise WLError(f"invokeHttp: {policy.trouble} ({policy.place})")
    return policy


def _result(
    said: Mapping[str, Any],
    began: float,
    asked: Asked | None = None,
    errors: list[str] | None = None,
    warnings: list[str] | None = None,
) -> dict[str, Any]:
    """What was said, and then what this host says of it: a back end cannot pretend that."""
    total = _milliseconds(time.monotonic() - began)
    about: dict[str, Any] = {
        "isSuccessful": not errors,
        "errors": errors or [],
        "info": [],
        "warnings": [*(asked.warnings if asked else ()), *(warnings or [])],
        "responseTime": _milliseconds(asked.seconds) if asked else total,
        "totalTime": total,
    }
    if asked is not None:
        about |= {"statusCode": asked.status, "statusReason": asked.reason, "responseHeaders": dict(asked.headers)}
    return {**said, **about}


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
