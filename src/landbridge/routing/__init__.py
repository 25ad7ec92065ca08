"""routing: least-cost ways on arrays."""

from landbridge.routing.compiling import warmup
from landbridge.routing.dijkstra import few_to_many
from landbridge.routing.hierarchy import Hierarchy, build
from landbridge.routing.keeping import kept_order
from landbridge.routing.loading import Loading, load
from landbridge.routing.matrices import matrix
from landbridge.routing.metric import Metric, customise
from landbridge.routing.ordering import extend_order, order
from landbridge.routing.states import Toggle, sweep, walk
from landbridge.routing.summing import parts
from landbridge.routing.topology import Topology, from_arcs, from_links
from landbridge.routing.unpacking import Path, path, paths

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
    "kept_order",
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
