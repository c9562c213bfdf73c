"""``smshost gateways``: each gateway, what it can do, who is heard in its name, and how sending to it goes."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import tzinfo
from typing import Any

from sqlalchemy import Connection, Row

from host import clock
from host.access import AccessRules
from host.access.loginmodules import GatewaySignature
from host.config.authconfig import UNPROTECTED
from host.gateways.base import Features, Gateway
from host.receiving import RECEIVE
from host.showing import shown
from host.store import circuits, sendings

_WORDS = {"answer": "answer-reply"}
_DEEP = "    "


def survey(connection: Connection, zone: tzinfo, gateways: Mapping[str, Gateway], rules: AccessRules) -> Iterator[str]:
    """Every configured gateway, in file order; then those that texts wait for and that are not configured any more."""
    shut = {row.gateway: row for row in circuits.left_alone(connection)}
    waiting = {row.gateway: row for row in sendings.waiting(connection)}
    ended = sendings.last(connection)
    for gateway in gateways.values():
        yield f"{gateway.id}: {gateway.name}, {_where(gateway)}, replies are in the {_reply(gateway)}"
        yield f"{_DEEP}{', '.join(_features(gateway))}"
        yield f"{_DEEP}{_heard(gateway, rules)}"
        yield f"{_DEEP}{_health(zone, shut.get(gateway.id), *ended.get(gateway.id, (None, None, '')))}"
        if row := waiting.get(gateway.id):
            yield f"{_DEEP}{row.number} text(s) wait to be sent{_next(row.due_at, zone)}"
    for name in sorted(waiting.keys() - gateways.keys()):
        yield f"{shown(name)}: not in SMSConfig.xml, and {waiting[name].number} text(s) wait for it"


def _where(gateway: Gateway) -> str:
    if gateway.features.pull:
        return "fetches its texts"
    config = gateway.config
    return f"{config.protocol}://{config.hostname}:{config.port}" if config.hostname else "no hostname"


def _reply(gateway: Gateway) -> str:
    return "answer" if gateway.config.reply == "answer" else "outbox"


def _features(gateway: Gateway) -> list[str]:
    return [_WORDS.get(each.name, each.name) for each in fields(Features) if getattr(gateway.features, each.name)]


def _heard(gateway: Gateway, rules: AccessRules) -> str:
    """Who may bring texts in this gateway's name."""
    path = f"{RECEIVE}/{gateway.id}"
    resource = rules.resource_for(path)
    if resource is None:
        return f"NOBODY is heard at {path}: no resource in authenticationConfig.xml opens it"
    walk, by = rules.walk_of(resource.security_test), f'resource "{resource.id}"'
    if resource.security_test == UNPROTECTED:
        return f"EVERYBODY is heard at {path}: {by} is not protected"
    if walk.closed:
        return f"NOBODY is heard at {path}: {by}, {walk.closed}"
    signed = any(isinstance(step.login_module, GatewaySignature) for step in walk.steps)
    unasked = ", which does not ask for its signature" if gateway.features.signature and not signed else ""
    return f'heard at {path}: {by}, security test "{resource.security_test}"{unasked}'


def _health(zone: tzinfo, circuit: Row[Any] | None, taken: int | None, failed: int | None, why: str) -> str:
    if circuit is not None:
        return f"circuit OPEN since {clock.show(circuit.since, zone)} because {shown(circuit.reason)}"
    if taken is None and failed is None:
        return "nothing was sent lately"
    last = f"last took a text {clock.show(taken, zone)}"
    return f"{last}, last failed {clock.show(failed, zone)}: {shown(why[:200])}" if failed is not None else last


def _next(due_at: int, zone: tzinfo) -> str:
    """When the first of them may go: after a pause that the gateway asked for, or the wait between two tries."""
    return f", the first of them from {clock.show(due_at, zone)} on" if due_at > clock.steady() else ""
