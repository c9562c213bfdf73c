"""``/health/live`` and ``/health/ready``, outside the context root, for supervisors and load balancers."""

from flask import Flask, Response
from sqlalchemy import text

from host.errors import StoreUnavailable
from host.messages import plain
from host.runtime import Runtime
from host.web.guard import answer


def open_door(app: Flask, runtime: Runtime) -> None:
    """Add the two routes; they tell nothing but yes or no."""

    @app.get("/health/live")
    def live() -> Response:
        return answer(plain(200, "live\n"))

    @app.get("/health/ready")
    def ready() -> Response:
        try:
            with runtime.store.read() as connection:
                connection.execute(text("SELECT id FROM inbox LIMIT 1"))
        except StoreUnavailable:
            return answer(plain(503, "the store is unavailable\n"))
        return answer(plain(200, "ready\n"))
