"""Row models of the appraisal tables."""

from __future__ import annotations

from landbridge.tables import Table

TABLES: tuple[Table, ...] = ()
