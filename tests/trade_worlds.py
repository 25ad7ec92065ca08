"""Small worlds for the trade tests."""

from __future__ import annotations

import numpy as np

from landbridge.trade.baseline import Baseline
from landbridge.trade.hat import solve


def random_world(
    countries: int, sectors: int, seed: int = 0, zeros: float = 0.0, closed: int = 0, factor: float = 20.0
) -> Baseline:
    """A balanced world drawn from a gravity model; `closed` countries have `factor`-fold trade costs."""
    rng = np.random.default_rng(seed)
    n, own = countries, np.arange(countries)
    size = np.exp(rng.normal(0, 1.2, n))
    place = rng.random((n, 2))
    cost = 1.6 + 0.9 * np.linalg.norm(place[:, None] - place[None], axis=2)
    for c in range(closed):
        cost[c] *= factor
        cost[:, c] *= factor
    cost[own, own] = 1.0
    theta = rng.uniform(2.5, 9.0, sectors)
    pull = size * np.exp(rng.normal(0, 0.5, (sectors, 1, n))) * cost ** -theta[:, None, None]
    if zeros:
        gone = rng.random(pull.shape) < zeros
        gone[:, own, own] = gone[:, own, (own + 1) % n] = False  # everyone buys and sells something abroad
        pull[gone] = 0.0
    io = 0.5 * rng.dirichlet(np.ones(sectors), (n, sectors)).transpose(0, 2, 1)
    final = rng.dirichlet(np.full(sectors, 3.0), n)
    world = Baseline(
        tuple(f"c{i}" for i in range(n)),
        tuple(f"s{i}" for i in range(sectors)),
        pull / pull.sum(axis=2, keepdims=True),
        io,
        np.full((n, sectors), 0.5),
        final,
        size,
        np.zeros(n),
        np.zeros_like(pull),
        2 * size[:, None] * final,
        theta,
    )
    return solve(world).rebased()


def cut(world: Baseline, factor: float, seed: int = 1, part: float = 1.0) -> np.ndarray:
    """Cost factors that cut a random part of the borders, home trade untouched."""
    n = len(world.countries)
    rng = np.random.default_rng(seed)
    cost = np.where(rng.random((n, n)) < part, factor, 1.0)
    cost[np.arange(n), np.arange(n)] = 1.0
    return np.broadcast_to(cost, world.share.shape).copy()
