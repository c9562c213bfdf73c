"""The phones behind a Kannel: one real fakesmsc that sends MOs when told to and collects the MTs."""

import fcntl
import struct
import termios
from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar

from tests.kannel.fakesmsc import Part, Text, joined, mo_data_line, mo_line, mo_part_lines, printed_parts
from tests.kannel.harness import FAKESMSC, Kannel
from tests.programs import DEADLINE_SECONDS, Program

T = TypeVar("T")

MARKER_NUMBER = "+15559999"
FGETS = 255  # octets that one fgets of fakesmsc takes when there is no newline among them


class FakePhone:
    """Every phone there is: one long-lived fakesmsc, for as long as the context lasts.

        with FakePhone(kannel) as phone:
            phone.send("+15550100", "26161", "sub")
            phone.wait_for(lambda received: [text for text in received if text.text == "Welcome"])

    The fake SMSC serves one connection at a time, so a Kannel has one FakePhone at a time. Without a message on its
    command line fakesmsc reads them from standard input: by `fgets` with a buffer of 256, after a `select` (which does
    not see what `fgets` has buffered), and it looks at the SMSC only after a line or after a second. So: write at most
    255 octets, only when the pipe is empty, and write an empty line (it is ignored) to have the SMSC looked at.
    """

    def __init__(self, kannel: Kannel) -> None:
        self.kannel = kannel
        arguments = [FAKESMSC, "-v", "0", "-H", "127.0.0.1", "-r", str(kannel.smsc_port), "-i", "0"]
        self.program = Program("fakesmsc", arguments, kannel.directory)

    def __enter__(self) -> Self:
        before = self._connections()
        self.program.__enter__()
        self.program.wait_for(lambda: self._connections() > before, "bearerbox to accept fakesmsc")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.program.__exit__(kind, error, trace)
        if self.kannel.bearerbox.alive:
            # Until bearerbox has noticed, it would write texts into the closed connection, and they would be lost.
            self.kannel.bearerbox.wait_for(lambda: "(re-connecting" in self.kannel.status, "fakesmsc to be missed")

    def _connections(self) -> int:
        return self.kannel.bearerbox.log.count("Fakesmsc client connected")

    def send(self, sender: str, to: str, text: str) -> None:
        """An MO of any length as one message: coding 0 where GSM-7 holds it, else coding 2."""
        self.send_line(mo_line(sender, to, text))

    def send_data(self, sender: str, to: str, octets: bytes) -> None:
        """A binary MO."""
        self.send_line(mo_data_line(sender, to, octets))

    def send_in_parts(self, sender: str, to: str, text: str) -> None:
        """A long GSM-7 MO as the concatenated parts a phone makes of it; Kannel hands the host one text."""
        for line in mo_part_lines(sender, to, text):
            self.send_line(line)

    def send_line(self, line: str) -> None:
        """Any line of the protocol (see fakesmsc.py); returns when fakesmsc has read all of it."""
        octets = f"{line}\n".encode()
        if len(octets) % FGETS == 1:
            # A last piece of a single octet would be ignored, and that is the line's end; Kannel strips a CR before it.
            octets = f"{line}\r\n".encode()
        for start in range(0, len(octets), FGETS):
            self._write(octets[start : start + FGETS])
        self.program.wait_for(self._all_read, "fakesmsc to read its input")

    def _write(self, octets: bytes) -> None:
        self.program.wait_for(self._all_read, "fakesmsc to read its input")
        assert self.program.running.stdin
        self.program.running.stdin.write(octets)

    def _all_read(self) -> bool:
        stdin = self.program.running.stdin
        assert stdin
        return struct.unpack("i", fcntl.ioctl(stdin, termios.FIONREAD, bytes(4))) == (0,)

    @property
    def parts(self) -> list[Part]:
        """The MTs as fakesmsc printed them, part by part."""
        return printed_parts(self.program.log)

    @property
    def received(self) -> list[Text]:
        """The whole MTs that have arrived, in order.

        A round of fakesmsc is: read a line, then print all that the SMSC has. When it reads the next line, the round is
        over; so the second empty line shows what had arrived before the call, and after the third no text that was
        counted is half printed (a GSM-7 text with newlines is printed in several lines).
        """
        self._wake()
        self._wake()
        counted = len(self.parts)
        self._wake()
        return joined(self.parts[:counted])

    def _wake(self) -> None:
        self._write(b"\n")
        self.program.wait_for(self._all_read, "fakesmsc to read its input")

    def wait_for(self, predicate: Callable[[list[Text]], T], deadline: float = DEADLINE_SECONDS) -> T:
        """The first truthy answer of `predicate(received)`."""
        return self.program.wait_for(lambda: predicate(self.received), "a text to arrive at the phones", deadline)

    def settled(self) -> list[Text]:
        """What has arrived ahead of a marker text submitted now (markers left out): the way to see that none came.

        Certain to include whatever sendsms had answered with 202 before this call.
        """
        marker = f"marker {len(self.parts)}"
        self.kannel.submit(MARKER_NUMBER, marker)
        self.wait_for(lambda received: any(text.text == marker for text in received))
        return [text for text in self.received if text.to != MARKER_NUMBER]
