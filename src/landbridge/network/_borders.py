"""Borders: crossings put on the graph, open pairs of countries, everything else cut."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from landbridge.errors import Fault
from landbridge.network._draft import Draft, midpoint
from landbridge.network._lines import MODES
from landbridge.network.geometry import nearest_on_segments
from landbridge.network.model import CutBorder, Kind, Mode
from landbridge.schema.config import NetworkSection
from landbridge.schema.network import Crossing, OpenBorder

Pair = tuple[Mode, int, int]


def add_crossings(draft: Draft, rows: Sequence[Crossing], config: NetworkSection, faults: list[Fault]) -> None:
    """Give each crossing a link of its own, on the nearest link of its mode between its countries, or between new ends.

    Two crossings on one link become two parallel ways. Crossings with no link of their pair within crossing_snap_km
    are joined to the nearest line on each side, straight times detour_factor.
    """
    by_pair = international(draft)
    used: set[int] = set()
    for row in rows:
        index = draft.add_object(row.id, row.name, Kind.CROSSING, row.evidence)
        mode, a, b = MODES[row.mode], draft.country_of(row.country_a), draft.country_of(row.country_b)
        candidates = by_pair.get((mode, min(a, b), max(a, b)), np.zeros(0, np.int64))
        gap, share, link = _nearest(draft, row.lat_deg, row.lon_deg, candidates)
        if gap <= (config.crossing_snap_km if row.snap_km is None else row.snap_km):
            ends = draft.split_at_border(link, share, row.lat_deg, row.lon_deg)
            used.add(link)
        else:
            sides = [_join(draft, row, mode, country, config) for country in (a, b)]
            gap = max(s[1] for s in sides)
            if sides[0][0] < 0 or sides[1][0] < 0:
                lost = row.country_a if sides[0][0] < 0 else row.country_b
                faults.append(Fault("crossings.csv", f"id {row.id}",
                                    f"{gap:.0f} km from the nearest {row.mode} line of {lost}",
                                    f"≤ {config.crossing_missing_km} km",
                                    "correct the place, or add the line to links.csv"))
                continue
            ends = (sides[0][0], sides[1][0])
        k = draft.add_link(*ends, Mode.CROSSING, mode, 0.0, index)
        draft.dwell[k] = (row.dwell_h_low, row.dwell_h_central, row.dwell_h_high)
        draft.fee[k] = row.fee_usd
        draft.settle_object(index, gap)
    draft.alive[list(used)] = False


def international(draft: Draft) -> dict[Pair, NDArray[np.int64]]:
    """Live rail and road links between two countries, by mode and pair of country numbers (low, high)."""
    groups: dict[Pair, list[int]] = {}
    for mode in (Mode.RAIL, Mode.ROAD):
        links = draft.links_where(mode)
        a, b = draft.country[draft.u[links]], draft.country[draft.v[links]]
        for k in links[a != b].tolist():
            x, y = int(draft.country[draft.u[k]]), int(draft.country[draft.v[k]])
            groups.setdefault((mode, min(x, y), max(x, y)), []).append(k)
    return {pair: np.array(links, np.int64) for pair, links in groups.items()}


def open_and_cut(draft: Draft, rows: Sequence[OpenBorder]) -> tuple[CutBorder, ...]:
    """Put a border on every link between the countries of an open pair, and cut all others; returns what was cut."""
    by_pair: dict[Pair, OpenBorder] = {}
    for row in rows:
        draft.add_object(row.id, f"{row.country_a}–{row.country_b}, any line", Kind.BORDER, row.evidence)
        a, b = sorted((draft.country_of(row.country_a), draft.country_of(row.country_b)))
        for mode in (m for m in (Mode.RAIL, Mode.ROAD) if m.name.lower() in row.modes):
            by_pair[mode, a, b] = row
    cut: Counter[Pair] = Counter()
    for pair, links in international(draft).items():
        row_or_none = by_pair.get(pair)
        for k in links.tolist():
            draft.alive[k] = False
            if row_or_none is None:
                cut[pair] += 1
                continue
            ends = draft.split_at_border(k, 0.5, *midpoint(draft, (int(draft.u[k]), int(draft.v[k]))))
            new = draft.add_link(*ends, Mode.CROSSING, pair[0], 0.0, draft.object_of(row_or_none.id))
            draft.dwell[new] = (row_or_none.dwell_h_low, row_or_none.dwell_h_central, row_or_none.dwell_h_high)
            draft.fee[new] = row_or_none.fee_usd
    names = draft.countries
    return tuple(CutBorder(m, min(names[a], names[b]), max(names[a], names[b]), count)
                 for (m, a, b), count in sorted(cut.items(), key=lambda item: (-item[1], item[0])))


def _nearest(draft: Draft, lat: float, lon: float, links: NDArray[np.int64]) -> tuple[float, float, int]:
    if not len(links):
        return np.inf, 0.0, -1
    u, v = draft.u[links], draft.v[links]
    gap, share = nearest_on_segments(lat, lon, draft.lat[u], draft.lon[u], draft.lat[v], draft.lon[v])
    best = int(gap.argmin())
    return float(gap[best]), float(share[best]), int(links[best])


def _join(draft: Draft, row: Crossing, mode: Mode, country: int, config: NetworkSection) -> tuple[int, float]:
    """A node at the crossing joined to the nearest line of one country, and the distance; (-1, km) if too far."""
    links = draft.links_where(mode)
    u, v = draft.u[links], draft.v[links]
    reach_deg = 3.0 + config.crossing_missing_km / 111.0  # long links start far away; a wider box than the circle
    near = ((draft.country[u] == country) & (draft.country[v] == country)
            & (np.minimum(np.abs(draft.lat[u] - row.lat_deg), np.abs(draft.lat[v] - row.lat_deg)) < reach_deg))
    gap, share, link = _nearest(draft, row.lat_deg, row.lon_deg, links[near])
    if gap > config.crossing_missing_km:
        return -1, gap
    at = _foot(draft, link, share, country)
    node = draft.add_node(row.lat_deg, row.lon_deg, country, int(mode))
    draft.add_link(at, node, mode, mode, max(gap, 0.001) * config.detour_factor)
    return node, gap


def _foot(draft: Draft, link: int, share: float, country: int) -> int:
    """The node at a share of a link: one of its ends if it is there, or a new one that splits it."""
    if share <= 0.0 or share >= 1.0:
        return int(draft.u[link] if share <= 0.0 else draft.v[link])
    u, v = int(draft.u[link]), int(draft.v[link])
    shift = (draft.lon[v] - draft.lon[u] + 180.0) % 360.0 - 180.0
    return draft.split(link, share, float(draft.lat[u] + share * (draft.lat[v] - draft.lat[u])),
                       float(draft.lon[u] + share * shift), country)
