"""Copying objects from one system to another: chosen, in dependency order, in transactions of a bounded size."""
