"""What dialects check of their parameters beyond each one's own value."""

from collections.abc import Collection, Iterable

from host.errors import Problem
from host.gateways.base import Gateway


def one_of(gateway: Gateway, *names: str) -> Iterable[Problem]:
    """A problem where none of these parameters is given."""
    if not any(gateway.own[name] for name in names):
        wanted = " or ".join(f'<parameter name="{name}"/>' for name in names)
        yield Problem(gateway.config.place, f'gateway "{gateway.id}" needs {wanted}')


def together(gateway: Gateway, one: str, other: str) -> Iterable[Problem]:
    """A problem where one of these parameters is given without the other."""
    if bool(gateway.own[one]) != bool(gateway.own[other]):
        given, missing = (one, other) if gateway.own[one] else (other, one)
        yield gateway.problem(given, f'needs "{missing}"')


def choice(gateway: Gateway, name: str, values: Collection[str]) -> Iterable[Problem]:
    """A problem where a parameter has another value than these."""
    if gateway.own[name] not in values:
        yield gateway.problem(name, f"is one of {', '.join(values)}")
