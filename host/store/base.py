"""What every table is made of: the declarative base, column types, and conditions.

Times are milliseconds since 1970, UTC. Flask-SQLAlchemy gives the declarative base and, in the running application, the
engine; everything else here and above speaks SQLAlchemy Core to ``Model.__table__``.
"""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, CheckConstraint, Integer, Text, text
from sqlalchemy.orm import DeclarativeBase, mapped_column


class Base(DeclarativeBase):
    """The declarative base; Flask-SQLAlchemy builds its ``Model`` on it."""


db = SQLAlchemy(model_class=Base)

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model  # Flask-SQLAlchemy builds it at run time, where mypy cannot see it

BIG = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only in INTEGER columns

Key = Annotated[int, mapped_column(BIG, primary_key=True)]
Millis = Annotated[int, mapped_column(BigInteger)]
Words = Annotated[str, mapped_column(Text)]


def one_of(column: str, states: type[StrEnum], name: str) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(f'{state.value!r}' for state in states)})", name=name)


def where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


# True of every row: with it, an index on the id cannot be mistaken for the one on the phone, see host.store.due.
ANY = "attempts >= 0"
