"""The hierarchy: a topology contracted in a given order. Costs come later, and change without touching it.

Nodes are called by their rank here. A chordal arc joins two ranks that are neighbours after contraction; it holds two
slots, one for each direction: slot 2e runs up from the lower to the higher end of chordal arc e, slot 2e + 1 down.
(Dibbelt, Strasser and Wagner 2016, Customizable Contraction Hierarchies, ACM JEA 21.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from landbridge.routing import _hierarchy_kernels as kernels
from landbridge.routing._arrays import Ints, Longs, Shape
from landbridge.routing.ordering import order
from landbridge.routing.topology import Topology


@dataclass(frozen=True)
class Hierarchy:
    """A contracted topology; read-only arrays, sizes n (ranks), m (arcs) and c (chordal arcs).

    Chordal arcs first[v]:first[v+1] go up from rank v; `upper` and `lower` are their ends. `parent` is the elimination
    tree (-1 at a root) and `depth` the number of ancestors. below[below_first[v]:below_first[v+1]] are the chordal
    arcs whose upper end is v, and `below_end` their lower ends, ascending. `slot` (m) is the slot of each arc, -1 for a
    loop; the arcs of slot s, perhaps parallel, are slot_arc[slot_first[s]:slot_first[s+1]].
    """

    topology: Topology
    rank: Ints
    node: Ints  # node of each rank
    first: Longs
    upper: Ints
    lower: Ints
    parent: Ints
    depth: Ints
    below_first: Longs
    below: Ints
    below_end: Ints
    slot: Ints
    slot_first: Ints
    slot_arc: Ints

    @property
    def shape(self) -> Shape:
        """The arrays the kernels walk on."""
        return Shape(
            self.first, self.upper, self.lower, self.parent, self.depth,
            self.below_first, self.below, self.below_end, self.slot_first, self.slot_arc,
        )  # fmt: skip

    @property
    def c(self) -> int:
        """Number of chordal arcs; each has two slots."""
        return len(self.upper)

    @property
    def nbytes(self) -> int:
        """Memory of the arrays in bytes, without the topology."""
        return sum(a.nbytes for a in vars(self).values() if isinstance(a, np.ndarray))


def build(topology: Topology, rank: ArrayLike | None = None) -> Hierarchy:
    """Contract a topology in the order of `rank` (int (n,)), or in one computed here.

    Raises ValueError where `rank` is no permutation of the nodes. Time and memory grow with the number of chordal arcs,
    which a good order keeps at about two for each link.

    >>> from landbridge.routing.topology import from_links
    >>> build(from_links(3, [0, 1], [1, 2]), rank=[0, 2, 1]).c
    2
    """
    ranks = np.array(order(topology) if rank is None else rank, np.int32)
    node = np.full(topology.n, -1, np.int32)
    if len(ranks) != topology.n or (ranks < 0).any() or (ranks >= topology.n).any():
        raise ValueError(f"rank is no permutation of {topology.n} nodes")
    node[ranks] = np.arange(topology.n, dtype=np.int32)
    if (node < 0).any():
        raise ValueError(f"rank is no permutation of {topology.n} nodes")
    first, upper, parent = kernels.fill(ranks, topology.tail, topology.head)
    if 2 * len(upper) >= 2**31 - 1:
        raise ValueError(f"the order fills the network to {len(upper)} chordal arcs; more than 2^30 cannot be held")
    lower, below_first, below, below_end = kernels.lower_arcs(first, upper)
    slot = kernels.slots(ranks, topology.tail, topology.head, first, upper)
    slot_first, slot_arc = kernels.slot_arcs(slot, 2 * len(upper))
    depth = kernels.depths(parent)
    below_arrays = (below_first, below, below_end)
    arrays = (ranks, node, first, upper, lower, parent, depth, *below_arrays, slot, slot_first, slot_arc)
    for array in arrays:
        array.setflags(write=False)
    return Hierarchy(topology, *arrays)
