"""routing: least-cost ways on arrays."""

from landbridge.routing.customise import Metric, customise
from landbridge.routing.hierarchy import Hierarchy, build
from landbridge.routing.matrix import matrix
from landbridge.routing.order import extend_order, order
from landbridge.routing.parts import parts
from landbridge.routing.path import Path, path, paths
from landbridge.routing.topology import Topology, from_arcs, from_links

__all__ = [
    "Hierarchy",
    "Metric",
    "Path",
    "Topology",
    "build",
    "customise",
    "extend_order",
    "from_arcs",
    "from_links",
    "matrix",
    "order",
    "parts",
    "path",
    "paths",
]
