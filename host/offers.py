"""Texts in a thread's hands: what of them is offered next, and what is written of how that ended."""

import secrets
import uuid
from collections.abc import Iterable, Set
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

from host import clock
from host.alphabet import clean, split
from host.engine.lanes import Item
from host.ledger import Ends
from host.messages import Part
from host.store.submissions import Begun, Ended
from host.store.tellings import is_telling
from host.transport import Exchange
from host.verdicts import Verdict

_KEYS = uuid.UUID("5f0c1c0e-7c3e-4a57-9d5e-0b8f5a0f6d11")


class Text:
    """A text in a thread's hands, and what of it is left to be offered in this attempt."""

    def __init__(self, item: Item[Row[Any]], whole: bool, taken: Set[int]) -> None:
        self.item = item
        self.row = item.work
        self.parts = [self.row.text] if whole else split(self.row.text)
        self.left = [number for number in range(1, len(self.parts) + 1) if number not in taken]
        self.is_new = True

    def key(self, part: int) -> str:
        """The same in every attempt at a part, and no other text's: not even one's in another database of this host."""
        row = self.row
        return str(uuid.uuid5(_KEYS, f"{row.gateway}/{row.id}/{row.created_at}/{row.receiver}/{part}"))

    def begin(self) -> Begun:
        """The next part's submission."""
        row, number, first = self.row, self.left.pop(0), self.is_new
        self.is_new = False
        reference = secrets.token_urlsafe(12)
        return Begun(reference, row.id, row.gateway, number, len(self.parts), row.attempts + 1, clock.now(), first)


Offer = tuple[Text, Begun]


def part_of(text: Text, begun: Begun) -> Part:
    """What a gateway is offered."""
    row = text.row
    made_at = datetime.fromtimestamp(row.created_at / 1000, UTC)
    about = row.receiver if is_telling(row.cause) else ""
    words = text.parts[begun.part - 1]
    return Part(row.receiver, words, begun.reference, begun.part, begun.parts, text.key(begun.part), made_at, about)


def withdrawn(offers: Iterable[Offer], hands: dict[int, Item[Row[Any]]]) -> Ends:
    """What was begun and is not offered after all."""
    each = list(offers)
    return Ends(withdrawn=[begun for _, begun in each], settled=[(hands.pop(text.row.id), False) for text, _ in each])


def ended(begun: Begun, exchange: Exchange, verdict: Verdict, excused: int) -> Ended:
    """How an offer ended, with ``excused`` attempts that did not count before."""
    return Ended(
        begun,
        verdict.outcome,
        clean(exchange.text),
        clean(str(exchange.error or "")),
        exchange.accepted.gateway_message_id if exchange.accepted else None,
        verdict.state,
        clock.steady() + int(verdict.wait * 1000) if verdict.wait else 0,
        excused + verdict.excused,
    )
