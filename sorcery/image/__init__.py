"""The last-known-good image: what stores held, on disk, for callers whose store is down."""
