"""What a receive is compared with: bare Flask, and Flask-SQLAlchemy that commits every request by itself.

Both do what any receiver does: read the parameters, and put all of them into JSON. A process of its own, in the server
that `smshost serve` uses, set up in the same way: ``python -m bench.baselines bare|committing PORT [DATABASE-URL]``.
"""

import json
import os
import sys
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from flask_sqlalchemy import SQLAlchemy
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from sqlalchemy import BigInteger, Engine, Index, Integer, Text, UniqueConstraint, event, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from host.store.database import BUSY_SECONDS

_THREADS = 208  # as host.serving has them


class _Base(DeclarativeBase):
    pass


_db = SQLAlchemy(model_class=_Base)

if TYPE_CHECKING:
    _Model = _Base
else:
    _Model = _db.Model

_FIELDS = ("id", "from", "to", "text")


class Message(_Model):
    """A text from a phone, with the indexes that a host needs to know repeats and what is still to do."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("gateway", "gateway_message_id"),
        Index("message_ready", "id", sqlite_where=text("state = 0"), postgresql_where=text("state = 0")),
    )
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    gateway: Mapped[str] = mapped_column(Text)
    gateway_message_id: Mapped[str] = mapped_column(Text)
    sender: Mapped[str] = mapped_column(Text)
    receiver: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    parameters: Mapped[str] = mapped_column(Text)
    state: Mapped[int] = mapped_column(Integer, default=0)


def _read() -> Message:
    """The request as a row; it costs what building any object of that size costs."""
    id_, sender, receiver, said = (request.args[name] for name in _FIELDS)
    parameters = json.dumps(list(request.args.items(multi=True)), ensure_ascii=False)
    return Message(
        gateway="bench", gateway_message_id=id_, sender=sender, receiver=receiver, text=said, parameters=parameters
    )


def _yes() -> Response:
    return Response(b"", 200, {"Content-Type": "text/plain; charset=utf-8"})


def bare() -> Flask:
    """Reads the text and stores nothing."""
    app = Flask(__name__, static_folder=None)

    @app.get("/receiveSMS")
    def receive() -> Response:
        id_, sender, receiver, said = (request.args[name] for name in _FIELDS)
        row = (id_, sender, receiver, said, json.dumps(list(request.args.items(multi=True)), ensure_ascii=False))
        return _yes() if all(row) else Response(status=400)

    return app


def committing() -> Flask:
    """Commits every text by itself before it answers, as the documentation of Flask-SQLAlchemy shows it."""
    app = Flask(__name__, static_folder=None)
    url = os.environ["BENCH_DATABASE"]
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    pool = {"pool_size": _THREADS}  # a connection for each thread, so that none waits for one
    arguments = {"connect_args": {"timeout": 6 * BUSY_SECONDS}} if url.startswith("sqlite") else {}
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {**pool, **arguments}
    _db.init_app(app)
    with app.app_context():
        if url.startswith("sqlite"):
            _in_wal(_db.engine)
        _db.create_all()
        _db.engine.dispose()

    @app.get("/receiveSMS")
    def receive() -> Response:
        _db.session.add(_read())
        _db.session.commit()
        return _yes()

    return app


def _in_wal(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection: object, _: object) -> None:
        connection.execute("PRAGMA journal_mode = WAL")  # type: ignore[attr-defined]
        connection.execute("PRAGMA synchronous = FULL")  # type: ignore[attr-defined]


def main(kind: str, port: str, database: str = "", processes: str = "1") -> None:
    """Serve until SIGTERM."""
    os.environ["BENCH_DATABASE"] = database
    Granian(
        f"bench.baselines:{kind}",
        address="127.0.0.1",
        port=int(port),
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        workers=int(processes),
        blocking_threads=_THREADS,
        backlog=1024,
        factory=True,
        log_level=LogLevels.error,
    ).serve()


if __name__ == "__main__":
    main(*sys.argv[1:])
