"""Connections to one back end: so many at a time, kept alive, with the cookies that the policy keeps.

Requests' connections without its sessions: those read a redirect's body without limit, and keep what they should not.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from host.backends.credentials import proxies
from host.config.connectivity import ConnectionPolicy
from host.errors import HostError
from host.transport.sessions import IDLE_SECONDS, TimedAdapter

_cookies: Any = requests.cookies  # its stubs leave these functions untyped


class NotAsked(HostError):
    """The back end gave no answer; the text says why, without address or credentials."""


class Lines:
    """The connections of one adapter in this process. ``ca_file``: the authorities of TLS, or "" for the usual ones."""

    def __init__(self, policy: ConnectionPolicy, ca_file: str) -> None:
        self.policy = policy
        self._verify: str | bool = ca_file or True
        self._proxies = proxies(policy.proxy)
        self._adapter = TimedAdapter(pool_maxsize=policy.most_connections)
        self._free = threading.BoundedSemaphore(policy.most_connections)
        self._jar = requests.cookies.RequestsCookieJar()
        self._using = threading.Lock()
        self._used = time.monotonic()

    @contextmanager
    def one(self, patience: float) -> Iterator[None]:
        """Hold one of the connections; raises :class:`NotAsked` where none is free within ``patience`` seconds."""
        if not self._free.acquire(timeout=max(0.0, patience)):
            most = self.policy.most_connections
            raise NotAsked(f"all {most} connections to {self.policy.domain} are in use, and none became free in time")
        try:
            yield
        finally:
            self._free.release()

    def send(self, prepared: requests.PreparedRequest, timeouts: tuple[float, float]) -> requests.Response:
        """One request, as it is, and the head of its answer; raises what requests raises."""
        with self._using:
            if time.monotonic() - self._used > IDLE_SECONDS:
                self._adapter.close()  # the back end may have closed its end, too
            self._used = time.monotonic()
        answer = self._adapter.send(
            prepared, stream=True, timeout=timeouts, verify=self._verify, proxies=dict(self._proxies)
        )
        if self.policy.keeps_cookies:
            _cookies.extract_cookies_to_jar(self._jar, prepared, answer.raw)
        return answer

    def cookies(self, prepared: requests.PreparedRequest) -> str:
        """The kept cookies that go with this request."""
        return _cookies.get_cookie_header(self._jar, prepared) or "" if self.policy.keeps_cookies else ""
