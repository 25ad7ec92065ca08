"""flows: how cargo chooses mode and route."""
