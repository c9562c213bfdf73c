"""Every dialect's table, by the dialect's name."""

import pkgutil
from importlib import import_module

from tests.gateways.table import Table

TABLES: dict[str, Table] = {
    table.dialect: table
    for table in (import_module(f"{__name__}.{each.name}").TABLE for each in pkgutil.iter_modules(__path__))
}
