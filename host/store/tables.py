"""Every table: whoever imports this knows all of them."""

from host.store import surroundings, texts
from host.store.base import Base, db

metadata = Base.metadata

__all__ = ["db", "metadata", "surroundings", "texts"]
