"""Graphs of objects as pictures: `layered` says where things lie, `svg`, `mermaid` and `tree` draw them."""
