"""Row models of the gas tables."""

from __future__ import annotations

from landbridge.tables import Table

TABLES: tuple[Table, ...] = ()
