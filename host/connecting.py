"""The command that writes a Kannel's configuration for an SMSC."""

import os
import tempfile
from pathlib import Path
from typing import Any

import click

from host import showing
from host.app import wire
from host.errors import HostError
from host.gateways.base import Gateway
from host.gateways.dialects.smsc import Smsc
from host.kannelconf import MARK, Places, kannel_conf
from host.opening import telling, with_options
from host.options import Options, read_configuration

_PORT = click.IntRange(1, 65535)


@click.command("kannel-config")
@with_options
@click.argument("gateway", required=False)
@click.option(
    "--output",
    default="kannel.conf",
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write, with mode 0600.",
)
@click.option(
    "--spool",
    default="/var/spool/kannel",
    show_default=True,
    type=click.Path(file_okay=False, resolve_path=True, path_type=Path),
    help="Where Kannel keeps texts and reports: its folders texts and reports.",
)
@click.option("--smsbox-port", default=13001, show_default=True, type=_PORT, help="Bearerbox's port for smsbox.")
@click.option(
    "--admin-port", default=13000, show_default=True, type=_PORT, help="Bearerbox's own; closed to everybody."
)
def kannel_config(options: Options, gateway: str | None, output: Path, **places: Any) -> None:
    """Write the kannel.conf of a gateway with dialect="smsc": a Kannel on this machine that speaks to the SMSC.

    GATEWAY is needed where there are several. The file holds the passwords of the SMSC and of this host.
    """
    with telling():
        configuration = read_configuration(options)
        gateways, rules = wire(configuration)
        chosen = _chosen(gateways, gateway)
        _write(output, kannel_conf(chosen, rules, configuration.settings.context_root, Places(**places)))
    click.echo(showing.shown(f'{output}: Kannel for gateway "{chosen.id}", {chosen.smsc_protocol}'))


def _chosen(gateways: dict[str, Gateway], name: str | None) -> Smsc:
    """The gateway that is meant; raises :class:`HostError` naming those there are."""
    known = {each.id: each for each in gateways.values() if isinstance(each, Smsc)}
    there_are = f'gateways with dialect="smsc": {", ".join(known) or "none"}'
    if name is None and len(known) != 1:
        raise HostError(f"name a gateway; {there_are}")
    if name is not None and name not in known:
        raise HostError(f'no such gateway "{name}"; {there_are}')
    return known[name] if name else next(iter(known.values()))


def _write(output: Path, text: str) -> None:
    """Put the file there as a whole, for its owner alone; raises :class:`HostError`, also where another's is there."""
    try:
        if output.exists() and not output.read_bytes().startswith(MARK.encode()):
            raise HostError(f"{output} was not written by this command: move it away, or name another by --output")
        handle, new = tempfile.mkstemp(prefix=".kannel-", dir=output.absolute().parent)  # with mode 0600
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
        os.replace(new, output)
    except OSError as error:
        raise HostError(f"{output} cannot be written: {error.strerror}") from error


COMMANDS = (kannel_config,)
