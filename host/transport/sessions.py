"""HTTP through requests: for https, proxies, credentials, and every address that is not plain."""

import time
from collections.abc import Mapping
from functools import partial
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from host import __version__
from host.messages import HttpRequest, HttpResponse
from host.transport.deadline import TimedResponse, read_body

#: Seconds without use after which a connection is not trusted: a gateway that is about to close it would get the text,
#: or not, and nobody would know.
IDLE_SECONDS = 1.0

HEADERS = {"user-agent": f"sms-adapter-host/{__version__}"}


class _TimedHTTP(HTTPConnection):
    response_class = TimedResponse


class _TimedHTTPS(HTTPSConnection):
    response_class = TimedResponse


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _TimedHTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _TimedHTTPS


class TimedAdapter(HTTPAdapter):
    """Requests' connections without its sessions: those keep cookies, and read a redirect's body without limit."""

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        super().init_poolmanager(*arguments, **named)
        _timed(self.poolmanager)

    def proxy_manager_for(self, *arguments: Any, **named: Any) -> PoolManager:
        manager: PoolManager = super().proxy_manager_for(*arguments, **named)
        _timed(manager)
        return manager


def _timed(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}


class Sessions:
    """A line's connections; ``proxies`` as requests takes them."""

    def __init__(self, proxies: Mapping[str, str]) -> None:
        self._proxies = dict(proxies)
        self._adapter = TimedAdapter()
        self._used = time.monotonic()

    def ask(self, request: HttpRequest, timeout: float) -> HttpResponse:
        """The gateway's answer, within ``timeout`` seconds; raises what requests and urllib3 raise."""
        if time.monotonic() - self._used > IDLE_SECONDS:
            self._adapter.close()
        headers = {**HEADERS, **request.headers}
        prepared = requests.Request(request.method, request.url, headers, data=request.body).prepare()
        prepared.url = request.url  # requests respells what it takes for needlessly escaped
        with self._adapter.send(prepared, stream=True, timeout=timeout, proxies=self._proxies) as answer:
            body = read_body(partial(answer.raw.read1, decode_content=True))
            heard = {name.lower(): value for name, value in answer.headers.items()}
        self._used = time.monotonic()
        return HttpResponse(answer.status_code, heard, body)
