"""Natural gas: properties, hydraulics, the line and its stations, supply, interruption, the study of the pipeline."""
