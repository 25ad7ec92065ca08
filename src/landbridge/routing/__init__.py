"""routing: least-cost ways on arrays."""
