"""The assembled network: read-only arrays of nodes and links, and the objects of the study tied to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Bytes = NDArray[np.uint8]


class Mode(IntEnum):
    """What a link is. A crossing is a link of its own, of length 0, between two border nodes."""

    RAIL = 0
    ROAD = 1
    SEA = 2
    TRANSFER = 3  # half of a terminal: between the terminal's node and a node of one mode
    CONNECTOR = 4  # between a zone's centroid and a rail or road node
    CROSSING = 5


class Kind(StrEnum):
    """What a study object is."""

    CROSSING = "crossing"
    LINK = "link"  # a named special link of links.csv
    TERMINAL = "terminal"
    BORDER = "border"  # a pair of countries of open_borders.csv, crossed anywhere


@dataclass(frozen=True)
class NetworkObject:
    """A row of the study that stands in the network; `snap_km` is how far it was from the graph."""

    id: str
    name: str
    kind: Kind
    snap_km: float


@dataclass(frozen=True)
class Network:
    """Nodes 0..n-1 and links 0..m-1; every link may be used both ways unless `oneway` (then u to v).

    Arrays are read-only. `country` holds indices into `countries` (ISO-3; "" is the high sea). `gauge_mm` is 0 where
    it does not apply. `speed_km_h` columns are low, central, high; NaN means the default of mode and country holds.
    `object` is an index into `objects` or -1. `dwell_h` (low, central, high) and `fee_usd` belong to crossings and
    transfers. `centroid[z]` is the node of zone z, in the order of zones.csv.
    """

    lat_deg: Floats
    lon_deg: Floats
    country: NDArray[np.int16]
    countries: tuple[str, ...]
    u: Ints
    v: Ints
    oneway: NDArray[np.bool_]
    mode: Bytes
    length_km: Floats
    speed_km_h: Floats  # (m, 3)
    gauge_mm: NDArray[np.int16]
    carrier: Bytes  # Mode RAIL, ROAD or SEA that uses the link (for crossings, transfers and connectors)
    object: Ints
    objects: tuple[NetworkObject, ...]
    centroid: Ints
    zones: tuple[str, ...]
    digest: str
    extract_nodes: int  # nodes 0..extract_nodes-1 are those of the shipped extract, in its order
    notes: Mapping[str, str]

    @property
    def n(self) -> int:
        """Number of nodes."""
        return len(self.lat_deg)

    @property
    def m(self) -> int:
        """Number of links."""
        return len(self.u)

    def object_index(self, id: str) -> int:
        """Index of a study object; KeyError if the network has none of that id."""
        for i, o in enumerate(self.objects):
            if o.id == id:
                return i
        raise KeyError(id)

    def links_of(self, id: str) -> Ints:
        """Indices of the links that belong to a study object."""
        return np.flatnonzero(self.object == self.object_index(id)).astype(np.int32)
