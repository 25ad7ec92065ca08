"""appraisal: cash flows and games by party."""
