"""The tone of events between two countries, printed beside the gate they hold together; it never sets the gate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from landbridge.conditions.book import Conditions
from landbridge.conditions.evidence import COLUMNS, monthly
from landbridge.conditions.gates import status
from landbridge.conditions.regime import Regime, Skill, filtered, skill
from landbridge.schema.words import GateKind, HolderKind, State


@dataclass(frozen=True)
class DyadEvidence:
    """P(detente) between the holders of a gate at the last month with data, and its skill for that gate.

    `detente` is None without events. `skill` is about "the gate is fully open this month".
    """

    gate: str
    dyad: tuple[str, str]
    state: State
    detente: float | None
    last_event: date | None
    reported: date | None
    skill: Skill | None


def own_events(held: Conditions) -> pd.DataFrame:
    """The calendar of the study in the shape of `evidence.read`: one row for each pair of actors of an event."""
    rows = [(pd.Timestamp(e.date), pd.Timestamp(e.known_from), a[:3], b[:3], e.cameo, e.intensity)
            for e in held.events if e.intensity is not None
            for i, a in enumerate(e.actors) for b in e.actors[i + 1:] if a[:3] != b[:3]]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def beside_gates(
    held: Conditions, events: pd.DataFrame, as_of: date, regime: Regime | None = None
) -> tuple[DyadEvidence, ...]:
    """The evidence of events for every physical gate that two States hold together, as known on the as-of date.

    The base rate is the rule of succession over the months scored. Probabilities are filtered: no month sees a later
    one.
    """
    found = []
    for gate in held.gates.gates.values():
        states = [h for h in gate.holders if held.gates.holders[h].kind is HolderKind.STATE]
        if gate.kind is not GateKind.PHYSICAL or len(states) != 2:
            continue
        dyad = (states[0], states[1])
        known = events[events["known_from"] <= pd.Timestamp(as_of)]
        tone = monthly(known, dyad)
        now = status(held.gates, gate.id, as_of, as_of).state
        if tone.empty:
            found.append(DyadEvidence(gate.id, dyad, now, None, None, None, None))
            continue
        p = filtered(tone.to_numpy(), regime)
        months = tone.index.to_timestamp(how="end")
        opened = [status(held.gates, gate.id, min(m.date(), as_of), as_of).state is State.OPEN for m in months]
        mine = known[[{a, r} == set(dyad) for a, r in zip(known["actor"], known["recipient"], strict=True)]]
        last = mine.sort_values("event_date").iloc[-1]
        found.append(DyadEvidence(gate.id, dyad, now, float(p[-1]), last["event_date"].date(),
                                  last["known_from"].date(), skill(p, np.array(opened))))
    return tuple(found)
