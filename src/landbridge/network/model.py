"""The assembled network: read-only arrays of nodes and links, and the objects of the study tied to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from landbridge.tables import Evidence

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
    PASSAGE = "passage"  # a strait or canal of passages.csv


@dataclass(frozen=True)
class NetworkObject:
    """A row of the study that stands in the network.

    `snap_km` is how far the place was from the graph. For links of kind rescale and patch `graph_km` is the way found
    in the graph between their ends, and `published_km` the length of the table; NaN where it does not apply.
    """

    id: str
    name: str
    kind: Kind
    snap_km: float
    graph_km: float = float("nan")
    published_km: float = float("nan")
    evidence: Evidence = Evidence.ESTIMATE


@dataclass(frozen=True)
class CutBorder:
    """Links of one mode between two countries that were cut, as no crossing or open border carries them."""

    mode: Mode
    country_a: str
    country_b: str
    links: int


@dataclass(frozen=True)
class Network:
    """Nodes 0..n-1 and links 0..m-1; every link may be used both ways unless `oneway` (then u to v).

    Arrays are read-only. `country` holds indices into `countries` (ISO-3; "" is the high sea). `gauge_mm` is 0 where
    it does not apply and on crossings where the gauge changes. `speed_km_h` columns are low, central, high; NaN means
    the default of mode and country holds. `object` is an index into `objects` or -1. `dwell_h` (low, central, high)
    and the charges are paid once on each use of a link: `fee_usd` on crossings per truck or 40-foot box,
    `charge_usd_per_t` and `charge_usd_per_teu` on transfers (half of the terminal's handling) and passages; a charge
    per TEU that the table leaves blank is NaN. `centroid[z]` is the node of zone z, in the order of zones.csv.
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
    dwell_h: Floats  # (m, 3)
    fee_usd: Floats
    charge_usd_per_t: Floats
    charge_usd_per_teu: Floats
    gauge_mm: NDArray[np.int16]
    carrier: Bytes  # Mode RAIL, ROAD or SEA that uses the link (for crossings, transfers and connectors)
    object: Ints
    objects: tuple[NetworkObject, ...]
    centroid: Ints
    zones: tuple[str, ...]
    cut: tuple[CutBorder, ...]
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

    @cached_property
    def _index(self) -> Mapping[str, int]:
        return {o.id: i for i, o in enumerate(self.objects)}

    def object_index(self, id: str) -> int:
        """Index of a study object; KeyError if the network has none of that id."""
        return self._index[id]

    def links_of(self, id: str) -> Ints:
        """Indices of the links that belong to a study object."""
        return np.flatnonzero(self.object == self.object_index(id)).astype(np.int32)
