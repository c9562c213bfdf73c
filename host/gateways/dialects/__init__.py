"""The dialects this host brings along: a module for each, found by being here."""

import pkgutil
from importlib import import_module

from host.gateways.base import Gateway


def found() -> dict[str, type[Gateway]]:
    """Every dialect of this package by its name; ``generic`` first, the others in order."""
    modules = [import_module(f"{__name__}.{each.name}") for each in pkgutil.iter_modules(__path__)]
    classes = [
        kind
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Gateway) and kind.__module__ == module.__name__ and kind.name
    ]
    return {kind.name: kind for kind in sorted(classes, key=lambda each: (each.name != "generic", each.name))}
