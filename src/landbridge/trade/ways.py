"""Changes of door-to-door ways between the economies of the trade model, from lists by area or from skims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from landbridge.trade.baseline import F
from landbridge.trade.read import TradeModel
from landbridge.trade.sanctions import Prohibition
from landbridge.trade.timecost import WayChanges

IDLE = 1e-12  # weight of each way of a pair without trade in a cargo: equal among themselves, nothing beside trade
COLUMNS = ("days", "usd_per_t", "value_usd_per_t", "weight", "days_before", "usd_before")


def ways_of_areas(
    model: TradeModel, exporter: Sequence[str], importer: Sequence[str], cargo: Sequence[str], columns: Mapping[str, F]
) -> tuple[WayChanges, tuple[str, ...]]:
    """Way changes of the study's areas as ways of the model's economies, and the names that have no place
    there.

    An area that stands for several economies (ROE) gives each of them its changes; `columns` holds one
    value for each way under every name of COLUMNS. Cargo that no sector ships is left out and told.
    """
    members: dict[str, list[int]] = {}
    for k, area in enumerate(model.economy_area):
        members.setdefault(area, []).append(k)
    lost = {a for a in (*exporter, *importer) if a not in members} | {c for c in cargo if c not in model.cargoes}
    rows = [
        (n, i, model.cargoes.index(c), w)
        for w, (e, m, c) in enumerate(zip(exporter, importer, cargo, strict=True))
        if c in model.cargoes
        for i in members.get(e, ())
        for n in members.get(m, ())
        if n != i
    ]
    index = np.array(rows, dtype=np.int64).reshape(-1, 4)
    values = [np.asarray(columns[name], dtype=np.float64)[index[:, 3]] for name in COLUMNS]
    return WayChanges(index[:, 0], index[:, 1], index[:, 2], *values), tuple(sorted(lost))


def prohibitions_of_cargo(model: TradeModel, rows: Sequence[tuple[str, str, str, float]]) -> tuple[Prohibition, ...]:
    """Prohibitions by sector from (exporter area, importer area, cargo, prohibited share of its value).

    A sector that ships several cargoes takes the mean of their shares (0 for those not named); an area stands for all
    its economies, "*" for every economy.
    """
    members: dict[str, list[str]] = {"*": ["*"]}
    for code, area in zip(model.countries, model.economy_area, strict=True):
        members.setdefault(area, []).append(code)
    shares: dict[tuple[str, str], F] = {}
    for exporter, importer, cargo, share in rows:
        if cargo in model.cargoes:
            mine = shares.setdefault((exporter, importer), np.zeros(len(model.cargoes)))
            mine[model.cargoes.index(cargo)] = share
    ships = model.sector_cargo / np.maximum(model.sector_cargo.sum(axis=1, keepdims=True), 1)
    return tuple(
        Prohibition(e, i, sector, float(part))
        for (exporter, importer), by_cargo in shares.items()
        for sector, part in zip(model.sectors, ships @ by_cargo, strict=True)
        if part > 0
        for e in members.get(exporter, ())
        for i in members.get(importer, ())
        if e != i or e == "*"
    )


def ways_of_skims(
    model: TradeModel,
    zone_area: Sequence[str],
    before: Mapping[str, tuple[F, F]],
    after: Mapping[str, tuple[F, F]],
    value_usd_per_t: Mapping[str, float],
    weight: Mapping[str, F],
) -> tuple[WayChanges, tuple[str, ...]]:
    """Way changes from two sets of skims, and the areas and cargoes that have no place in the model.

    `zone_area[z]` area of each zone; `before[cargo]`, `after[cargo]` time in hours and money in USD per
    tonne [from zone, to zone], inf where there is no way, money without transit fees; `weight[cargo]`
    base-year value of trade [from zone, to zone] (all 0 is allowed). Ways whose hours stay the same are put
    together by pair, money as the mean by weight, so the result is small.
    """
    zones = np.array(list(zone_area))
    areas = list(dict.fromkeys(zone_area))
    place = np.array([areas.index(a) for a in zones])
    pair = (place[:, None] * len(areas) + place[None, :]).ravel()
    exporter: list[str] = []
    importer: list[str] = []
    cargo: list[str] = []
    columns: dict[str, list[F]] = {name: [] for name in COLUMNS}
    for name in before:
        rows, values = _changes(before[name], after[name], np.asarray(weight[name], dtype=np.float64), pair)
        exporter += [areas[k // len(areas)] for k in rows]
        importer += [areas[k % len(areas)] for k in rows]
        cargo += [name] * len(rows)
        for column, array in values.items():
            columns[column].append(array)
        columns["value_usd_per_t"].append(np.full(len(rows), value_usd_per_t[name]))
    joined = {k: np.concatenate(v) if v else np.zeros(0) for k, v in columns.items()}
    return ways_of_areas(model, exporter, importer, cargo, joined)


def _changes(before: tuple[F, F], after: tuple[F, F], weight: F, pair: np.ndarray) -> tuple[list[int], dict[str, F]]:
    """Pair of areas of each way of one cargo, and its columns; ways of unchanged hours put together by pair."""
    h0, h1, m0, m1 = (np.asarray(x, dtype=np.float64).ravel() for x in (before[0], after[0], before[1], after[1]))
    was, now = np.isfinite(h0) & np.isfinite(m0), np.isfinite(h1) & np.isfinite(m1)
    with np.errstate(invalid="ignore"):
        days = np.where(was & now, (h1 - h0) / 24.0, np.where(now, -np.inf, np.inf))
        usd = np.where(was & now, m1 - m0, 0.0)
    idle = np.bincount(pair, weight.ravel())[pair] <= 0
    w = np.where(idle, IDLE, weight.ravel())
    moved = (was | now) & (days != 0)
    still = was & now & ~moved
    total: F = np.asarray(np.bincount(pair[still], w[still], int(pair.max(initial=0)) + 1), dtype=np.float64)
    same = np.flatnonzero(total)

    def both(moving: F, resting: F) -> F:
        return np.concatenate([moving[moved], resting[same]])

    def mean(x: F) -> F:
        out: F = np.bincount(pair[still], (w * x)[still], len(total)) / np.maximum(total, 1e-300)
        return out

    known = np.where(was, h0, 0.0) / 24.0
    paid = np.where(was, m0, 0.0)
    columns = {
        "days": both(days, np.zeros(len(total))),
        "usd_per_t": both(usd, mean(usd)),
        "weight": both(w, total),
        "days_before": both(known, mean(known)),
        "usd_before": both(paid, mean(paid)),
    }
    rows = np.concatenate([pair[moved], same])
    return [int(k) for k in rows], columns
