"""landbridge: what changes, and for whom, when a border opens on the map."""

__version__ = "0.1.0"
