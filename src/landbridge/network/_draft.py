"""The network while it is being put together: growing arrays, used by `assemble` only and then frozen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from landbridge.network.extract import Extract
from landbridge.network.geometry import great_circle_km
from landbridge.network.model import Kind, Mode, NetworkObject
from landbridge.tables import Evidence

ROOM = 60_000  # nodes and links that can be added before the arrays grow


@dataclass(frozen=True)
class Speed:
    """Low, central and high speed; NaN where the default of mode and country holds."""

    low: float = float("nan")
    central: float = float("nan")
    high: float = float("nan")

    @property
    def row(self) -> tuple[float, float, float]:
        """The three as a row of the array."""
        return self.low, self.central, self.high


class Draft:
    """Nodes and links by number; links are never renumbered before `freeze`, removed ones are marked dead."""

    def __init__(self, extract: Extract) -> None:
        n, m = extract.n, extract.m
        self.extract_nodes, self.n, self.m = n, n, m
        self.countries: list[str] = list(extract.countries)
        self.objects: list[NetworkObject] = []
        self._object_at: dict[str, int] = {}
        self.lat = _grown(extract.lat_deg, np.nan)
        self.lon = _grown(extract.lon_deg, np.nan)
        self.country = _grown(extract.country, -1)
        self.node_mode = _grown(extract.node_mode, 255)
        self.u = _grown(extract.u, -1)
        self.v = _grown(extract.v, -1)
        self.mode = _grown(extract.mode, 255)
        self.carrier = _grown(extract.mode, 255)
        self.length = _grown(extract.length_km, 0.0)
        self.alive = _grown(np.ones(m, np.bool_), True)
        self.speed = np.full((m + ROOM, 3), np.nan)
        self.dwell = np.zeros((m + ROOM, 3))
        self.fee = np.zeros(m + ROOM)
        self.usd_per_t = np.zeros(m + ROOM)
        self.usd_per_teu = np.zeros(m + ROOM)
        self.gauge = np.zeros(m + ROOM, np.int16)
        self.tracks: list[tuple[tuple[int, ...], tuple[str, ...]]] = []  # gauges of a line, where: () is everywhere
        self.tracks_at = np.full(m + ROOM, -1, np.int16)  # index into tracks
        self.object = np.full(m + ROOM, -1, np.int32)

    def country_of(self, iso3: str) -> int:
        """Number of a country, added if the extract has none."""
        if iso3 not in self.countries:
            self.countries.append(iso3)
        return self.countries.index(iso3)

    def add_object(self, id: str, name: str, kind: Kind, evidence: Evidence) -> int:
        """A new study object; `settle_object` fills in how it was placed."""
        self.objects.append(NetworkObject(id, name, kind, 0.0, evidence=evidence))
        self._object_at[id] = len(self.objects) - 1
        return len(self.objects) - 1

    def object_of(self, id: str) -> int:
        """Number of a study object."""
        return self._object_at[id]

    def settle_object(self, index: int, snap_km: float, graph_km: float = float("nan"),
                      published_km: float = float("nan")) -> None:
        """How far the object was from the graph, and its lengths."""
        self.objects[index] = replace(self.objects[index], snap_km=max(snap_km, self.objects[index].snap_km),
                                      graph_km=graph_km, published_km=published_km)

    def add_node(self, lat_deg: float, lon_deg: float, country: int, mode: int) -> int:
        """A new node; `mode` is what uses it, 255 for terminals and centroids."""
        if self.n == len(self.lat):
            self.lat, self.lon = _grown(self.lat, np.nan), _grown(self.lon, np.nan)
            self.country, self.node_mode = _grown(self.country, -1), _grown(self.node_mode, 255)
        i = self.n
        self.lat[i], self.lon[i], self.country[i], self.node_mode[i] = lat_deg, lon_deg, country, mode
        self.n += 1
        return i

    def add_link(self, u: int, v: int, mode: Mode, carrier: Mode, length_km: float, object: int = -1) -> int:
        """A new link."""
        if self.m == len(self.u):
            self._grow_links()
        k = self.m
        self.u[k], self.v[k], self.mode[k], self.carrier[k] = u, v, mode, carrier
        self.length[k], self.object[k] = length_km, object
        self.m += 1
        return k

    def copy_link(self, k: int, u: int, v: int, length_km: float) -> int:
        """A link with the speed, object and gauges of link k, between other nodes."""
        new = self.add_link(u, v, Mode(int(self.mode[k])), Mode(int(self.carrier[k])), length_km, int(self.object[k]))
        for array in (self.speed, self.dwell, self.fee, self.usd_per_t, self.usd_per_teu, self.gauge, self.tracks_at):
            array[new] = array[k]
        return new

    def split(self, k: int, share: float, lat_deg: float, lon_deg: float, country: int) -> int:
        """Put a node on link k at this share of its length; the two halves are new links, k is dead."""
        node = self.add_node(lat_deg, lon_deg, country, int(self.node_mode[self.u[k]]))
        self.copy_link(k, int(self.u[k]), node, share * float(self.length[k]))
        self.copy_link(k, node, int(self.v[k]), (1 - share) * float(self.length[k]))
        self.alive[k] = False
        return node

    def split_at_border(self, k: int, share: float, lat_deg: float, lon_deg: float) -> tuple[int, int]:
        """Two nodes at one place on link k, each with the country of its end; the halves are new, k stays as it is."""
        u, v = int(self.u[k]), int(self.v[k])
        a = self.add_node(lat_deg, lon_deg, int(self.country[u]), int(self.node_mode[u]))
        b = self.add_node(lat_deg, lon_deg, int(self.country[v]), int(self.node_mode[v]))
        self.copy_link(k, u, a, share * float(self.length[k]))
        self.copy_link(k, b, v, (1 - share) * float(self.length[k]))
        return a, b

    def straight_km(self, a: int, b: int) -> float:
        """Great-circle distance between two nodes."""
        return float(great_circle_km(self.lat[a], self.lon[a], self.lat[b], self.lon[b]))

    def links_where(self, mode: Mode) -> NDArray[np.int64]:
        """Live links of a mode."""
        return np.flatnonzero((self.mode[: self.m] == mode) & self.alive[: self.m])

    def _grow_links(self) -> None:
        for name in ("u", "v", "mode", "carrier", "length", "alive", "speed", "dwell", "fee", "usd_per_t",
                     "usd_per_teu", "gauge", "tracks_at", "object"):
            array = getattr(self, name)
            setattr(self, name, np.concatenate([array, np.zeros((ROOM, *array.shape[1:]), array.dtype)]))
        self.alive[self.m :] = True
        self.speed[self.m :] = np.nan
        self.tracks_at[self.m :] = -1


def midpoint(draft: Draft, nodes: Sequence[int]) -> tuple[float, float]:
    """Latitude and longitude halfway between two near nodes."""
    a, b = nodes
    shift = (draft.lon[b] - draft.lon[a] + 180.0) % 360.0 - 180.0
    return float(draft.lat[a] + draft.lat[b]) / 2, float((draft.lon[a] + shift / 2 + 180.0) % 360.0 - 180.0)


def _grown(array: NDArray[Any], fill: float) -> NDArray[Any]:
    return np.concatenate([array, np.full(ROOM, fill, array.dtype)])
