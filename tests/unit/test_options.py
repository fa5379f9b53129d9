from __future__ import annotations

import pytest

from sorcery.kinds import Boolean, Integer, Refused, Text
from sorcery.options import Option, alias, option


def test_an_option_without_default_is_required() -> None:
    assert Option(kind=Text()).is_required
    assert not Option(kind=Text(), default="").is_required


def test_an_alias_is_never_required() -> None:
    assert not alias("allow", Text()).is_required


def test_an_option_starts_at_its_default_or_at_its_kinds_zero() -> None:
    assert Option(kind=Integer(), default="0x10").start() == 16
    assert Option(kind=Integer(), default="").start() == 0
    assert Option(kind=Integer()).start() == 0


def test_a_default_must_need_no_repair() -> None:
    with pytest.raises(Refused):
        Option(kind=Boolean(), default="perhaps").start()


def test_an_option_is_a_printed_field_and_an_alias_is_neither() -> None:
    declared, other = option(Text(), default=""), alias("allow", Text())
    assert (declared.is_field, declared.is_printed, declared.is_alias) == (True, True, False)
    assert (other.is_field, other.is_printed, other.is_alias, other.attribute) == (False, False, True, "allow")
