"""Printed words and ranges that several types share."""

from __future__ import annotations

__all__ = ["CAPITALISED", "SIGNED_LEAST", "SIGNED_MOST", "YES_NO"]

YES_NO = ("no", "yes")
CAPITALISED = ("No", "Yes")
SIGNED_LEAST, SIGNED_MOST = -2147483648, 2147483647
