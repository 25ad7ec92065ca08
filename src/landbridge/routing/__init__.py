"""routing: least-cost ways on arrays."""

from landbridge.routing.customise import Metric, customise
from landbridge.routing.dijkstra import few_to_many
from landbridge.routing.hierarchy import Hierarchy, build
from landbridge.routing.loading import Loading, load
from landbridge.routing.matrix import matrix
from landbridge.routing.order import extend_order, order
from landbridge.routing.parts import parts
from landbridge.routing.path import Path, path, paths
from landbridge.routing.sweep import Toggle, sweep, walk
from landbridge.routing.topology import Topology, from_arcs, from_links
from landbridge.routing.warmup import warmup

__all__ = [
    "Hierarchy",
    "Loading",
    "Metric",
    "Path",
    "Toggle",
    "Topology",
    "build",
    "customise",
    "extend_order",
    "few_to_many",
    "from_arcs",
    "from_links",
    "load",
    "matrix",
    "order",
    "parts",
    "path",
    "paths",
    "sweep",
    "walk",
    "warmup",
]
