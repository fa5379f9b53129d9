"""A running process: what it counts, and how another program commands it."""
