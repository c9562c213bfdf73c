"""A real Kannel for acceptance tests: bearerbox and smsbox on loopback; `phone.py` has the phones.

    with Kannel(tmp_path, with_parameters("http://gw:pw@127.0.0.1:8080/context/receiveSMS")) as kannel:
        assert kannel.submit("+15550100", "Hello") == (202, "0: Accepted for delivery")

Debian's packages kannel and kannel-extras, https://www.kannel.org/download/1.4.5/userguide-1.4.5/userguide.html
"""

import shutil
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from string import Template
from types import TracebackType
from typing import Self
from urllib.parse import urlencode, urlsplit

from tests.programs import DEADLINE_SECONDS, Program, free_ports

FAKESMSC = "/usr/lib/kannel/test/fakesmsc"
MO_PARAMETERS = "from=%p&to=%P&text=%b&keyword=%k&id=%I&charset=%C&coding=%c"
DLR_PARAMETERS = "type=%d&fid=%F&reply=%A&from=%p&to=%P"

# A blank line ends a group, so none inside one. Without our-host the fake SMSC listens on every interface.
BEARERBOX = Template("""\
group = core
admin-port = $admin_port
admin-interface = 127.0.0.1
admin-password = $password
smsbox-port = $smsbox_port
smsbox-interface = 127.0.0.1
box-allow-ip = "127.0.0.1"
box-deny-ip = "*.*.*.*"
store-type = spool
store-location = "spool"
dlr-storage = internal

group = smsc
smsc = fake
smsc-id = FAKE
our-host = 127.0.0.1
port = $smsc_port
connect-allow-ip = 127.0.0.1
""")
SMSBOX = Template("""
group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = $smsbox_port
sendsms-port = $sendsms_port
sendsms-interface = 127.0.0.1
global-sender = $number
http-request-retry = $retries
http-queue-delay = $retry_delay
max-pending-requests = 8

group = sendsms-user
username = $username
password = $password
max-messages = 10
concatenation = true
""")
SERVICE = Template("""
group = sms-service
keyword = $keyword
catch-all = true
max-messages = $max_messages
omit-empty = true
send-sender = true
$method-url = "$url"
""")


def kannel_installed() -> bool:
    """Whether Debian's kannel (bearerbox, smsbox) and kannel-extras (fakesmsc) are there."""
    return all(shutil.which(program) for program in (box_program("bearerbox"), box_program("smsbox"), FAKESMSC))


def box_program(name: str) -> str:
    """Where a box is."""
    # /usr/sbin is not on everybody's PATH.
    return shutil.which(name) or f"/usr/sbin/{name}"


def with_parameters(url: str, parameters: str = MO_PARAMETERS) -> str:
    """The URL with Kannel's escapes as its query; escapes must not be percent-encoded, so no urlencode."""
    return f"{url}{'&' if urlsplit(url).query else '?'}{parameters}"


def service(url: str, *, keyword: str = "default", method: str = "get", max_messages: int = 0) -> str:
    """An sms-service: for texts that begin with the keyword, or for all others, a `get-url` or `post-url` is asked.

    `max_messages`: how many texts the phone gets of the answer.
    """
    if set(url) & set('"\\\r\n'):
        raise ValueError(f"a get-url cannot hold quotes, backslashes or line ends: {url!r}")
    return SERVICE.substitute(url=url, keyword=keyword, method=method, max_messages=max_messages)


class Kannel:
    """Bearerbox and smsbox in `directory`, asking `service_url` (a whole get-url with escapes) for every MO.

    Can be started again after it has ended: with the same ports, and with what is in its spool. `services` (the text of
    the sms-service groups) and `smsbox_configuration` (that of everything smsbox reads) may be changed before the start.
    """

    username = "mfp"
    password = "secret"
    number = "26161"

    def __init__(self, directory: Path, service_url: str, *, retries: int = 3, retry_delay: int = 1) -> None:
        """A failed MO is asked again `retries` times, every `retry_delay` seconds (whole ones)."""
        self.directory = directory
        self.services = service(service_url)
        self.retries, self.retry_delay = retries, retry_delay
        self.admin_port, self.smsbox_port, self.smsc_port, self.sendsms_port = free_ports(4)
        self.bearerbox = self._box("bearerbox")
        self.smsbox = self._box("smsbox")
        self._started = ExitStack()
        self.smsbox_configuration: str | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start both boxes, and wait until texts can be sent."""
        (self.directory / "spool").mkdir(parents=True, exist_ok=True)
        (self.directory / "kannel.conf").write_text(self.configuration, encoding="utf-8")
        with ExitStack() as starting:
            starting.enter_context(self.bearerbox)
            self.bearerbox.wait_for(lambda: "Start-up done" in self.bearerbox.log, "bearerbox to start")
            starting.enter_context(self.smsbox)
            self.smsbox.wait_for(self._joined_up, "smsbox to connect to bearerbox and to open its sendsms port")
            self._started = starting.pop_all()

    def stop(self) -> None:
        """End both boxes, in good order."""
        # Each takes two seconds over its SIGTERM: both at once, then wait for both.
        self.smsbox.terminate()
        self.bearerbox.terminate()
        self._started.close()

    def _box(self, name: str) -> Program:
        return Program(name, [box_program(name), "-v", "0", "kannel.conf"], self.directory)

    def _joined_up(self) -> bool:
        try:
            return "smsbox:" in self.status and self.sendsms()[0] == 403
        except ConnectionError:
            return False

    @property
    def configuration(self) -> str:
        """The text of kannel.conf."""
        names = ("admin_port", "smsbox_port", "smsc_port", "sendsms_port", "number", "retries", "retry_delay")
        values = {name: getattr(self, name) for name in (*names, "username", "password")}
        smsbox = self.smsbox_configuration or SMSBOX.substitute(values) + self.services
        return BEARERBOX.substitute(values) + smsbox

    @property
    def status(self) -> str:
        """Bearerbox's own report: the boxes, the SMSC, counters and queues."""
        return _get(self.admin_port, "/status.txt?" + urlencode({"password": self.password}))[1]

    @property
    def log(self) -> str:
        """What both boxes wrote, bearerbox first; at debug level."""
        return self.bearerbox.log + self.smsbox.log

    def sendsms(self, **parameters: str | int) -> tuple[int, str]:
        """One GET of /cgi-bin/sendsms with exactly these parameters; `dlr_mask=31` stands for `dlr-mask=31`."""
        query = urlencode({name.replace("_", "-"): value for name, value in parameters.items()})
        return _get(self.sendsms_port, f"/cgi-bin/sendsms?{query}")

    def submit(self, to: str, text: str, **more: str | int) -> tuple[int, str]:
        """An MT with this Kannel's credentials and number."""
        credentials = {"username": self.username, "password": self.password}
        return self.sendsms(**credentials | {"from": self.number, "to": to, "text": text} | more)


def _get(port: int, path: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=DEADLINE_SECONDS)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode("utf-8", "replace")
    finally:
        connection.close()
