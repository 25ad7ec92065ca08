"""Sections of the report, one module per room."""
