"""Names used in one table must be declared in another; every dangling name is a fault."""

from __future__ import annotations

from landbridge.errors import Fault
from landbridge.schema import appraisal, conditions_checks, demand_checks, flows, gas, network, trade
from landbridge.schema.names import Rows, dangling

__all__ = ["Rows", "check", "dangling"]


def check(rows: Rows, faults: list[Fault]) -> None:
    """Append a fault for every name that no table declares."""
    faults += network.check(rows)
    faults += demand_checks.check(rows)
    faults += conditions_checks.check(rows)
    faults += trade.check(rows)
    faults += gas.check(rows)
    faults += appraisal.check(rows)
    faults += flows.check(rows)
