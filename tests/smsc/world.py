"""An SMSC, the Kannel that `smshost kannel-config` configures for it, and a host with the bookstore."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from click.testing import CliRunner

from host.cli import main
from tests.hosts import Host
from tests.kannel.harness import box_program
from tests.kannel.world import ids
from tests.programs import Program, free_ports, wait_for
from tests.smsc.page import CREDENTIAL, NUMBER, host_for
from tests.smsc.peer import Smsc, send, texts

WELCOME = "Welcome to the bookstore! You will hear of our offers. Text unsub to stop."


@dataclass
class World:
    """All of it, running."""

    smsc: Smsc
    host: Host
    bearerbox: Program
    smsbox: Program

    def start_kannel(self) -> None:
        """Both boxes, and wait until they speak to each other."""
        if not self.bearerbox.alive:
            self.bearerbox.__enter__()
        self.bearerbox.wait_for(lambda: "Start-up done" in self.bearerbox.log, "bearerbox to start")
        self.smsbox.__enter__()
        self.smsbox.wait_for(lambda: "Connected to bearerbox" in self.smsbox.log, "smsbox to start")

    def stop_kannel(self) -> None:
        """End both boxes, in good order."""
        for box in (self.smsbox, self.bearerbox):
            box.terminate()
        for box in (self.smsbox, self.bearerbox):
            box.finish()

    def wait_for_login(self, times: int = 1) -> None:
        """Until Kannel has logged in to the SMSC so often."""
        wait_for(lambda: self.smsc.logins >= times, "Kannel to log in\n" + self.bearerbox.tail, deadline=15)

    def text(self, phone: str, words: str) -> None:
        """A text to a subscribed phone, by the bookstore's procedure."""
        url = f"{self.host.url}/context/adapters/bookstore/sendSMS"
        answer = requests.get(url, params={"params": json.dumps([phone, words])}, auth=CREDENTIAL, timeout=30)
        assert "Notification queued" in answer.text

    def received(self, phone: str, count: int) -> list[str]:
        """What a phone got, once it is so many texts."""
        wait_for(lambda: len(texts(self.smsc, phone)) >= count, f"{count} texts\n{self.bearerbox.tail}", deadline=15)
        return texts(self.smsc, phone)

    def subscribe(self, phone: str) -> str:
        """Have a phone subscribe; gives its number as the host has it."""
        send(self.smsc, phone, NUMBER, "sub")
        assert self.received(phone, 1) == [WELCOME]
        wait_for(lambda: self.states(phone) == ["DELIVERED"], f"its report\n{self.bearerbox.tail}")
        return ids(self.host, f"SELECT receiver FROM outbox WHERE receiver LIKE '%{phone.lstrip('+')}'")[0]

    def states(self, phone: str) -> list[str]:
        """The states of the texts to a phone."""
        query = f"SELECT state FROM outbox WHERE receiver LIKE '%{phone.lstrip('+')}' ORDER BY id"
        return ids(self.host, query)

    def brought(self, text: str) -> list[str]:
        """Who the host has this text from."""
        return ids(self.host, f"SELECT sender FROM inbox WHERE text = '{text}'")


@contextmanager
def world(directory: Path, protocol: str, smsc: Smsc) -> Iterator[World]:
    """Everything started as the page says, and Kannel logged in."""
    host = host_for(directory / "host", protocol, smsc, "smshost.polls.enabled=false\n")
    made = World(smsc, host, *kannel(directory, host))
    smsc.up()
    try:
        made.bearerbox.__enter__()
        host.start()
        made.start_kannel()
        made.wait_for_login()
        yield made
    finally:
        made.stop_kannel()
        host.stop()


def kannel(directory: Path, host: Host) -> tuple[Program, Program]:
    """Bearerbox and smsbox on what the command writes, unchanged; not started."""
    smsbox_port, admin_port = map(str, free_ports(2))
    spool, conf = directory / "spool", directory / "kannel.conf"
    for name in ("texts", "reports"):
        (spool / name).mkdir(parents=True)
    more = ("--output", str(conf), "--spool", str(spool), "--smsbox-port", smsbox_port, "--admin-port", admin_port)
    written = CliRunner().invoke(main, ["kannel-config", *host.places, "operator", *more])
    assert written.exit_code == 0, written.output
    bearerbox, smsbox = (
        Program(name, [box_program(name), "-v", "0", str(conf)], directory) for name in ("bearerbox", "smsbox")
    )
    return bearerbox, smsbox
