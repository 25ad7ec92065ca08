"""Row models of every table a study may hold, one module per room of the house."""
