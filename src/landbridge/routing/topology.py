"""Who is joined to whom: nodes and directed arcs, without costs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from landbridge.routing._arrays import Flags, Floats, Ints


@dataclass(frozen=True)
class Topology:
    """Nodes 0..n-1 and directed arcs 0..m-1; read-only.

    `link[a]` is the link an arc was made from and `reverse[a]` tells whether it runs from the link's v to its u.
    `lon` and `lat` are degrees, or any plane coordinates; NaN where unknown. They steer the node order only,
    never a distance. Parallel arcs and loops are allowed.
    """

    n: int
    tail: Ints
    head: Ints
    link: Ints
    reverse: Flags
    lon: Floats
    lat: Floats

    def __post_init__(self) -> None:
        """Refuse what is not a graph; make the arrays read-only."""
        if self.n < 1 or self.n >= 2**30:
            raise ValueError(f"a topology has between 1 and 2^30 nodes, not {self.n}")
        sizes = {len(self.tail), len(self.head), len(self.link), len(self.reverse)}
        if len(sizes) != 1:
            raise ValueError("tail, head, link and reverse have one value for each arc")
        if len(self.lon) != self.n or len(self.lat) != self.n:
            raise ValueError("lon and lat have one value for each node")
        if self.m and (min(self.tail.min(), self.head.min()) < 0 or max(self.tail.max(), self.head.max()) >= self.n):
            raise ValueError(f"an arc ends at a node outside 0..{self.n - 1}")
        for array in (self.tail, self.head, self.link, self.reverse, self.lon, self.lat):
            array.setflags(write=False)

    @property
    def m(self) -> int:
        """Number of arcs."""
        return len(self.tail)

    def arc_values(self, link_values: ArrayLike) -> Floats:
        """Values of the links given to their arcs, both ways alike.

        >>> from_links(2, [0], [1]).arc_values([7.0]).tolist()
        [7.0, 7.0]
        """
        return np.asarray(link_values, np.float64)[self.link]

    def arcs_of(self, links: ArrayLike) -> Ints:
        """The arcs, both ways, that were made from some links.

        >>> from_links(3, [0, 1], [1, 2]).arcs_of([1]).tolist()
        [1, 3]
        """
        order, sorted_links = self._by_link
        which = np.unique(np.asarray(links, np.int32).reshape(-1))
        first, last = (np.searchsorted(sorted_links, which, side) for side in ("left", "right"))
        size = last - first
        at = np.repeat(first - np.cumsum(size) + size, size) + np.arange(size.sum())
        return np.sort(order[at]).astype(np.int32)

    @cached_property
    def _by_link(self) -> tuple[Ints, Ints]:
        """Arcs in the order of their links, and those links."""
        order = np.argsort(self.link, kind="stable").astype(np.int32)
        return order, self.link[order]


def from_links(
    n: int,
    u: ArrayLike,
    v: ArrayLike,
    oneway: ArrayLike | None = None,
    lon: ArrayLike | None = None,
    lat: ArrayLike | None = None,
) -> Topology:
    """Topology of links usable both ways, or only from u to v where `oneway`.

    Arc i runs along link i from u to v; the ways back follow, in the order of their links. Raises ValueError where
    an end is not a node.

    >>> from_links(3, [0, 1], [1, 2], oneway=[False, True]).tail.tolist()
    [0, 1, 1]
    """
    u_, v_ = np.asarray(u, np.int32), np.asarray(v, np.int32)
    both = ~np.asarray(oneway, bool) if oneway is not None else np.ones(len(u_), bool)
    back = np.flatnonzero(both).astype(np.int32)
    link = np.concatenate([np.arange(len(u_), dtype=np.int32), back])
    unknown = np.full(n, np.nan)
    return Topology(
        n=n,
        tail=np.concatenate([u_, v_[back]]),
        head=np.concatenate([v_, u_[back]]),
        link=link,
        reverse=np.arange(len(link)) >= len(u_),
        lon=unknown if lon is None else np.array(lon, np.float64),
        lat=unknown.copy() if lat is None else np.array(lat, np.float64),
    )


def from_arcs(
    n: int, tail: ArrayLike, head: ArrayLike, lon: ArrayLike | None = None, lat: ArrayLike | None = None
) -> Topology:
    """Topology of arcs usable from tail to head only; arc i is link i.

    >>> from_arcs(2, [0, 0], [1, 1]).m
    2
    """
    return from_links(n, tail, head, np.ones(len(np.asarray(tail)), bool), lon, lat)
