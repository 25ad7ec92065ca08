"""Trade by country pair split to zones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from landbridge.schema.demand import Direction, Trade, ZoneShare
from landbridge.tables import Evidence

_Key = tuple[str, str, str, Direction]


@dataclass(frozen=True)
class ZoneFlow:
    """Trade of one cargo from zone to zone, with the weakest evidence mark of its parts."""

    origin: str
    destination: str
    cargo: str
    via: str  # terminal the flow is reported to have passed, blank if not known
    value_musd: float
    mass_kt: float  # on road, rail and sea; what goes by pipe is left out
    evidence: Evidence


def zone_split(
    shares: Sequence[ZoneShare], area: str, partner: str, cargo: str, direction: Direction
) -> Mapping[str, float]:
    """Share of each zone in an area's trade with a partner; empty where no row speaks of the area.

    Of the rows that fit, the most special group is taken whole: cargo and partner named, then cargo, then
    partner, then neither; within each, the direction named before `both`.

    >>> from landbridge import study
    >>> from landbridge.schema.demand import Direction, ZoneShare
    >>> rows = study.read("korea").rows(ZoneShare)
    >>> zone_split(rows, "MNG", "CHN", "coal", Direction.EXPORT)["dalanzadgad"]
    0.95
    """
    return _pick(_by_key(shares), area, partner, cargo, direction)


def zone_flows(trade: Iterable[Trade], shares: Sequence[ZoneShare]) -> tuple[ZoneFlow, ...]:
    """Every trade row split to zone pairs: million USD and thousand tonnes on the network.

    The flow of a pair of zones is value * share of the origin in the exporter * share of the destination in
    the importer. Money is kept whole; tonnes are multiplied by the row's `network_share`. An area without
    shares gives no flows; `references.check` has made that a fault before.
    """
    table = _by_key(shares)
    marks = {key: Evidence.weakest(s.evidence for s in rows) for key, rows in table.items()}
    flows: list[ZoneFlow] = []
    for row in trade:
        out_key = _key(table, row.exporter, row.importer, row.cargo, Direction.EXPORT)
        in_key = _key(table, row.importer, row.exporter, row.cargo, Direction.IMPORT)
        if out_key is None or in_key is None:
            continue
        evidence = Evidence.weakest([row.evidence, marks[out_key], marks[in_key]])
        flows += [
            ZoneFlow(
                o.zone,
                d.zone,
                row.cargo,
                row.via,
                row.value_musd * o.share * d.share,
                row.mass_kt * row.network_share * o.share * d.share,
                evidence,
            )
            for o in table[out_key]
            for d in table[in_key]
            if o.share * d.share > 0
        ]
    return tuple(flows)


def _by_key(shares: Sequence[ZoneShare]) -> dict[_Key, list[ZoneShare]]:
    table: dict[_Key, list[ZoneShare]] = {}
    for row in shares:
        table.setdefault((row.area, row.partner, row.cargo, row.direction), []).append(row)
    return table


def _key(
    table: Mapping[_Key, list[ZoneShare]], area: str, partner: str, cargo: str, direction: Direction
) -> _Key | None:
    for c, p in ((cargo, partner), (cargo, "*"), ("*", partner), ("*", "*")):
        for d in (direction, Direction.BOTH):
            if (area, p, c, d) in table:
                return (area, p, c, d)
    return None


def _pick(
    table: Mapping[_Key, list[ZoneShare]], area: str, partner: str, cargo: str, direction: Direction
) -> Mapping[str, float]:
    key = _key(table, area, partner, cargo, direction)
    return {} if key is None else {row.zone: row.share for row in table[key]}
