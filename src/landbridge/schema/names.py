"""Names used in one table and declared in another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from landbridge.errors import Fault
from landbridge.tables import Row

Rows = Mapping[type[Row], tuple[Row, ...]]


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
