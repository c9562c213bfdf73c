"""Writes down when it hears of a text: the text and the nanoseconds of ``time.monotonic``, a line each."""

import os
import time

from host.wl import WL, SMSEvent

TIMES = os.open(WL.Server.configuration["bench.times"], os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)


def note(event: SMSEvent) -> None:
    now = time.monotonic_ns()
    os.write(TIMES, f"{event['text']} {now}\n".encode())


WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({"keyword": "time"}, note)])
