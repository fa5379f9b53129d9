"""Words and ranges that several types share."""

from __future__ import annotations

from sorcery.kinds import FALSE_WORDS, TRUE_WORDS

__all__ = ["BOOLEAN_WORDS", "CAPITALISED", "SIGNED_LEAST", "SIGNED_MOST", "YES_NO"]

YES_NO = ("no", "yes")
"""How some booleans print: false first."""
CAPITALISED = ("No", "Yes")
BOOLEAN_WORDS = dict.fromkeys(TRUE_WORDS, "yes") | dict.fromkeys(FALSE_WORDS, "no")
"""Every boolean word with the choice that it stands for."""
SIGNED_LEAST, SIGNED_MOST = -2147483648, 2147483647
