"""gas: pipeline hydraulics, supply and interruption."""
