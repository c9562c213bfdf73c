"""Rooms: how many may be inside, how many of one guest, and what is said to the others."""

from contextlib import ExitStack

import pytest

from host.errors import Busy
from host.web.rooms import Room


def enter(stack: ExitStack, room: Room, guest: str = "", times: int = 1) -> None:
    for _ in range(times):
        stack.enter_context(room.place(f"what {guest} does", guest))


def test_a_full_room_says_so() -> None:
    room = Room(2, "full", waiting=0)
    with ExitStack() as stack:
        enter(stack, room, times=2)
        with pytest.raises(Busy, match="full"):
            enter(stack, room)
    with room.place():
        pass


def test_a_guest_has_so_many_places_and_leaves_the_others() -> None:
    room = Room(5, "full", waiting=0, each=3)
    for _ in range(2):  # what was left is free again
        with ExitStack() as stack:
            enter(stack, room, "a", 3)
            with pytest.raises(Busy, match="full"):
                enter(stack, room, "a")
            enter(stack, room, "b", 2)


def test_who_has_left_is_forgotten() -> None:
    """Strangers may come from any number of addresses."""
    room = Room(1, "full", each=1)
    for number in range(100):
        with room.place("a body", f"2001:db8:{number:x}::/64"):
            pass
    assert (len(room._entering), len(room._guests)) == (0, 0)
