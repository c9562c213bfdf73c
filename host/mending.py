"""The commands for what went wrong: to look at it, and to do something about it."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

import click

from host import listings, stories
from host.errors import HostError
from host.opening import State, database, say, telling, with_options, zone
from host.options import Options
from host.store import Store, health, interventions
from host.store.interventions import AGAIN, DISCARD, REDRIVE, RELEASE, REMEDIES, Asked, Remedy, intervene

Command = Callable[..., Any]

_FROM_OR_TO = {"in": "from", "out": "to"}
_AGAIN = State(sorted({str(state) for way in AGAIN.ways.values() for state in way.states}))
_CHUNK = 2_000
_ids = partial(click.argument, "messages", nargs=-1)
_gateway = partial(click.option, "--gateway", metavar="ID")


@click.command()
@with_options
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 10_000), help="How many to list.")
def failed(options: Options, limit: int) -> None:
    """List the texts that FAILED, from phones (>) and to phones (<), the last at the end, and why.

    `smshost story ID` has the rest. Once the reason is mended: `smshost redrive`.
    """
    with telling(), database(options) as store:
        say(store, lambda connection: listings.failed(connection, zone(options), limit))


@click.command()
@with_options
@_gateway(help="Those of this gateway alone.")
def held(options: Options, gateway: str | None) -> None:
    """List the texts to phones of which nobody knows whether their gateway took them, since when, and why.

    Ask the gateway's own log. What it did not take: `smshost release`, or `smshost discard`.
    """
    with telling(), database(options) as store:
        say(store, lambda connection: listings.held(connection, zone(options), gateway))


@click.command()
@with_options
@_ids(metavar="[ID]...")
@click.option("--adapter", metavar="NAME", help="All FAILED texts with which handlers of this adapter failed.")
def redrive(options: Options, messages: tuple[str, ...], adapter: str | None) -> None:
    """Take up FAILED texts again; a working process does so within some seconds.

    A text from a phone (in-12; UNMATCHED, too) is given once more to the handlers that have not succeeded with it, one
    to a phone (out-7) is offered to its gateway once more.
    """
    _one_of(messages, adapter, "IDs, as in in-12 or out-7, or --adapter")
    with telling(), database(options) as store:
        asked = [Asked(REDRIVE, "in", state="FAILED", adapter=adapter)] if adapter else _named(store, REDRIVE, messages)
        _do(store, asked, messages)


@click.command()
@with_options
@_ids(metavar="[ID]...")
@click.option("--all", "everything", is_flag=True, help="Every HELD text.")
@_gateway(help="With --all: those of this gateway alone.")
def release(options: Options, messages: tuple[str, ...], everything: bool, gateway: str | None) -> None:
    """Let texts go on that the host holds back; a working process takes them up within some seconds.

    A HELD text to a phone (out-7) is offered to its gateway again, AND MAY ARRIVE TWICE: nobody knows whether the
    gateway took it. A text from a phone that was taken for a repeat (in-12, REPEAT) is handled after all.
    """
    _let_go(options, RELEASE, messages, everything, gateway)


@click.command()
@with_options
@_ids(metavar="[ID]...")
@click.option("--all", "everything", is_flag=True, help="Every HELD text.")
@_gateway(help="With --all: those of this gateway alone.")
def discard(options: Options, messages: tuple[str, ...], everything: bool, gateway: str | None) -> None:
    """Give HELD texts to phones up, for good: they are never offered again."""
    _let_go(options, DISCARD, messages, everything, gateway)


@click.command()
@with_options
@click.argument("adapter")
def resume(options: Options, adapter: str) -> None:
    """Let an adapter go on that is in quarantine; what waits for it is handled, in order.

    A working process takes it up within some seconds; of a long backlog a part at a time.
    """
    with telling(), database(options) as store:
        (number,) = store.write(interventions.resume, adapter)
        if number is None:
            raise HostError(f"adapter {adapter} is not in quarantine ({_in_quarantine(store)})")
    click.echo(f"{number} text(s) waited for {adapter}: handled from now on, in order")


@click.command()
@with_options
@click.argument("message", metavar="[ID]", required=False)
@click.option("--state", type=_AGAIN, help="All texts in this state, in place of one ID.")
def again(options: Options, message: str | None, state: str | None) -> None:
    """Take up a text again that ended without success; a working process does so within some seconds.

    A FAILED or UNMATCHED text from a phone (in-12) is given once more to the handlers that have not succeeded with it.
    A FAILED or HELD text to a phone (out-7) is offered once more; where it was HELD, the phone may get it twice.
    """
    messages = (message,) if message else ()
    _one_of(messages, state, "one ID, as in in-12 or out-7, or --state")
    with telling(), database(options) as store:
        asked = [Asked(AGAIN, way, state=state) for way in AGAIN.ways] if state else _named(store, AGAIN, messages)
        _do(store, asked, messages)


COMMANDS = (failed, redrive, held, release, discard, resume, again)


def _let_go(options: Options, remedy: Remedy, messages: tuple[str, ...], everything: bool, gateway: str | None) -> None:
    _one_of(messages, everything, "IDs, or --all")
    if gateway is not None and not everything:
        raise click.UsageError("--gateway belongs to --all")
    with telling(), database(options) as store:
        asked = [Asked(remedy, "out", gateway=gateway)] if everything else _named(store, remedy, messages)
        _do(store, asked, messages)


def _one_of(messages: tuple[str, ...], other: object, what: str) -> None:
    if bool(messages) == bool(other):
        raise click.UsageError(f"write {what}")


def _named(store: Store, remedy: Remedy, messages: Iterable[str]) -> list[Asked]:
    """What is asked for these texts; raises :class:`HostError` where the remedy is not for one of them."""
    numbers: dict[str, list[int]] = {}
    with store.read() as connection:
        for message in messages:
            direction, number = stories.named(message)
            state = str(stories.find(connection, message).text.state)
            way = remedy.ways.get(direction)
            if way is None or state not in way.states:
                raise HostError(
                    f"{direction}-{number} is {state}: {_purpose(remedy, direction)}{_others(direction, state)}"
                )
            numbers.setdefault(direction, []).append(number)
    return [Asked(remedy, direction, tuple(some)) for direction, some in numbers.items()]


def _purpose(remedy: Remedy, direction: str) -> str:
    ways = {direction: remedy.ways[direction]} if direction in remedy.ways else remedy.ways
    some = (f"{' and '.join(way.states)} texts {_FROM_OR_TO[each]} phones" for each, way in ways.items())
    return f"smshost {remedy.name} is for {', '.join(some)}"


def _others(direction: str, state: str) -> str:
    names = [each.name for each in REMEDIES if direction in each.ways and state in each.ways[direction].states]
    return f"; for this one there is smshost {' or '.join(names)}" if names else ""


def _do(store: Store, asked: list[Asked], messages: tuple[str, ...]) -> None:
    done = [_intervene(store, each) for each in asked]
    for each, numbers in zip(asked, done, strict=True):
        if numbers or not messages:
            way = each.remedy.ways[each.direction]
            click.echo(f"{len(numbers)} text(s) {_FROM_OR_TO[each.direction]} phones: {way.means}")
    left = {f"{each.direction}-{number}" for each in asked for number in each.numbers or ()}
    left -= {f"{each.direction}-{number}" for each, some in zip(asked, done, strict=True) for number in some}
    if left:
        raise click.ClickException(f"{', '.join(sorted(left))} moved on meanwhile: look at the story")


def _intervene(store: Store, asked: Asked) -> list[int]:
    """A chunk at a time, so that others write in between; gives the numbers of the texts that it was done with."""
    with store.read() as connection:
        numbers = interventions.chosen(connection, asked)
    chunks = (tuple(numbers[start : start + _CHUNK]) for start in range(0, len(numbers), _CHUNK))
    return [done for chunk in chunks for done in store.write(intervene, replace(asked, numbers=chunk))[0]]


def _in_quarantine(store: Store) -> str:
    with store.read() as connection:
        names = [row.adapter for row in health.read(connection) if row.quarantined_at is not None]
    return f"in quarantine: {', '.join(names) or 'none'}"
