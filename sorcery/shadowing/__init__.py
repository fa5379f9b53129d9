"""Asking a second store aside, and counting in what it would have answered otherwise."""
