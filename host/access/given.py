"""The parameters given to a realm or a login module, read one by one, remembering what is wrong with them."""

import re
from collections.abc import Collection
from ipaddress import ip_network

from host.config.authconfig import LoginModuleConfig, Realm
from host.config.settings import Network
from host.errors import Place, Problem
from host.gateways import dialects

#: In characters.
SHORTEST_SECRET = 8


_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^`|~-]+")  # RFC 9110, 5.1; WSGI knows none with "_"


class Given:
    """A realm's or login module's parameters; ``problems`` grows while they are read."""

    def __init__(self, owner: Realm | LoginModuleConfig) -> None:
        kind = "realm" if isinstance(owner, Realm) else "login module"
        self.name = owner.name
        self.title = f'{kind} "{owner.name}"'
        self.place = owner.place
        self.parameters = {each.name: each for each in reversed(owner.parameters)}
        self.problems: list[Problem] = []
        if len(self.parameters) < len(owner.parameters):
            self.complain("gives a parameter twice: keep one of them")

    def complain(self, message: str, name: str = "") -> None:
        """Remember a problem, at the parameter's place where there is one."""
        place: Place = self.parameters[name].place if name in self.parameters else self.place
        self.problems.append(Problem(place, f"{self.title} {message}"))

    def only(self, names: Collection[str]) -> None:
        """Complain about every other name: a misspelt one would silently check less."""
        for name in sorted(self.parameters.keys() - set(names)):
            self.complain(f'does not know the parameter "{name}": it takes {", ".join(names)}', name)

    def text(self, name: str) -> str:
        """The value without surrounding blanks, "" where it is not given."""
        return self.parameters[name].value.strip() if name in self.parameters else ""

    def needed(self, name: str, why: str) -> str:
        """The value; complains where there is none."""
        value = self.text(name)
        if not value.strip(", "):
            self.complain(f'needs <parameter name="{name}" value="..."/>: {why}', name)
        return value

    def header(self, name: str) -> str:
        """The value as a header's name; complains where no header can have it."""
        value = self.text(name)
        if value and not _HEADER.fullmatch(value):
            self.complain(
                f'has a "{name}" that no header is called: write a name without blanks and "_", as X-Gateway-Key', name
            )
        return value

    def secret(self, name: str) -> str:
        """The value, as long as it is worth being called a secret; never shown in a complaint."""
        value = self.text(name)
        if len(value) < SHORTEST_SECRET:
            self.complain(f'has a "{name}" of less than {SHORTEST_SECRET} characters: take a longer one', name)
        return value

    def networks(self, name: str) -> tuple[Network, ...]:
        """Addresses, CIDR networks, and dialects whose vendor published them, separated by blanks or commas."""
        words = self.needed(name, "the addresses to let in, such as 203.0.113.7 198.51.100.0/24").replace(",", " ")
        published = {dialect: kind.networks for dialect, kind in dialects().items() if kind.networks}
        networks = (each for word in words.split() for each in published.get(word, (word,)))
        found = (self._network(name, each) for each in networks)
        return tuple(network for network in found if network)

    def _network(self, name: str, word: str) -> Network | None:
        try:
            return ip_network(word)
        except ValueError as error:
            said = f'has a network it cannot read in "{name}": {error}'
            self.complain(f"{said}; write addresses and networks as in 203.0.113.7 198.51.100.0/24", name)
        return None
