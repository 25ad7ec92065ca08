"""Checks that rooms share: names used in one table and declared in another, figures in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar, cast

from landbridge.errors import Fault
from landbridge.tables import Row

Rows = Mapping[type[Row], tuple[Row, ...]]
R = TypeVar("R", bound=Row)


def of(rows: Rows, model: type[R]) -> tuple[R, ...]:
    """The rows of one model, none where the table is left out."""
    return cast("tuple[R, ...]", rows.get(model, ()))


def missing(file: str, where: str, used: Iterable[str], known: Iterable[str], declared_in: str) -> Iterator[Fault]:
    """Faults for names used in one place of a file but not known."""
    allowed = set(known)
    for name in used:
        if name not in allowed:
            yield Fault(file, where, f"'{name}' is not declared", f"a name from {declared_in}",
                        f"add it to {declared_in} or correct the name")


def dangling(
    file: str, column: str, used: Sequence[str], known: Sequence[str], declared_in: str
) -> list[Fault]:
    """Faults for names used but not known; row numbers count from the header as row 1."""
    allowed = set(known)
    return [
        Fault(
            file,
            f"row {i}, column {column}",
            f"'{name}' is not declared",
            f"a name from {declared_in}",
            f"add it to {declared_in} or correct the name",
        )
        for i, name in enumerate(used, start=2)
        if name and name not in allowed
    ]


def in_order(row: Row, name: str) -> None:
    """ValueError unless low, central and high of a figure (with its name before them) are in order."""
    low, central, high = (getattr(row, f"{name}_{bound}".lstrip("_")) for bound in ("low", "central", "high"))
    if not low <= central <= high:
        raise ValueError(f"{name or 'figure'}: low {low}, central {central}, high {high} are not in order")
