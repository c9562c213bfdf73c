"""Conversations as tests: a transcript anybody can read, played against a real host.

    # a reader subscribes
    +15550001 > sub
    +15550001 < Welcome to the bookstore! ...
    poll bookstore.offers
    +15550001 < Offer: ...

``>`` is a text from a phone, ``<`` one the phone receives; texts to one phone are expected in their order, and none may
come that the transcript does not name before the next ``>`` or ``poll``. ``...`` at the end of a text stands for any
rest. The host is real, with a database of its own; its gateways are loopback phones, so no text leaves the machine, and
polls run where the transcript says so, not by the clock.
"""

import threading
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from wsgiref.types import StartResponse, WSGIEnvironment

import requests
from sqlalchemy import func, select
from werkzeug.serving import WSGIRequestHandler, make_server

from host import development, sources
from host.app import create_app, stop
from host.errors import HostError
from host.options import Options
from host.runtime import Runtime
from host.store import broadcasts
from host.store.tables import metadata

_SECONDS = 30.0
_ANY_REST = "..."


class TranscriptError(HostError):
    """What happened is not what the transcript says."""


@dataclass(frozen=True)
class Line:
    """One line of a transcript: ``kind`` is ``>``, ``<`` or ``poll``."""

    number: int
    kind: str
    phone: str
    text: str


def read(transcript: str) -> list[Line]:
    """A transcript's lines; raises :class:`TranscriptError` for one that is none."""
    lines = enumerate(transcript.splitlines(), start=1)
    return [_line(number, text.strip()) for number, text in lines if text.strip() and not text.strip().startswith("#")]


def play(transcript: str, adapters: Path, config: Path, project: Path | None = None) -> None:
    """Play a transcript; raises :class:`TranscriptError` at the first line that does not come true."""
    lines = read(transcript)
    with _stage(Options(config, adapters, project=project)) as stage:
        for line in lines:
            if line.kind == "<":
                stage.expect(line)
            else:
                stage.expect_nothing(line)
                stage.act(line)
        stage.expect_nothing(None)


class _Stage:
    """A running host, and what its phones have received and not yet been asked for."""

    def __init__(self, development_run: development.Development) -> None:
        self._run = development_run
        self._runtime: Runtime | None = None
        self._received: dict[str, deque[str]] = defaultdict(deque)

    def begin(self, runtime: Runtime) -> None:
        if runtime.adapters.broken:
            raise runtime.adapters.broken[0]
        self._runtime = runtime

    @property
    def runtime(self) -> Runtime:
        if self._runtime is None:
            raise TranscriptError("the host has not begun")
        return self._runtime

    def show(self, phone: str, text: str) -> None:
        """What the loopback phone is told."""
        self._received[phone].append(text)

    def act(self, line: Line) -> None:
        """A phone texts, or a poll runs; then wait until the host is idle."""
        if line.kind == ">":
            self._post(line)
        else:
            sources.poll(self.runtime, self.runtime.adapters.event_source(line.text))
        self._until_idle(line)

    def expect(self, line: Line) -> None:
        waiting = self._received[self.runtime.number(line.phone)]
        if not waiting:
            raise TranscriptError(f"line {line.number}: {line.phone} received nothing, expected {line.text!r}")
        text = waiting.popleft()
        prefix = line.text.removesuffix(_ANY_REST)
        if text != line.text and not (prefix != line.text and text.startswith(prefix.rstrip())):
            raise TranscriptError(f"line {line.number}: {line.phone} received {text!r}, expected {line.text!r}")

    def expect_nothing(self, line: Line | None) -> None:
        before = f"before line {line.number}" if line else "at the end"
        for phone, waiting in self._received.items():
            if waiting:
                raise TranscriptError(f"{before}: {phone} also received {waiting[0]!r}")

    def _post(self, line: Line) -> None:
        url = f"http://127.0.0.1:{self._run.port}{self.runtime.configuration.settings.context_root}/receiveSMS"
        gateway = next(iter(self.runtime.gateways.values())).config
        answer = requests.post(
            url,
            data={gateway.from_param: line.phone, gateway.text_param: line.text},
            auth=(development.USER, self._run.credential),
            timeout=_SECONDS,
        )
        if not answer.ok:
            raise TranscriptError(f"line {line.number}: the host answered {answer.status_code}: {answer.text}")

    def _until_idle(self, line: Line) -> None:
        never = threading.Event()
        for _ in range(int(_SECONDS / 0.005)):
            if not self._busy():
                return
            never.wait(0.005)
        raise TranscriptError(f"line {line.number}: the host is still busy after {_SECONDS:.0f} s")

    def _busy(self) -> bool:
        inbox, outbox = metadata.tables["inbox"], metadata.tables["outbox"]
        with self.runtime.store.read() as connection:
            waiting = connection.execute(select(func.count()).where(inbox.c.state == "RECEIVED")).scalar()
            moving = outbox.c.state.in_(("QUEUED", "WAITING", "SENDING"))
            sending = connection.execute(select(func.count()).where(moving)).scalar()
            return bool(waiting or sending or broadcasts.running(connection))


@contextmanager
def _stage(options: Options) -> Iterator[_Stage]:
    """A host in a folder that is thrown away, serving on a free port of 127.0.0.1."""
    server = make_server("127.0.0.1", 0, _not_yet, threaded=True, request_handler=_Quiet)
    run = replace(development.begin(server.server_port), polls=False)
    stage = _Stage(run)
    serving = threading.Thread(target=server.serve_forever, name="smshost-transcript", daemon=True)
    with TemporaryDirectory() as folder:
        options = replace(options, database=f"sqlite:///{folder}/transcript.db", development=run)
        app = create_app(options, show=stage.show)
        server.app = app
        runtime = app.extensions["smshost"]
        serving.start()
        try:
            stage.begin(runtime)
            yield stage
        finally:
            stop(runtime)
            server.shutdown()
            server.server_close()


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's own name
        """A transcript's requests are no news."""


def _not_yet(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Until the application is there: it needs the server's port to be made."""
    start_response("503 Service Unavailable", [])
    return []


def _line(number: int, text: str) -> Line:
    if text.startswith("poll "):
        return Line(number, "poll", "", text.removeprefix("poll ").strip())
    phone, kind, said = text.partition(" ")[0], text.partition(" ")[2][:1], text.partition(" ")[2][2:]
    if kind not in {">", "<"} or not phone:
        raise TranscriptError(f'line {number}: write "PHONE > text", "PHONE < text" or "poll Adapter.EventSource"')
    return Line(number, kind, phone, said)
