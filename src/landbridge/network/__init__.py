"""network: the land and the sea as they are."""
