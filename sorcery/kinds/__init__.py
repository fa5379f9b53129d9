"""Kinds of options: each says how a text is read, kept and printed."""

from sorcery.kinds.base import Kind, Refused, Warn
from sorcery.kinds.families import NamedLines
from sorcery.kinds.lists import Flags, Names, References, exchanged, split_names
from sorcery.kinds.scalars import (
    FALSE_WORDS,
    TRUE_WORDS,
    Boolean,
    Choice,
    Integer,
    Real,
    Reference,
    SecretText,
    Text,
    is_true,
)

__all__ = [
    "FALSE_WORDS",
    "TRUE_WORDS",
    "Boolean",
    "Choice",
    "Flags",
    "Integer",
    "Kind",
    "NamedLines",
    "Names",
    "Real",
    "Reference",
    "References",
    "Refused",
    "SecretText",
    "Text",
    "Warn",
    "exchanged",
    "is_true",
    "split_names",
]
