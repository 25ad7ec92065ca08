"""Row models of the demand tables."""

from __future__ import annotations

from landbridge.tables import Table

TABLES: tuple[Table, ...] = ()
