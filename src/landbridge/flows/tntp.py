"""Files of the TNTP collection (Transportation Networks for Research): network and trips in, link flows out.

The format: metadata lines `<NAME> value` up to `<END OF METADATA>`, comments from `~` on, link rows of ten
columns that end with `;`, and trips as `Origin i` followed by `j : volume;` entries. Nodes count from 1; the
zones come first.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from landbridge.errors import Fault, StudyFault
from landbridge.flows._types import F64, I32
from landbridge.flows.delay import Links
from landbridge.flows.equilibrium import Demand, Equilibrium

COLUMNS = ("init_node", "term_node", "capacity", "length", "free_flow_time", "b", "power", "speed", "toll",
           "link_type")
REQUIRED = 7  # speed, toll and type may be left out
COUNTS = ("NUMBER OF ZONES", "NUMBER OF NODES", "FIRST THRU NODE", "NUMBER OF LINKS")


@dataclass(frozen=True)
class TntpTrips:
    """Trips between nodes counted from 0; `stated_total` is what the metadata says they sum to (NaN if nothing)."""

    demand: Demand
    stated_total: float


@dataclass(frozen=True)
class TntpNetwork:
    """A network as written: nodes from 1, one row per directed link; the factors are those of the metadata (0
    if none).
    """

    zones: int
    nodes: int
    first_thru_node: int
    tail: I32
    head: I32
    capacity: F64
    length: F64
    free_flow_time: F64
    b: F64
    power: F64
    toll: F64
    toll_factor: float
    distance_factor: float

    def links(self, toll_weight: float | None = None, distance_weight: float | None = None) -> Links:
        """Links with cost time + toll_weight * toll + distance_weight * length; without a weight, the file's factor."""
        per_toll = self.toll_factor if toll_weight is None else toll_weight
        per_length = self.distance_factor if distance_weight is None else distance_weight
        return Links.of(self.nodes, self.tail - 1, self.head - 1, self.free_flow_time, self.b, self.capacity,
                        self.power,
                        fixed=per_toll * self.toll + per_length * self.length,
                        first_thru=self.first_thru_node - 1)


def read_network(path: Path) -> TntpNetwork:
    """The network of a TNTP file; StudyFault holds everything wrong in it, with line numbers."""
    faults: list[Fault] = []
    lines = _lines(path, faults)
    meta = _metadata(path.name, lines, COUNTS, faults)
    rows: list[list[float]] = []
    where: list[int] = []
    for number, line in lines:
        if line.startswith("<") or not line:
            continue
        parts = line.rstrip(";").replace(",", " ").split()
        try:
            values = [float(p) for p in parts[: len(COLUMNS)]]
        except ValueError:
            if not rows:
                continue  # a head line without its ~
            values = []
        if len(values) < REQUIRED:
            faults.append(Fault(path.name, f"line {number}", f"'{line[:60]}'",
                                f"numbers: {', '.join(COLUMNS)}",
                                "complete the row"))
            continue
        rows.append(values + [0.0] * (len(COLUMNS) - len(values)))
        where.append(number)
    table = np.array(rows, np.float64).reshape(-1, len(COLUMNS))
    _check_links(path.name, table, where, meta, faults)
    if faults:
        raise StudyFault(faults)
    ends = table[:, :2].astype(np.int32)
    return TntpNetwork(
        zones=int(meta["NUMBER OF ZONES"]), nodes=int(meta["NUMBER OF NODES"]),
        first_thru_node=int(meta.get("FIRST THRU NODE", 1)), tail=ends[:, 0], head=ends[:, 1],
        capacity=table[:, 2], length=table[:, 3], free_flow_time=table[:, 4], b=table[:, 5],
        power=table[:, 6],
        toll=table[:, 8], toll_factor=meta.get("TOLL FACTOR", 0.0),
        distance_factor=meta.get("DISTANCE FACTOR", 0.0))


def read_trips(path: Path, zones: int) -> TntpTrips:
    """The trips of a TNTP file, for a network of so many zones; StudyFault holds everything wrong in it."""
    faults: list[Fault] = []
    lines = _lines(path, faults)
    meta = _metadata(path.name, lines, ("NUMBER OF ZONES",), faults)
    stated = int(meta.get("NUMBER OF ZONES", zones))
    if stated > zones:
        faults.append(Fault(path.name, "metadata", f"{stated} zones", f"at most the {zones} of the network",
                            "use the trips that belong to this network"))
    origins: list[int] = []
    sizes: list[int] = []
    pieces: list[F64] = []
    current: tuple[int, list[str]] | None = None

    def close() -> None:
        if current is not None:
            values = _entries(path.name, current[0], " ".join(current[1]), faults)
            pieces.append(values)
            origins.append(current[0])
            sizes.append(len(values))

    for number, line in lines:
        if not line or line.startswith("<"):
            continue
        match = re.match(r"origin\s*:?\s*(\d+)\s*(.*)", line, re.IGNORECASE)
        if match:
            close()
            current = (int(match[1]), [match[2]])
        elif current is not None:
            current[1].append(line)
        else:
            faults.append(Fault(path.name, f"line {number}", f"'{line[:60]}'",
                                "'Origin i' before the first entry",
                                "the file is not a TNTP trip table, or is cut off at the top"))
            break
    close()
    entries = np.concatenate(pieces) if pieces else np.empty((0, 2))
    origin = np.repeat(np.array(origins, np.int32), sizes)
    faults.extend(Fault(path.name, f"Origin {i}", "no such zone", f"1 to {zones}", "correct the origin")
                  for i in origins if not 1 <= i <= zones)
    _check_trips(path.name, origin, entries, zones, faults)
    if faults:
        raise StudyFault(faults)
    demand = Demand(origin - 1, entries[:, 0].astype(np.int32) - 1, entries[:, 1].copy())
    return TntpTrips(demand, meta.get("TOTAL OD FLOW", np.nan))


def write_flows(path: Path, network: TntpNetwork, answer: Equilibrium) -> None:
    """Link flows as CSV: init_node, term_node, volume, cost, in the order of the network file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(("init_node", "term_node", "volume", "cost"))
        columns = (network.tail, network.head, answer.volume, answer.cost)
        out.writerows(zip(*(c.tolist() for c in columns), strict=True))


def _lines(path: Path, faults: list[Fault]) -> list[tuple[int, str]]:
    """Numbered lines without comments and outer blanks; faults where the file cannot be read or is empty."""
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise StudyFault([Fault(path.name, "file", error.strerror or str(error), "a readable file",
                                "check the path")]) from None
    lines = [(i, line.split("~", 1)[0].strip()) for i, line in enumerate(text.splitlines(), start=1)]
    if not any(line for _, line in lines):
        faults.append(Fault(path.name, "file", "nothing in it", "a TNTP file", "give the whole file"))
    return lines


def _metadata(file: str, lines: list[tuple[int, str]], integers: tuple[str, ...],
              faults: list[Fault]) -> dict[str, float]:
    """Numbers of the metadata by upper-case name; the counts asked for must be whole and there (first thru
    may lack).
    """
    meta: dict[str, float] = {}
    for number, line in lines:
        match = re.match(r"<\s*([^>]*?)\s*>\s*[:=]?\s*(\S*)", line)
        if not match:
            continue
        name = " ".join(match[1].upper().split())
        try:
            meta[name] = float(match[2].replace(",", ""))
        except ValueError:
            if name in integers or name.endswith("FACTOR"):
                faults.append(Fault(file, f"line {number}", f"<{name}> '{match[2]}'", "a number",
                                    "write the bare number"))
    for name in integers:
        optional = name in ("FIRST THRU NODE", "NUMBER OF LINKS") or integers == ("NUMBER OF ZONES",)
        if name not in meta and not optional and not any(f.found.startswith(f"<{name}>") for f in faults):
            faults.append(Fault(file, "metadata", f"no <{name}>", "the number in the metadata",
                                f"add <{name}> and the number"))
    return meta


def _check_links(file: str, table: F64, where: list[int], meta: dict[str, float],
                 faults: list[Fault]) -> None:
    stated = meta.get("NUMBER OF LINKS")
    if stated is not None and len(table) < int(stated) and not faults:
        faults.append(Fault(file, "metadata", f"{len(table)} link rows",
                            f"{int(stated)} as <NUMBER OF LINKS> says",
                            "the file is cut off, or the number is wrong"))
    if "NUMBER OF NODES" not in meta:
        return
    nodes = int(meta["NUMBER OF NODES"])
    coef = table[:, 4] * table[:, 5]
    wrong = (
        (((table[:, :2] < 1) | (table[:, :2] > nodes) | (table[:, :2] % 1 != 0)).any(axis=1),
         "a node outside the network",
         f"nodes 1 to {nodes}", "correct the node"),
        (~np.isfinite(table[:, 2:7]).all(axis=1), "a number that is not finite", "finite numbers",
         "correct the row"),
        ((table[:, 4:7] < 0).any(axis=1), "a negative time, b or power", "0 or more", "correct the row"),
        ((coef > 0) & (table[:, 6] > 0) & (table[:, 2] <= 0), "no capacity, though time grows with volume",
         "a capacity above 0", "give the capacity, or b = 0"),
    )
    for bad, found, allowed, cure in wrong:
        faults.extend(Fault(file, f"line {where[i]}", found, allowed, cure) for i in np.flatnonzero(bad)[:20])


def _entries(file: str, origin: int, text: str, faults: list[Fault]) -> F64:
    """The `j : volume;` entries of one origin as rows of (j, volume)."""
    tokens = text.replace(":", " ").replace(";", " ").split()
    try:
        values = np.array(tokens, np.float64)
    except ValueError:
        faults.append(Fault(file, f"Origin {origin}", _first_non_number(tokens), "entries like '12 : 340.5;'",
                            "correct the entry"))
        return np.empty((0, 2))
    if len(values) % 2 or text.count(":") * 2 != len(values):
        faults.append(Fault(file, f"Origin {origin}", "an entry without its volume or its ':'",
                            "entries like '12 : 340.5;'",
                            "complete the entry; the file may be cut off"))
        return np.empty((0, 2))
    return values.reshape(-1, 2)


def _first_non_number(tokens: list[str]) -> str:
    for token in tokens:
        try:
            float(token)
        except ValueError:
            return f"'{token}'"
    return "not a number"


def _check_trips(file: str, origin: I32, entries: F64, zones: int, faults: list[Fault]) -> None:
    unknown = (entries[:, 0] < 1) | (entries[:, 0] > zones) | (entries[:, 0] % 1 != 0)
    negative = ~(entries[:, 1] >= 0) | ~np.isfinite(entries[:, 1])
    for bad, found, allowed in ((unknown, "no such zone", f"destinations 1 to {zones}"),
                                (negative, "not a volume", "0 or more")):
        faults.extend(Fault(file, f"Origin {origin[i]}", f"{entries[i, 0]:g} : {entries[i, 1]:g}, {found}",
                            allowed,
                            "correct the entry") for i in np.flatnonzero(bad)[:20])
