"""The bookstore's catalogue: a small file of books, some of them at a discount."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

DEFAULT = Path(__file__).with_name("catalogue.csv")


@dataclass(frozen=True)
class Offer:
    """A book below its price; ``name`` tells one offer from the next."""

    title: str
    price: Decimal
    discount: int

    @property
    def name(self) -> str:
        return f"{self.title}-{self.discount}"

    @property
    def text(self) -> str:
        reduced = self.price * (100 - self.discount) / 100
        return f"Offer: {self.title} for {reduced:.2f} instead of {self.price:.2f}, {self.discount}% off."


def offers(path: str = "") -> Iterator[Offer]:
    """The books of the catalogue that have a discount, in the file's order."""
    with (Path(path) if path else DEFAULT).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if int(row["discount"]):
                yield Offer(row["title"], Decimal(row["price"]), int(row["discount"]))
