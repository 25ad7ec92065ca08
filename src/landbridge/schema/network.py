"""Row models of the network tables."""

from __future__ import annotations

from landbridge.tables import Table

TABLES: tuple[Table, ...] = ()
