"""`smsc`: Kannel's sendsms and callbacks, and nothing of the SMSC in any request; more in tests/smsc."""

from dataclasses import replace

from tests.gateways.dialects import part
from tests.gateways.table import SECRET, Says
from tests.gateways.tables.kannel import TABLE as KANNEL

TABLE = replace(
    KANNEL,
    dialect="smsc",
    features=replace(KANNEL.features, answer=False),
    parameters=f"""<parameter name="username" value="smshost"/><parameter name="password" value="{SECRET}"/>
      <parameter name="smsc-protocol" value="smpp"/><parameter name="smsc-system-type" value="VMA"/>
      <parameter name="smsc-host" value="10.20.30.40"/><parameter name="smsc-port" value="2775"/>
      <parameter name="smsc-username" value="bookstore"/><parameter name="smsc-password" value="passw0rd"/>""",
    says=[
        Says(
            part("Да"),
            "GET",
            "http://127.0.0.1:9/cgi-bin/sendsms",
            query={
                "to": "+15550001",
                "text": "Да",
                "username": "smshost",
                "password": SECRET,
                "coding": "2",
                "charset": "UTF-8",
            },
        )
    ],
)
