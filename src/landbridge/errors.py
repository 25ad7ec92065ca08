"""Everything that can go wrong.

    LandbridgeError
    ├── StudyFault       the study says something it may not; holds every fault found      exit 1
    ├── NotConverged     an iteration ended without an answer; holds the reason            exit 2
    └── MissingExtra     an optional package is wanted and absent; says how to install it  exit 1

Anything else that escapes is a bug of landbridge (exit 3).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong in a study: where it stands, what was found, what is allowed, and the cure."""

    file: str
    where: str  # "line 7", "row 12, column dwell_h_low", "key cost.vot_factor"
    found: str
    allowed: str
    cure: str

    def __str__(self) -> str:
        """One fault as the user reads it."""
        return f"{self.file}, {self.where}: {self.found}\n    allowed: {self.allowed}\n    cure: {self.cure}"


class LandbridgeError(Exception):
    """Base of all errors raised on purpose."""


class StudyFault(LandbridgeError):
    """The study cannot be run; `faults` lists every fault found, in file order."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        n = len(self.faults)
        head = f"{n} fault{'s' if n != 1 else ''} in the study"
        super().__init__("\n".join([head, *(f"  {f}" for f in self.faults)]))


class NotConverged(LandbridgeError):
    """An iteration stopped without reaching its tolerance."""


class MissingExtra(LandbridgeError):
    """An optional package is needed for what was asked."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"this needs the package {package}: pip install 'landbridge[{extra}]'")
