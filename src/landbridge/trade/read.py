"""The trade model of a study, from its tables and its input-output file."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from landbridge.errors import Fault, StudyFault
from landbridge.schema.trade import AddedEconomy, AddedTrade, Economy, PublishedRange, Regime, Sector
from landbridge.study import Study
from landbridge.trade.baseline import F, frozen
from landbridge.trade.levels import FLOORS, Added, Gravity, Levels, extend, fit_gravity

TABLE = "icio2022.npz"
EARTH_KM = 6371.0


@dataclass(frozen=True, eq=False)
class Band:
    """Low, central and high of a number per sector."""

    low: F
    central: F
    high: F


@dataclass(frozen=True)
class RegimeFactor:
    """A border regime: trade over normal trade of the pair that has it; None for the border as it is."""

    id: str
    name: str
    factor: float | None


@dataclass(frozen=True, eq=False)
class TradeModel:
    """What the trade stage needs to know of a study; made by `read`, no files behind it.

    `levels` holds the balanced baseline (million USD), `floors` the same with other floors for observed
    zeros; `goods[s]` sectors that ship something; `theta` elasticities after the cap; `time_value` ad
    valorem loss per day (0.01 = 1 %); `sector_cargo[s, c]` True where sector s ships cargo c; `position[n]`
    longitude and latitude of the main city; `economy_area[n]` the area of trade.csv each economy belongs
    to; `regimes` border regimes with their factor on normal trade; `money_scale` money of the table for one
    USD of the study's base year (GDP of the anchor economy).
    """

    levels: Levels
    floors: tuple[Levels, ...]
    names: tuple[str, ...]
    sector_names: tuple[str, ...]
    goods: NDArray[np.bool_]
    theta: Band
    time_value: Band
    cargoes: tuple[str, ...]
    sector_cargo: NDArray[np.bool_]
    economy_area: tuple[str, ...]
    position: F
    regimes: tuple[RegimeFactor, ...]
    money_scale: float
    published: tuple[PublishedRange, ...]
    sources: tuple[str, ...]

    @property
    def countries(self) -> tuple[str, ...]:
        """Codes of the economies, in axis order."""
        return self.levels.baseline.countries

    @property
    def sectors(self) -> tuple[str, ...]:
        """Ids of the sectors, in axis order."""
        return self.levels.baseline.sectors


def available(study: Study) -> bool:
    """Whether the study has the tables and the file of the trade model."""
    return bool(study.rows(Economy) and study.rows(Sector)) and (study.folder / "trade" / TABLE).exists()


def read(study: Study, theta_cap: float = 20.0) -> TradeModel:
    """The trade model of a study; StudyFault if tables and input-output file do not fit together.

    Elasticities above `theta_cap` are cut to it: petroleum (64.85) would let a cost change of a hair move
    all trade.
    """
    codes, ids, flows, inputs, output = _table(study)
    listed = {e.code: e for e in study.rows(Economy)}
    by_id = {s.id: s for s in study.rows(Sector)}
    faults = [
        Fault(f"trade/{file}.csv", f"{key} {x}", "missing", f"all of {TABLE}", "add the row")
        for file, key, names, known in (("economies", "code", codes, listed), ("sectors", "id", ids, by_id))
        for x in names
        if x not in known
    ]
    if faults:
        raise StudyFault(faults)
    rows, added = [by_id[s] for s in ids], study.rows(AddedEconomy)
    order = [*codes, *(a.code for a in added)]
    places = [listed[c] for c in order]
    goods = np.array([bool(r.cargoes) for r in rows])
    theta = _band(rows, "theta", 1.0, theta_cap)
    io = np.divide(inputs, output[:, None, :], out=np.zeros_like(inputs), where=output[:, None, :] > 0)
    va_share = 1.0 - io.sum(axis=1)
    values = (va_share * output).sum(axis=1)
    extra = tuple(_added(a, order, codes, ids, values, study.rows(AddedTrade)) for a in added)
    near = np.array([[float(b.code in a.borders or a.code in b.borders) for b in places] for a in places])
    km, names = distances(places), (tuple(codes), tuple(ids))
    gravity = fit_gravity(flows, km[: len(codes), : len(codes)], near[: len(codes), : len(codes)])
    floors = tuple(
        extend(flows, io, va_share, theta.central, extra, km, near, goods, *names, floor, gravity) for floor in FLOORS
    )
    cargoes = tuple(dict.fromkeys(c for r in rows for c in r.cargoes))
    return TradeModel(
        levels=floors[len(floors) // 2],
        floors=floors,
        names=tuple(p.name for p in places),
        sector_names=tuple(r.name for r in rows),
        goods=goods,
        theta=theta,
        time_value=_band(rows, "time_value_pct_per_day", 0.01),
        cargoes=cargoes,
        sector_cargo=np.array([[c in r.cargoes for c in cargoes] for r in rows]),
        economy_area=tuple(p.area for p in places),
        position=frozen([(p.lon_deg, p.lat_deg) for p in places]),
        regimes=_regimes(study.rows(Regime), gravity, codes, goods),
        money_scale=_scale(added, codes, values),
        published=study.rows(PublishedRange),
        sources=_sources(study),
    )


def _band(rows: list[Sector], name: str, unit: float, cap: float = float("inf")) -> Band:
    return Band(
        *(frozen(np.minimum([getattr(r, f"{name}_{x}") * unit for r in rows], cap)) for x in ("low", "central", "high"))
    )


def _table(study: Study) -> tuple[list[str], list[str], F, F, F]:
    """Codes, sectors, flows, inputs and output of the input-output file."""
    if not available(study):
        found = "missing, or trade/economies.csv or trade/sectors.csv is"
        raise StudyFault(
            [Fault(f"trade/{TABLE}", "file", found, "all three", "copy them from the bundled study korea")]
        )
    with np.load(study.folder / "trade" / TABLE) as data:
        flows, inputs, output = (data[f"{k}_musd"].astype(np.float64) for k in ("flows", "inputs", "output"))
        return [str(c) for c in data["countries"]], [str(s) for s in data["sectors"]], flows, inputs, output


def distances(places: list[Economy]) -> F:
    """Great-circle distance between main cities, km [n, i] (haversine on a sphere of 6371 km)."""
    lat = np.radians([p.lat_deg for p in places])
    lon = np.radians([p.lon_deg for p in places])
    half = (
        np.sin((lat[:, None] - lat) / 2) ** 2
        + np.cos(lat[:, None]) * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
    )
    return frozen(2 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0))))


def _added(
    a: AddedEconomy, order: list[str], codes: list[str], ids: list[str], values: F, trade: tuple[AddedTrade, ...]
) -> Added:
    """One added economy in money of the table: its GDP and trade keep their size relative to the anchor's
    GDP."""
    if a.anchor not in codes or a.structure_of not in codes:
        raise StudyFault(
            [
                Fault(
                    "trade/added_economies.csv",
                    f"code {a.code}",
                    f"{a.anchor} or {a.structure_of} is not in {TABLE}",
                    ", ".join(codes),
                    "name economies of the table",
                )
            ]
        )
    scale = float(values[codes.index(a.anchor)]) / a.anchor_gdp_musd
    flows = np.zeros((2, len(ids), len(order)))
    known = np.zeros((len(ids), len(order), 2), dtype=bool)
    totals: dict[tuple[int, int], float] = {}
    for t in trade:
        if a.code not in (t.exporter, t.importer):
            continue
        side = 0 if t.exporter == a.code else 1
        partner = order.index(t.importer if side == 0 else t.exporter)
        if t.sector == "*":
            totals[side, partner] = t.value_musd
        else:
            flows[side, ids.index(t.sector), partner] = t.value_musd
            known[ids.index(t.sector), partner, side] = True
    return Added(
        a.code,
        codes.index(a.structure_of),
        a.gdp_musd * scale,
        frozen(flows[0] * scale),
        frozen(flows[1] * scale),
        known,
        a.exports_musd * scale,
        a.imports_musd * scale,
        {k: v * scale for k, v in totals.items()},
    )


def _scale(added: tuple[AddedEconomy, ...], codes: list[str], values: F) -> float:
    """Money of the table per USD of the year the added economies are given in."""
    return float(values[codes.index(added[0].anchor)]) / added[0].anchor_gdp_musd if added else 1.0


def _regimes(
    rows: tuple[Regime, ...], gravity: Gravity, codes: list[str], goods: NDArray[np.bool_]
) -> tuple[RegimeFactor, ...]:
    out = []
    for r in rows:
        factor = None
        if r.economy_a and r.economy_b:
            if r.economy_a not in codes or r.economy_b not in codes:
                raise StudyFault(
                    [
                        Fault(
                            "trade/regimes.csv",
                            f"id {r.id}",
                            f"{r.economy_a} or {r.economy_b} is not in {TABLE}",
                            ", ".join(codes),
                            "name a pair of the table",
                        )
                    ]
                )
            factor = gravity.factor(codes.index(r.economy_a), codes.index(r.economy_b), goods)
        out.append(RegimeFactor(r.id, r.name, factor))
    return tuple(out)


def _sources(study: Study) -> tuple[str, ...]:
    return (
        "OECD Inter-Country Input-Output tables, 2025 release, year 2022, aggregated and with final demand fitted",
        *dict.fromkeys(a.source for a in study.rows(AddedEconomy)),
    )
