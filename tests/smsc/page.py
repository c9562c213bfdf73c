"""docs/how-to/connect-an-smsc.md, its excerpts as files with this test's ports and secrets."""

import re
from pathlib import Path

from tests.hosts import REPOSITORY, Host
from tests.programs import free_ports
from tests.smsc.peer import PASSWORD, Smsc

PAGE = REPOSITORY / "docs" / "how-to" / "connect-an-smsc.md"
NUMBER = "26161"
SENDSMS = "password of sendsms"
CREDENTIAL = ("kannel", "secretofkannel")
CALLS = '<resource id="calls" securityTest="Kannel"><urlPatterns>/adapters*</urlPatterns></resource>'


def excerpts() -> list[str]:
    """The fenced XML and properties of the page: SMSConfig.xml, authenticationConfig.xml, worklight.properties."""
    text = PAGE.read_text(encoding="utf-8")
    return re.findall(r"^```(?:xml|properties)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def host_for(directory: Path, protocol: str, smsc: Smsc, properties: str = "") -> Host:
    """The host that the page describes, not started, for an SMSC; whose procedures may be called besides.

    `properties`: what worklight.properties says besides.
    """
    port, sendsms = free_ports(2)
    replaced = {
        "8080": str(port),
        "13013": str(sendsms),
        "10.20.30.40": "127.0.0.1",
        "2775": str(smsc.port),
        'protocol="smpp"': f'protocol="{protocol}"',
        'delay" value="5"': 'delay" value="1"',
        "PASSWORD-OF-SMSC": PASSWORD,
        "PASSWORD-OF-SENDSMS": SENDSMS,
        "SECRET-OF-KANNEL": CREDENTIAL[1],
    }
    pattern = re.compile("|".join(map(re.escape, replaced)))
    smsconfig, access, ours = (pattern.sub(lambda found: replaced[found[0]], text) for text in excerpts())
    access = access.replace("</staticResources>", f"{CALLS}</staticResources>")
    host = Host(directory, access=access, properties=f"{ours}{properties}", port=port)
    (host.directory / "config" / "SMSConfig.xml").write_text(smsconfig, encoding="utf-8")
    return host
