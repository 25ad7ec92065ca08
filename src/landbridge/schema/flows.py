"""Row models of the flows tables."""

from __future__ import annotations

from landbridge.tables import Table

TABLES: tuple[Table, ...] = ()
