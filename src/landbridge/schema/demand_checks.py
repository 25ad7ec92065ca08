"""What the demand tables must agree on among themselves and with the tables of other rooms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TypeVar

from landbridge.errors import Fault
from landbridge.schema.conditions import ScenarioRow
from landbridge.schema.demand import (
    Cargo,
    Carrier,
    Claim,
    CostParameter,
    Form,
    KnownAnswer,
    ModeSpeed,
    ObservedVolume,
    Party,
    Tariff,
    Trade,
    Zone,
    ZoneShare,
)
from landbridge.schema.names import Rows, dangling, missing, of
from landbridge.schema.network import Crossing, Terminal
from landbridge.tables import Row

R = TypeVar("R", bound=Row)

SUM_TOLERANCE = 1e-4  # shares written with few decimals still pass


def check(rows: Rows) -> list[Fault]:
    """Faults between the demand tables: dangling names, shares that miss one, modes without a tariff."""
    return [*_names(rows), *_shares(rows), *_trade_areas(rows), *_complete_modes(rows)]


def _names(rows: Rows) -> Iterator[Fault]:
    terminals = [t.id for t in of(rows, Terminal)]
    for zone in of(rows, Zone):
        where = f"zone {zone.id}, column ports"
        yield from missing("zones.csv", where, zone.ports, terminals, "terminals.csv")
    zones = [z.id for z in of(rows, Zone)]
    cargo = [c.id for c in of(rows, Cargo)]
    trade, shares = of(rows, Trade), of(rows, ZoneShare)
    areas = sorted({a for t in trade for a in (t.exporter, t.importer)})
    yield from dangling("trade.csv", "cargo", [t.cargo for t in trade], cargo, "cargo.csv")
    places = [*terminals, *(c.id for c in of(rows, Crossing))]
    for volume in of(rows, ObservedVolume):
        where = f"{volume.what} {volume.year}, column targets"
        yield from missing("observed_volumes.csv", where, volume.targets, places, "terminals.csv or crossings.csv")
    yield from dangling("trade.csv", "via", [t.via for t in trade], terminals, "terminals.csv")
    yield from dangling("zone_shares.csv", "zone", [s.zone for s in shares], zones, "zones.csv")
    yield from dangling("zone_shares.csv", "cargo", [s.cargo for s in shares], [*cargo, "*"], "cargo.csv")
    yield from dangling("zone_shares.csv", "area", [s.area for s in shares], areas, "trade.csv")
    yield from dangling("zone_shares.csv", "partner", [s.partner for s in shares], [*areas, "*"], "trade.csv")
    for party in of(rows, Party):
        yield from missing("parties.csv", f"party {party.id}, column areas", party.areas, areas, "trade.csv")
    parameters = [p.id for p in of(rows, CostParameter)]
    for i, speed in enumerate(of(rows, ModeSpeed), start=2):
        yield from missing(
            "modes.csv", f"row {i}, column parameters", speed.parameters, parameters, "cost_parameters.csv"
        )
    for i, tariff in enumerate(of(rows, Tariff), start=2):
        yield from missing(
            "tariffs.csv", f"row {i}, column parameters", tariff.parameters, parameters, "cost_parameters.csv"
        )
    sets = [t.tariff_set for t in of(rows, Tariff)]
    yield from dangling(
        "known_answers.csv", "tariff_set", [k.tariff_set for k in of(rows, KnownAnswer)], sets, "tariffs.csv"
    )
    scenarios = [s.scenario for s in of(rows, ScenarioRow)]
    for claim in of(rows, Claim) if scenarios else ():
        yield from missing(
            "claims.csv", f"claim {claim.id}, column scenarios", claim.scenarios, scenarios, "scenarios.csv"
        )


def _shares(rows: Rows) -> Iterator[Fault]:
    total: dict[tuple[str, str, str, str], float] = defaultdict(float)
    for s in of(rows, ZoneShare):
        total[s.area, s.partner, s.cargo, s.direction.value] += s.share
    for key, value in total.items():
        if abs(value - 1.0) > SUM_TOLERANCE:
            yield Fault(
                "zone_shares.csv",
                "area/partner/cargo/direction " + ", ".join(key),
                f"shares sum to {value:.6g}",
                "1",
                "correct the shares of the group",
            )


def _trade_areas(rows: Rows) -> Iterator[Fault]:
    """Every trade row finds a split for its exporter and its importer."""
    known = {(s.area, s.partner, s.cargo, s.direction.value) for s in of(rows, ZoneShare)}
    lost: set[tuple[str, str, str, str]] = set()
    for t in of(rows, Trade):
        for area, partner, way in ((t.exporter, t.importer, "export"), (t.importer, t.exporter, "import")):
            fits = {(area, p, c, d) for p in (partner, "*") for c in (t.cargo, "*") for d in (way, "both")}
            if not fits & known:
                lost.add((area, partner, t.cargo, way))
    for key in sorted(lost):
        yield Fault(
            "zone_shares.csv",
            "area/partner/cargo/direction " + ", ".join(key),
            "no shares for this trade",
            "a split for every area of trade.csv",
            "add rows for the area, with * for any partner or cargo",
        )


def _complete_modes(rows: Rows) -> Iterator[Fault]:
    """Every mode and form has a row for countries without their own, in modes.csv and in each tariff set."""
    everywhere = {(m.mode, m.form) for m in of(rows, ModeSpeed) if m.country == "*"}
    tariffs = of(rows, Tariff)
    priced = {(t.tariff_set, t.mode, t.form) for t in tariffs if t.country == "*"}
    for mode in Carrier:
        for form in Form:
            if (mode, form) not in everywhere:
                yield Fault(
                    "modes.csv",
                    f"mode/form {mode}, {form}",
                    "no row with country *",
                    "one for every mode and form",
                    "add the row",
                )
            for name in sorted({t.tariff_set for t in tariffs}):
                if (name, mode, form) not in priced:
                    yield Fault(
                        "tariffs.csv",
                        f"tariff_set/mode/form {name}, {mode}, {form}",
                        "no row with country *",
                        "one for every mode and form in every set",
                        "add the row",
                    )
