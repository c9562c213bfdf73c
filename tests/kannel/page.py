"""docs/how-to/connect-kannel.md, its excerpts as files with this test's ports and secrets."""

import re
from pathlib import Path

from tests.hosts import BOOKSTORES, REPOSITORY, Host
from tests.kannel.harness import Kannel
from tests.programs import free_ports

PAGE = REPOSITORY / "docs" / "how-to" / "connect-kannel.md"
SECRET = "secretofkannel"
PASSWORD = "password of sendsms"


def excerpts() -> list[str]:
    """The fenced blocks of the page: kannel.conf, SMSConfig.xml, authenticationConfig.xml, worklight.properties, ..."""
    return re.findall(r"^```\w*\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def kannel_and_host(directory: Path, properties: str, adapters: Path = BOOKSTORES["Python"]) -> tuple[Kannel, Host]:
    """What the page describes, not started. `properties`: what worklight.properties says besides."""
    (port,) = free_ports(1)
    kannel = Kannel(directory / "kannel", "http://127.0.0.1/")
    kannel.username, kannel.password = "smshost", PASSWORD
    replaced = {
        "8080": str(port),
        "13013": str(kannel.sendsms_port),
        "SECRET-OF-KANNEL": SECRET,
        "PASSWORD-OF-SENDSMS": PASSWORD,
    }
    pattern = re.compile("|".join(replaced))
    conf, smsconfig, access, ours, *_ = (pattern.sub(lambda found: replaced[found[0]], text) for text in excerpts())
    kannel.smsbox_configuration = f"\n{conf}"
    host = Host(directory / "host", access=access, properties=f"{ours}{properties}", adapters=adapters, port=port)
    (host.directory / "config" / "SMSConfig.xml").write_text(smsconfig, encoding="utf-8")
    return kannel, host
