"""What a run holds while it goes: the world, the demand, the scenarios looked at, the seconds of each stage."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from landbridge.demand import Demand, demand
from landbridge.routing import warmup
from landbridge.routing.scenario import Base, Detail, ScenarioView, view
from landbridge.routing.world import World, build_world
from landbridge.schema.demand import Cargo
from landbridge.study import Study

Say = Callable[[str], None]


def quiet(text: str) -> None:
    """Progress that nobody reads."""


def main_cargo(study: Study) -> str:
    """The cargo that is meant where none is named: that of [corridor], else the first of cargo.csv.

    >>> from landbridge import study
    >>> main_cargo(study.read("korea"))
    'machinery'
    """
    about = study.config.corridor
    return about.cargo if about and about.cargo else study.rows(Cargo)[0].id


@dataclass
class Session:
    """What a run holds while it goes: the world, the demand, and the scenarios looked at so far."""

    study: Study
    say: Say = quiet
    views: dict[tuple[str, Detail], ScenarioView] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Compile what is not compiled yet, assemble the world and split the demand."""
        warmup(self.say)
        with self.stage("network"):
            self.world: World = build_world(self.study, self.say)
            self.base = Base(self.world)
        self.demand: Demand = demand(self.study)

    @property
    def cargo(self) -> str:
        """The cargo of the corridor's door-to-door indicators."""
        return main_cargo(self.study)

    def view(self, scenario: str, detail: Detail = Detail.FULL) -> ScenarioView:
        """Skims of a scenario, computed once for each detail; a fuller view serves for a lesser one."""
        for known in (Detail.FULL, detail):
            if (scenario, known) in self.views:
                return self.views[scenario, known]
        with self.stage(f"skims of {scenario}"):
            self.views[scenario, detail] = view(self.base, scenario, detail)
        return self.views[scenario, detail]

    def stage(self, name: str) -> Stage:
        """A context that says the stage's name and keeps its seconds."""
        return Stage(self, name)


class Stage:
    """Times one stage of a run."""

    def __init__(self, session: Session, name: str) -> None:
        self._session, self._name = session, name

    def __enter__(self) -> None:
        """Start the clock."""
        self._session.say(self._name)
        self._start = time.perf_counter()

    def __exit__(self, *error: object) -> None:
        """Stop the clock."""
        self._session.seconds[self._name] = round(time.perf_counter() - self._start, 3)
