"""Two object types with every sort of option, and objects of them, for tests of storage drivers."""

from __future__ import annotations

from sorcery.kinds import Boolean, Choice, Integer, Names, Real, Reference, References, SecretText, Text
from sorcery.kinds.base import Refused, Warn
from sorcery.objects import Object, object_type
from sorcery.options import Value, option
from sorcery.secret import Secret

__all__ = ["TYPES", "WIDGETS", "Group", "Lines", "Widget"]


class Lines(Names):
    """Names of which each has a line of its own."""

    def parse(self, text: str, before: tuple[str, ...], warn: Warn) -> tuple[str, ...]:
        """Add one name; an empty text clears the list."""
        return (*before, text) if text else ()

    def convert(self, value: object) -> tuple[str, ...]:
        """Take an iterable of names."""
        if isinstance(value, str):
            raise Refused("one text is not taken", f"pass {self.expects()}")
        return self.accept(value)

    def expects(self) -> str:
        """Say what is taken."""
        return "a list of names"

    def texts(self, value: tuple[str, ...]) -> tuple[str, ...]:
        """Write one line per name."""
        return value

    def pairs(self, name: str, value: tuple[str, ...]) -> list[tuple[str, str]]:
        """Print one pair per name."""
        return [(name, text) for text in value]


@object_type("testing_group", section="testing", family="testing_groups", conf="testing.conf")
class Group(Object):
    """What widgets refer to."""

    note: str = option(Text(), default="")


@object_type("testing_widget", section="testing", family="testing_widgets", conf="testing.conf")
class Widget(Object):
    """One option of every sort."""

    label: str = option(Text(), default="none")
    remark: str = option(Text(), default="")
    size: int = option(Integer(), default="5")
    weight: float = option(Real(), default="")
    active: bool = option(Boolean(), default="yes")
    colour: str = option(Choice("red", "green", "blue"), default="")
    tags: Value[tuple[str, ...]] = option(Names(), default="")
    lines: Value[tuple[str, ...]] = option(Lines(), default="")
    password: Value[Secret] = option(SecretText(), default="", secret=True)
    group: str = option(Reference(), default="", refers_to="testing_group")
    groups: Value[tuple[str, ...]] = option(References(), default="", refers_to="testing_group")
    second: str = option(Text(), default="", name="2nd")


TYPES: tuple[type[Object], ...] = (Group, Widget)

WIDGETS: tuple[Widget, ...] = (
    Widget(id="Alpha", size=10, weight=2.5, colour="green", label="case"),
    Widget(id="alpha", remark="a;b ^3B", tags=["x", "y"], password="pa55word", second="2"),
    Widget(id="alpha;@1", size=9, group="g1", groups=["g1", "g2"], label="50%"),
    Widget(id="alpha;@2", size=100, active=False, label="50 percent"),
    Widget(id="b_1", extended={"@note": "first"}, label="10.0"),
    Widget(id="bX1", extended={"@note": "second"}, label="10"),
    Widget(id="b%1", remark='it\'s "quoted"', label="abc"),
    Widget(id="c d/e", remark="ünïcödé 漢", label="ABC"),
    Widget(id="éclair", weight=0.1234567891, size=0, label="a_c"),
)
"""Objects whose ids and texts are easily taken for patterns, escapes or one another."""
