"""Track gauges: a rail node stands once for each gauge, and trains change gauge only where the tables say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from landbridge.network._draft import Draft
from landbridge.network.model import Mode
from landbridge.schema.network import Gauge

COMPATIBLE_MM = 5  # 1520 and 1524 mm run through


def set_gauges(draft: Draft, rows: Sequence[Gauge]) -> dict[tuple[int, int], int]:
    """Give every rail link its gauge, and lines with several gauges a second set of nodes and links.

    A line that has gauges of its own without that of its country loses the link of the country's gauge. Returns the
    added nodes: (node, gauge) -> node of that gauge at the same place. A rail crossing gets one link for
    each pair of gauges that meet at it; where they differ its gauge is 0.
    """
    national = {draft.country_of(r.country): r.gauge_mm for r in rows}
    by_country = np.zeros(len(draft.countries) + 1, np.int16)
    for country, gauge in national.items():
        by_country[country] = gauge
    rail = draft.links_where(Mode.RAIL)
    draft.gauge[rail] = by_country[draft.country[draft.u[rail]]]
    twins = _second_tracks(draft, national)
    for k in draft.links_where(Mode.CROSSING).tolist():
        if draft.carrier[k] == Mode.RAIL:
            _crossing(draft, k, by_country.tolist(), twins)
    return twins


def _second_tracks(draft: Draft, national: Mapping[int, int]) -> dict[tuple[int, int], int]:
    twins: dict[tuple[int, int], int] = {}

    def twin(node: int, gauge: int) -> int:
        if (node, gauge) not in twins:
            twins[node, gauge] = draft.add_node(float(draft.lat[node]), float(draft.lon[node]),
                                                int(draft.country[node]), int(Mode.RAIL))
        return twins[node, gauge]

    rail = draft.links_where(Mode.RAIL)
    for k in rail[draft.tracks_at[rail] >= 0].tolist():
        gauges, countries = draft.tracks[draft.tracks_at[k]]
        country = int(draft.country[draft.u[k]])
        if countries and draft.countries[country] not in countries:
            continue
        for gauge in gauges:
            if abs(gauge - national.get(country, 0)) > COMPATIBLE_MM:
                ends = twin(int(draft.u[k]), gauge), twin(int(draft.v[k]), gauge)
                new = draft.copy_link(k, *ends, float(draft.length[k]))
                draft.gauge[new] = gauge
        if country in national and all(abs(gauge - national[country]) > COMPATIBLE_MM for gauge in gauges):
            draft.alive[k] = False
    return twins


def _crossing(draft: Draft, k: int, by_country: Sequence[int], twins: Mapping[tuple[int, int], int]) -> None:
    """Set the gauge of crossing link k and add the links for the other gauges that reach it."""
    u, v = int(draft.u[k]), int(draft.v[k])
    sides = []
    for node in (u, v):
        own = [(by_country[draft.country[node]], node)]
        sides.append(own + [(gauge, twin) for (at, gauge), twin in twins.items() if at == node])
    for gauge_u, node_u in sides[0]:
        for gauge_v, node_v in sides[1]:
            link = k if (node_u, node_v) == (u, v) else draft.copy_link(k, node_u, node_v, 0.0)
            draft.gauge[link] = gauge_u if abs(gauge_u - gauge_v) <= COMPATIBLE_MM else 0
