"""The commands for gateways: to see how they stand, and to bring a text as one of them would."""

import uuid
from datetime import UTC, datetime

import click

from host import surveying
from host.app import wire
from host.errors import HostError
from host.messages import Inbound
from host.opening import database, say, telling, with_options, zone
from host.options import Options, read_configuration
from host.showing import lines
from host.simulating import hint, simulate

_ERROR = 400
_REFUSED = (401, 403)


@click.command()
@with_options
def gateways(options: Options) -> None:
    """List the gateways: what each can do, who is heard in its name, and how sending to it goes."""
    with telling(), database(options) as store:
        opened, rules = wire(read_configuration(options))
        say(store, lambda connection: surveying.survey(connection, zone(options), opened, rules))


@click.command("simulate")
@with_options
@click.argument("gateway")
@click.option("--from", "sender", required=True, metavar="NUMBER", help="The phone that the text is from.")
@click.option("--text", required=True, help="What it says.")
@click.option("--to", "receiver", default="26161", show_default=True, metavar="NUMBER", help="The number it is for.")
@click.option("--id", "number", metavar="ID", help="The gateway's id of the text: a new one, unless you repeat one.")
@click.option("--url", default="http://127.0.0.1:8080", show_default=True, help="Where the host listens.")
def simulation(
    options: Options, *, gateway: str, sender: str, text: str, receiver: str, number: str | None, url: str
) -> None:
    """Bring a text as GATEWAY would: in its words, signed, with the credentials that its path asks for.

    Prints the answer; exits with 1 unless that is a success. The signature is over the public address
    (publicWorkLightHostname), the request goes to --url. IT IS A REAL TEXT to the host that listens there.
    """
    with telling():
        configuration = read_configuration(options)
        opened, rules = wire(configuration)
        if gateway not in opened:
            raise HostError(f'SMSConfig.xml has no gateway "{gateway}" (it has: {", ".join(opened) or "none"})')
        name, now = number or str(uuid.uuid4()), datetime.now(UTC)
        given = Inbound(sender, text, receiver, gateway_message_id=name, sent_at=now)
        said, heard = simulate(configuration, opened[gateway], rules, given, url)
    click.echo(f"{said.method} {said.url.partition('?')[0]}")
    click.echo(f"{heard.status} {heard.headers.get('content-type', '')}".rstrip())
    if heard.body:
        click.echo(lines(heard.text))
    if heard.status in _REFUSED:
        click.echo(f"refused, the host's log says why; {hint(rules, opened[gateway])}", err=True)
    if heard.status >= _ERROR:
        raise SystemExit(1)


COMMANDS = (gateways, simulation)
