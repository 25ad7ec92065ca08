"""report: pages, figures and files made from a Result."""
