"""What a USSD handler and its filter are given of a request."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from host.messages import Pairs

#: The name under which filters see what follows ``/ussd`` in the path.
PATH = "__wlpath"


class Given(Mapping[str, str]):
    """What came under names: the first value of each, as ``given["name"]`` or ``given.name``; all by :meth:`all`."""

    def __init__(self, pairs: Pairs) -> None:
        self._pairs = pairs
        self._values: dict[str, str] = {}
        for name, value in pairs:
            self._values.setdefault(name, value)

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __getattr__(self, name: str) -> str:
        if name.startswith("_") or name not in self:
            raise AttributeError(f"the gateway sent no {name!r:.200}")
        return self[name]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._values!r})"

    @property
    def pairs(self) -> Pairs:
        """Everything that came, in order."""
        return self._pairs

    def all(self, name: str) -> list[str]:
        """Every value that came under a name, in order."""
        return [value for key, value in self._pairs if key == name]


class Headers(Given):
    """Headers: names without regard to case, listed in lower case."""

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def all(self, name: str) -> list[str]:
        return super().all(name.lower())


@dataclass(frozen=True)
class USSDRequest(Mapping[str, Any]):
    """What a USSD handler is given, also as ``request["params"]``.

    ``params``: the parameters of query and body, names as the gateway spells them. ``headers``: without those that
    carry credentials. ``body``: as it came, as text.
    """

    params: Given
    headers: Headers
    body: str = ""

    def __getitem__(self, name: str) -> Any:
        return vars(self)[name]

    def __iter__(self) -> Iterator[str]:
        return iter(vars(self))

    def __len__(self) -> int:
        return len(vars(self))


@dataclass(frozen=True)
class Asked(Mapping[str, str]):
    """A request as filters see it: the path, then parameters, then headers."""

    request: USSDRequest
    path: str

    def __getitem__(self, name: str) -> str:
        if name == PATH:
            return self.path
        return self.request.params[name] if name in self.request.params else self.request.headers[name]

    def __iter__(self) -> Iterator[str]:
        return iter({PATH: "", **self.request.params, **self.request.headers})

    def __len__(self) -> int:
        return len(list(iter(self)))
