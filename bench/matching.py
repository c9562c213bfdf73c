"""Finding the handlers of a text among few and among many."""

import time
from collections.abc import Iterator
from functools import partial

from bench.machine import Effort, Machine
from bench.measuring import Report, Table, in_turn, median, progress, ratio, whole
from host.filters import Filter, Index

_FEW, _MANY = 10, 100_000
_SIZES = (_FEW, 1000, _MANY)
_MATCHES = 20_000


def run(machine: Machine, effort: Effort) -> Report:
    """Microseconds a match; every handler is looked up as often as the others."""
    progress("building the indexes")
    indexes = {size: Index((filter_, number) for number, filter_ in enumerate(_filters(size))) for size in _SIZES}
    contestants = {f"{whole(size)} handlers": partial(_match, index, size) for size, index in indexes.items()}
    rounds = in_turn(max(3, effort.rounds), contestants)
    few, many = (rounds[f"{whole(size)} handlers"] for size in (_FEW, _MANY))
    report = Report()
    report.figure("matching", "", ratio(many, few))
    rows = [(name, f"{median(took):.2f}", f"{ratio(took, few):.2f}") for name, took in rounds.items()]
    note = "Three kinds of filter in turn: keyword and receiver, those and an operator, the receiver alone."
    report.tables.append(Table("Matching", ("", "us", f"of {_FEW}"), list(rows), note))
    return report


def _filters(size: int) -> Iterator[Filter]:
    """A third of each kind; each filter has values of its own."""
    for number in range(size):
        filter_ = {"keyword": f"word{number}", "to": str(26161 + number)}
        yield ({**filter_}, {**filter_, "operator": str(number % 7)}, {"to": f"9{number}"})[number % 3]


def _match(index: Index[int], size: int) -> float:
    """Microseconds of a match; raises AssertionError where a text does not find its handler."""
    step = max(1, size // 1000)
    texts = []
    for number in range(0, size, step):
        to = f"9{number}" if number % 3 == 2 else str(26161 + number)  # noqa: PLR2004
        texts.append({"from": "+15550001", "to": to, "text": "hello", "keyword": f"Word{number}", "gateway": "g"})
        texts[-1]["operator"] = str(number % 7)
        assert number in index.match(texts[-1])
    rounds = _MATCHES // len(texts) + 1
    start = time.perf_counter()
    for _ in range(rounds):
        for text in texts:
            index.match(text)
    return (time.perf_counter() - start) / (rounds * len(texts)) * 1e6
