"""Texts that were just parsed: the messages of a call have the same few, and one follows soon on another."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TypeVar

__all__ = ["remembered"]

_KEPT = 512
_LONGEST = 256
"""The longest text that is kept, in characters: what strangers send must not fill the memory."""

T = TypeVar("T")


def remembered(parse: Callable[[str], T]) -> Callable[[str], T]:
    """Let a function that makes an immutable value of a text keep its latest results; what it raises is not kept."""
    cached = functools.lru_cache(maxsize=_KEPT)(parse)

    @functools.wraps(parse)
    def parse_once(text: str) -> T:
        return cached(text) if len(text) <= _LONGEST else parse(text)

    return parse_once
