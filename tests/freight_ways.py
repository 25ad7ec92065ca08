"""Shipments of the bundled study solved by hand: each way is given by its cost alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from landbridge import study as studies
from landbridge.flows.alternatives import WAY_PARTS, Alternatives
from landbridge.schema.demand import Zone
from landbridge.schema.flows import Nest

KOREA = studies.read("korea")
ZONES = KOREA.rows(Zone)
COUNTRIES = tuple(z.country for z in ZONES)


def ways(shipments: Sequence[tuple[str, str, str, float, tuple[float, ...]]]) -> Alternatives:
    """Shipments (cargo, from, to, tonnes, costs of their ways) that share nothing and pass no gate."""
    cargoes = tuple(dict.fromkeys(s[0] for s in shipments))
    zone = {z.country: i for i, z in reversed(list(enumerate(ZONES)))}
    group = np.repeat(np.arange(len(shipments), dtype=np.int32), [len(s[4]) for s in shipments])
    n = len(group)
    cost = np.array([c for s in shipments for c in s[4]])
    return Alternatives(
        cargoes, (KOREA.rows(Nest)[0],), ("KP-CN-R1",), np.array([cargoes.index(s[0]) for s in shipments], np.int32),
        np.array([zone[s[1]] for s in shipments], np.int32), np.array([zone[s[2]] for s in shipments], np.int32),
        np.array([s[3] for s in shipments]), np.ones(len(shipments)), group, np.zeros(n, np.int32), cost,
        {p: np.ones(n) for p in WAY_PARTS}, np.tile([1.0, 0.0, 0.0], (n, 1)), sparse.csr_array(np.eye(n)), np.ones(n),
        sparse.csr_array((n, 1)))
