"""Assemble the network of a study: the extract it names, and on it the objects of the study's tables."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from landbridge.errors import Fault, StudyFault
from landbridge.network._borders import add_crossings, open_and_cut
from landbridge.network._draft import Draft
from landbridge.network._ends import Anchors, Place, add_terminals, add_zones
from landbridge.network._gauges import set_gauges
from landbridge.network._lines import Lines, whole_networks
from landbridge.network.extract import Extract, load
from landbridge.network.model import CutBorder, Kind, Network
from landbridge.schema.config import NetworkSection
from landbridge.schema.demand import Zone
from landbridge.schema.network import Crossing, Gauge, LineCondition, Link, OpenBorder, Passage, Terminal
from landbridge.study import Study


def assemble(
    extract: Extract,
    crossings: Sequence[Crossing],
    links: Sequence[Link],
    terminals: Sequence[Terminal],
    gauges: Sequence[Gauge],
    conditions: Sequence[LineCondition],
    open_borders: Sequence[OpenBorder],
    passages: Sequence[Passage],
    zones: Sequence[Place],
    config: NetworkSection,
) -> Network:
    """The network of nodes and links with all objects of the tables in it.

    Nodes 0..extract.n-1 are those of the extract in its order; nodes of the study follow. Links that join two
    countries exist only as crossings (mode CROSSING, length 0): at a row of `crossings`, or at the middle of a link
    between countries of `open_borders`; all others are cut and counted in `cut`.

    Raises StudyFault with every object that fits nowhere: a crossing, terminal or zone too far from any line of its
    country, a new link with both ends in the open, a named line with no way between its ends.
    """
    faults: list[Fault] = []
    draft = Draft(extract)
    _passages(draft, extract, passages)
    lines = Lines(draft, config, faults)
    lines.add(links)
    lines.conditions(conditions)
    add_crossings(draft, crossings, config, faults)
    cut = open_and_cut(draft, open_borders)
    whole_networks(draft, conditions)
    twins = set_gauges(draft, gauges)
    anchors = Anchors(draft, gauges, twins)
    lacking = add_terminals(draft, anchors, terminals, config, extract.land, faults)
    centroids = add_zones(draft, anchors, zones, config, faults)
    if faults:
        raise StudyFault(sorted(faults))
    notes = {f"terminal {id}": f"no line in reach for: {modes}" for id, modes in lacking.items()}
    return _freeze(draft, extract, np.array(centroids, np.int32), tuple(z.id for z in zones), cut, notes)


def network_of(study: Study) -> Network:
    """The network of a study; the same tables are assembled once in a process.

    >>> from landbridge import study
    >>> network = network_of(study.read("korea"))
    >>> len(network.links_of("KP-RU-R1"))
    2
    """
    extract = load(study.config.network.extract, study.folder)
    return _assembled(extract, study.config.network, study.rows(Crossing), study.rows(Link), study.rows(Terminal),
                      study.rows(Gauge), study.rows(LineCondition), study.rows(OpenBorder), study.rows(Passage),
                      study.rows(Zone))


@lru_cache(maxsize=4)
def _assembled(
    extract: Extract,
    config: NetworkSection,
    crossings: tuple[Crossing, ...],
    links: tuple[Link, ...],
    terminals: tuple[Terminal, ...],
    gauges: tuple[Gauge, ...],
    conditions: tuple[LineCondition, ...],
    open_borders: tuple[OpenBorder, ...],
    passages: tuple[Passage, ...],
    zones: tuple[Zone, ...],
) -> Network:
    return assemble(extract, crossings, links, terminals, gauges, conditions, open_borders, passages, zones, config)


def _passages(draft: Draft, extract: Extract, rows: Sequence[Passage]) -> None:
    for row in rows:
        index = draft.add_object(row.id, row.name, Kind.PASSAGE, row.evidence)
        if row.id in extract.passages:
            links = np.flatnonzero(extract.passage == extract.passages.index(row.id))
            draft.object[links] = index
            share = 1.0 / len(links)  # the hours and charges of the whole passage, spread over its links
            draft.dwell[links] = np.array([row.dwell_h_low, row.dwell_h_central, row.dwell_h_high]) * share
            draft.usd_per_t[links] = row.charge_usd_per_t * share
            draft.usd_per_teu[links] = row.charge_usd_per_teu * share


def _freeze(draft: Draft, extract: Extract, centroid: NDArray[np.int32], zones: tuple[str, ...],
            cut: tuple[CutBorder, ...], notes: Mapping[str, str]) -> Network:
    n, live = draft.n, np.flatnonzero(draft.alive[: draft.m])
    arrays: dict[str, NDArray[np.generic]] = {
        "lat_deg": draft.lat[:n].copy(), "lon_deg": draft.lon[:n].copy(), "country": draft.country[:n].copy(),
        "u": draft.u[live], "v": draft.v[live], "oneway": np.zeros(len(live), np.bool_), "mode": draft.mode[live],
        "length_km": draft.length[live], "speed_km_h": draft.speed[live], "dwell_h": draft.dwell[live],
        "fee_usd": draft.fee[live], "charge_usd_per_t": draft.usd_per_t[live],
        "charge_usd_per_teu": draft.usd_per_teu[live], "gauge_mm": draft.gauge[live], "carrier": draft.carrier[live],
        "object": draft.object[live], "centroid": centroid,
    }
    total = hashlib.sha256(extract.digest.encode())
    for name in sorted(arrays):
        arrays[name].flags.writeable = False
        total.update(arrays[name].tobytes())
    total.update("\n".join((*draft.countries, *(o.id for o in draft.objects), *zones)).encode())
    return Network(countries=tuple(draft.countries), objects=tuple(draft.objects), zones=zones, cut=cut,
                   digest=total.hexdigest(), extract_nodes=draft.extract_nodes, notes=dict(notes),
                   **arrays)  # type: ignore[arg-type]
