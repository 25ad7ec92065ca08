"""conditions: the dated law and politics."""
