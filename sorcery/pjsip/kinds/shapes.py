"""What makes a location: civic address codes, geodetic shapes, a URI."""

from __future__ import annotations

import re
from collections.abc import Mapping

import attrs

from sorcery.kinds import Refused
from sorcery.pjsip.kinds.items import Items

__all__ = ["check_location"]

_CIVIC = frozenset(
    (
        *("country", "A1", "A2", "A3", "A4", "A5", "A6", "ADDCODE", "BLD", "FLR", "HNO", "HNS", "LMK", "LOC", "NAM"),
        *("PC", "PCN", "PLC", "POBOX", "POD", "POM", "PRD", "PRM", "RD", "RDBR", "RDSEC", "RDSUBBR", "ROOM", "SEAT"),
        *("STS", "UNIT"),
    )
)
"""Elements of a civic address (RFC 4119 section 2.2.1, RFC 5139 section 3.1)."""

_DIMENSIONS = {"2d": 2, "3d": 3}
_NUMBER = r"[+-]?(?:inf|nan|0x(?:[0-9a-f]+\.?|\.[0-9a-f])|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]|(?!e)))"
_BEGINS_WITH_NUMBER = re.compile(_NUMBER, re.IGNORECASE | re.ASCII)
_ANGLE = re.compile(rf"\s*(?P<number>{_NUMBER}[0-9]*)(?:\s+(?P<unit>(?-i:deg|rad)).*)?\s*\Z", re.IGNORECASE | re.ASCII)
_LARGEST = {"deg": 360.0, "rad": 100.0}
_ANGLES = frozenset({"orientation", "startAngle", "openingAngle"})


@attrs.frozen(slots=True)
class _Shape:
    """Which coordinate systems a shape may use, and which items it consists of."""

    systems: tuple[str, ...]
    single: tuple[str, ...] = ()
    """Items that it has once, beside its positions."""
    least: int = 1
    most: int | None = 1
    """How many positions it has."""


_SHAPES: Mapping[str, _Shape] = {
    "Point": _Shape(("2d", "3d")),
    "Polygon": _Shape(("2d", "3d"), least=3, most=None),
    "Circle": _Shape(("2d",), ("radius",)),
    "Ellipse": _Shape(("2d",), ("semiMajorAxis", "semiMinorAxis", "orientation")),
    "ArcBand": _Shape(("2d",), ("innerRadius", "outerRadius", "startAngle", "openingAngle")),
    "Sphere": _Shape(("3d",), ("radius",)),
    "Ellipsoid": _Shape(("3d",), ("semiMajorAxis", "semiMinorAxis", "verticalAxis", "orientation")),
    "Prism": _Shape(("3d",), ("height",), least=3, most=None),
}
"""The shapes of RFC 5491 section 5."""


def check_location(notation: str, items: Items) -> None:
    """Refuse items that make no location of a format; raises `Refused`, which blames `location_info`."""
    if notation == "civicAddress":
        for name in items.names():
            if name not in _CIVIC:
                raise _refused(f"{name!r} is no civic address element", f"write any of {', '.join(sorted(_CIVIC))}")
    elif notation == "GML":
        _check_shape(items)
    elif "uri" not in map(str.lower, items.names()):
        raise _refused("has no item URI", 'write URI="https://…"')


def _refused(reason: str, remedy: str) -> Refused:
    return Refused(reason, remedy, option="location_info")


def _check_shape(items: Items) -> None:
    name = next(iter(items.values("shape")), "")
    shape = _SHAPES.get(name)
    if shape is None:
        raise _refused(f"{name!r} is no shape", f"write shape= and one of {', '.join(_SHAPES)}")
    system, *more = items.values("crs") or ("2d",)
    if more or system not in shape.systems:
        raise _refused(f"a {name} does not take this crs", f"write crs={' or crs='.join(shape.systems)}, once")
    for item in items.names():
        if item not in ("shape", "crs", "pos", *shape.single):
            raise _refused(f"{item!r} is no item of a {name}", f"write {', '.join(('pos', *shape.single))}")
    positions = items.values("pos")
    if len(positions) < shape.least or (shape.most is not None and len(positions) > shape.most):
        raise _refused(f"a {name} has {len(positions)} positions", f"write pos= {_count(shape)}")
    for position in positions:
        _check_position(position, _DIMENSIONS[system])
    for item in shape.single:
        _check_measure(name, item, items.values(item))


def _count(shape: _Shape) -> str:
    return "once" if shape.most == 1 else f"{shape.least} times or more"


def _check_position(text: str, dimensions: int) -> None:
    numbers = text.split()
    if len(numbers) != dimensions or not all(map(_BEGINS_WITH_NUMBER.match, numbers)):
        raise _refused(f"{text!r} is no position", f"write {dimensions} numbers with blanks between them")


def _check_measure(shape: str, item: str, texts: tuple[str, ...]) -> None:
    if len(texts) != 1:
        raise _refused(f"a {shape} has {item} {len(texts)} times", f"write {item}= once")
    if item not in _ANGLES:
        if _BEGINS_WITH_NUMBER.match(texts[0].lstrip()) is None:
            raise _refused(f"{item}={texts[0]} is no number", "write a decimal number")
        return
    angle = _ANGLE.match(texts[0])
    if angle is None or float(_decimal(angle["number"])) > _LARGEST[angle["unit"] or "deg"]:
        raise _refused(f"{item}={texts[0]} is no angle", 'write degrees from 0 to 360, or for instance "1.5 radians"')


def _decimal(number: str) -> float:
    return float.fromhex(number) if "x" in number.lower() else float(number)
