"""Files of the field: GMNS folders in and out, OMX matrices out, samples of border crossings in.

GMNS is the General Modeling Network Specification of Zephyr (node.csv, link.csv); OMX the Open Matrix format (HDF5);
the crossing samples follow CAREC's corridor monitoring: one row per truck or train with hours and money at the border.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field

from landbridge.errors import Fault, MissingExtra, StudyFault
from landbridge.flows._types import F64, I32, Bools
from landbridge.flows.delay import Links
from landbridge.routing.cost import LinkCosts
from landbridge.routing.world import World
from landbridge.tables import Evidence, NonNegative, Row, Text, read_rows

NODE_COLUMNS = ("node_id", "x_coord", "y_coord")
LINK_COLUMNS = ("link_id", "from_node_id", "to_node_id", "directed")
KM_PER_MILE = 1.609344


@dataclass(frozen=True)
class GmnsNetwork:
    """Nodes with coordinates and directed links; lengths in km, speeds in km/h, capacity in vehicles an hour (NaN:
    none).
    """

    node_id: tuple[str, ...]
    lon_deg: F64
    lat_deg: F64
    zone: tuple[str, ...]  # "" where a node is no centroid
    link_id: tuple[str, ...]
    tail: I32
    head: I32
    length_km: F64
    free_speed_km_h: F64
    capacity: F64

    def links(self, b: float = 0.15, power: float = 4.0) -> Links:
        """Links for an equilibrium, in hours; a link without capacity has no delay. ValueError where a speed is
        missing.
        """
        if np.isnan(self.free_speed_km_h).any() or np.isnan(self.length_km).any():
            raise ValueError("every link needs a length and a free_speed")
        limited = np.isfinite(self.capacity)
        m = len(self.tail)
        return Links.of(len(self.node_id), self.tail, self.head, self.length_km / self.free_speed_km_h,
                        np.where(limited, b, 0.0), np.where(limited, self.capacity, 1.0), np.full(m, power))


def read_gmns(folder: Path, miles: bool = False) -> GmnsNetwork:
    """A GMNS folder; a link that is not directed becomes two. `miles` for lengths and speeds in miles.

    StudyFault holds everything wrong in node.csv and link.csv: missing columns, unknown nodes, numbers that are none.
    """
    faults: list[Fault] = []
    nodes, links = _csv(folder / "node.csv", NODE_COLUMNS, faults), _csv(folder / "link.csv", LINK_COLUMNS, faults)
    if faults:
        raise StudyFault(faults)
    number = {name: i for i, name in enumerate(nodes["node_id"])}
    for file, frame, column in (("node.csv", nodes, "node_id"), ("link.csv", links, "link_id")):
        faults += [Fault(file, f"row {i + 2}", f"{column} '{frame[column][i]}' twice", "each once",
                         "rename or remove one")
                   for i in np.flatnonzero(frame[column].duplicated())]
    for column in ("from_node_id", "to_node_id"):
        faults += [Fault("link.csv", f"row {i + 2}, column {column}", f"'{name}' is not declared",
                         "a node_id of node.csv",
                         "add the node or correct the name")
                   for i, name in enumerate(links[column]) if name not in number]
    lon, lat = (_numbers("node.csv", nodes, c, faults) for c in ("x_coord", "y_coord"))
    unit = KM_PER_MILE if miles else 1.0
    length, speed, capacity = (_numbers("link.csv", links, c, faults) for c in ("length", "free_speed", "capacity"))
    if faults:
        raise StudyFault(faults)
    both = np.flatnonzero(~links["directed"].str.lower().isin(["1", "true", "1.0", "yes"]).to_numpy())
    ends = [np.array([number[n] for n in links[c]], np.int32) for c in ("from_node_id", "to_node_id")]
    order = np.concatenate([np.arange(len(links)), both])
    ids = (*links["link_id"], *(f"{links['link_id'][i]}_back" for i in both))
    tail = np.concatenate([ends[0], ends[1][both]])
    head = np.concatenate([ends[1], ends[0][both]])
    zone = nodes["zone_id"] if "zone_id" in nodes else pd.Series([""] * len(nodes))
    return GmnsNetwork(tuple(nodes["node_id"]), lon, lat, tuple(zone), ids, tail, head, (length * unit)[order],
                       (speed * unit)[order], capacity[order])


def gmns_of(world: World, costs: LinkCosts) -> tuple[GmnsNetwork, Bools]:
    """The network of a study, and which links are directed; a zone's node is its centroid, speeds are those of `costs`.

    Crossings and terminals have length 0 and no speed; capacities are by crossing and terminal, not by link: NaN.
    """
    n = world.network
    zone = np.full(n.n, "", object)
    zone[n.centroid] = n.zones
    with np.errstate(divide="ignore", invalid="ignore"):
        speed = np.where(n.length_km > 0, n.length_km / costs.time_h, np.nan)
    network = GmnsNetwork(tuple(map(str, range(n.n))), n.lon_deg, n.lat_deg, tuple(zone), tuple(map(str, range(n.m))),
                          n.u, n.v, n.length_km, speed, np.full(n.m, np.nan))
    return network, n.oneway


def write_gmns(folder: Path, network: GmnsNetwork, volume: F64 | None = None, directed: Bools | None = None) -> None:
    """node.csv, link.csv and config.csv (km, km/h, WGS 84); `volume` by link is added as a column.

    Every link is directed unless `directed` says otherwise.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pd.DataFrame({"node_id": network.node_id, "x_coord": network.lon_deg, "y_coord": network.lat_deg,
                  "zone_id": network.zone}).to_csv(folder / "node.csv", index=False)
    one_way = 1 if directed is None else directed.astype(int)
    links = pd.DataFrame({
        "link_id": network.link_id, "from_node_id": [network.node_id[i] for i in network.tail],
        "to_node_id": [network.node_id[i] for i in network.head], "directed": one_way, "length": network.length_km,
        "free_speed": network.free_speed_km_h, "capacity": network.capacity})
    if volume is not None:
        links["volume"] = volume
    links.to_csv(folder / "link.csv", index=False)
    pd.DataFrame({"dataset_name": ["landbridge"], "short_length": ["km"], "long_length": ["km"], "speed": ["km/h"],
                  "crs": ["EPSG:4326"]}).to_csv(folder / "config.csv", index=False)


def write_omx(path: Path, matrices: Mapping[str, F64], zones: Sequence[str]) -> None:
    """Matrices (zones by zones) as an OMX file, with the zone ids as its lookup 'zone'; MissingExtra without
    openmatrix.
    """
    try:
        import openmatrix
    except ImportError as error:
        raise MissingExtra("openmatrix", "omx") from error
    with openmatrix.open_file(str(path), "w") as file:
        for name, values in matrices.items():
            if values.shape != (len(zones), len(zones)):
                raise ValueError(f"matrix {name} has shape {values.shape}, not {len(zones)} zones each way")
            file[name] = np.ascontiguousarray(values)
        file.create_array("/lookup", "zone", obj=np.array([z.encode() for z in zones]), createparents=True)


class CrossingSample(Row):
    """One passage of a border: hours and money at one crossing, both sides together."""

    crossing: Annotated[Text, Field(description="id of crossings.csv")]
    hours: Annotated[NonNegative,
                     Field(description="from entry to the first point to exit from the second, waiting included")]
    cost_usd: Annotated[NonNegative, Field(description="all payments, unofficial ones included")]
    load_t: Annotated[float, Field(gt=0, description="tonnes of cargo")] = 20.0
    date: str = ""
    direction: str = ""


def read_crossing_samples(path: Path, fewest: int = 5) -> pd.DataFrame:
    """Samples of a CSV made into one row per crossing: what crossings.csv wants, and the indicators.

    Columns crossing, samples, dwell_h_low, dwell_h_central, dwell_h_high (P10, P50, P90), tfi1_h (mean hours), tfi2_usd
    (mean money per 20 t), evidence ('published' from `fewest` samples on, else 'estimate'). StudyFault on wrong rows.
    """
    faults: list[Fault] = []
    rows = read_rows(path, CrossingSample, faults)
    if faults:
        raise StudyFault(faults)
    frame = pd.DataFrame([r.model_dump() for r in rows])
    frame["usd_per_20_t"] = frame["cost_usd"] * 20.0 / frame["load_t"]
    made = []
    for crossing, part in frame.groupby("crossing", sort=True):
        low, central, high = np.percentile(part["hours"], [10, 50, 90])
        mark = Evidence.PUBLISHED if len(part) >= fewest else Evidence.ESTIMATE
        made.append({"crossing": crossing, "samples": len(part), "dwell_h_low": low, "dwell_h_central": central,
                     "dwell_h_high": high, "tfi1_h": part["hours"].mean(), "tfi2_usd": part["usd_per_20_t"].mean(),
                     "evidence": mark.word})
    return pd.DataFrame(made)


def _csv(path: Path, columns: Sequence[str], faults: list[Fault]) -> pd.DataFrame:
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, pd.errors.EmptyDataError, pd.errors.ParserError, UnicodeDecodeError) as error:
        faults.append(Fault(path.name, "file", str(error).split("\n")[0], "a CSV file with a header row",
                            "check the file"))
        return pd.DataFrame(columns=list(columns))
    faults += [Fault(path.name, "row 1", f"column '{c}' is missing", ", ".join(columns), f"add the column '{c}'")
               for c in columns if c not in frame]
    return frame


def _numbers(file: str, frame: pd.DataFrame, column: str, faults: list[Fault]) -> F64:
    """A column as numbers, NaN where blank or absent; a fault for each text that is no number."""
    if column not in frame:
        return np.full(len(frame), np.nan)
    values = pd.to_numeric(frame[column].replace("", None), errors="coerce")
    wrong = values.isna().to_numpy() & (frame[column] != "").to_numpy()
    faults += [Fault(file, f"row {i + 2}, column {column}", f"'{frame[column].iloc[i]}'", "a number",
                     "write the bare number")
               for i in np.flatnonzero(wrong)]
    found: F64 = values.to_numpy(np.float64)
    return found
