"""How texts are counted and cut."""

import random

import pytest

from host.alphabet import Alphabet, clean, split


@pytest.mark.parametrize(
    ("text", "alphabet", "length"),
    [
        ("", Alphabet.GSM7, 0),
        ("Hello", Alphabet.GSM7, 5),
        ("café £5", Alphabet.GSM7, 7),
        ("10 €", Alphabet.GSM7, 5),
        ("[a]", Alphabet.GSM7, 5),
        ("Ça va", Alphabet.GSM7, 5),
        ("ça va", Alphabet.UCS2, 5),
        ("“quoted”", Alphabet.UCS2, 8),
        ("Привет", Alphabet.UCS2, 6),
        ("sub 😀", Alphabet.UCS2, 6),
        ("`", Alphabet.UCS2, 1),
    ],
)
def test_the_narrowest_alphabet_and_its_count(text: str, alphabet: Alphabet, length: int) -> None:
    assert (Alphabet.of(text), Alphabet.of(text).length(text)) == (alphabet, length)


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        ("", [0]),
        ("L" * 160, [160]),
        ("L" * 161, [153, 8]),
        ("L" * 400, [153, 153, 94]),
        ("L" * 152 + "€" + "L" * 10, [152, 11]),  # 164 septets; the escape pair is not cut
        ("Ж" * 70, [70]),
        ("Ж" * 71, [67, 4]),
        ("Ж" * 66 + "😀" + "Ж" * 10, [66, 11]),  # the surrogate pair is not cut
    ],
)
def test_parts_are_full_but_never_cut_a_pair(text: str, lengths: list[int]) -> None:
    parts = split(text)
    assert ([len(part) for part in parts], "".join(parts)) == (lengths, text)


@pytest.mark.parametrize("seed", range(20))
def test_no_text_is_lost_and_no_part_too_long(seed: int) -> None:
    chance = random.Random(seed)
    text = "".join(
        chance.choices("aé€[Ж😀\n", weights=[20, 5, 2, 2, chance.choice([0, 1]), 1, 1], k=chance.randint(0, 900))
    )
    parts, alphabet = split(text), Alphabet.of(text)
    room = alphabet.single if len(parts) == 1 else alphabet.part
    assert "".join(parts) == text
    assert all(alphabet.length(part) <= room for part in parts)


@pytest.mark.parametrize(("text", "cleaned"), [("a\0b", "a\ufffdb"), ("a\ud800b", "a\ufffdb"), ("😀é", "😀é")])
def test_what_no_database_carries_is_replaced(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned
