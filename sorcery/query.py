"""What a search asks for, and whether an object answers it."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs

from sorcery.posix import compile_extended

if TYPE_CHECKING:
    from sorcery.objects import Object
    from sorcery.objecttype import ObjectType

__all__ = ["ALL", "NAMES", "PENDING", "Criterion", "Key", "Ordered", "Pending", "Query", "sorts_by_byte", "texts"]

Test = Callable[[str], bool]
Key = tuple[str, str]
"""An index of objects: a field, and the operator whose texts stand in it."""

NAMES: Final = "names"


class Pending(enum.Enum):
    """The answer of who would have to wait, or to work long, for the real one."""

    PENDING = "pending"


PENDING: Final = Pending.PENDING


@attrs.frozen(slots=True)
class Criterion:
    """One condition on a field: an operator and a text.

    Operators: none (equality, or a regular expression when the text is written `/…/`), `= != < <= > >=` (numeric
    where both sides are numbers, else by byte), `LIKE` (`%` stands for anything), `regex`, and `names`: a field that
    refers to objects has the text among their ids. A field without a text never matches. For a field that repeats, the
    first text counts.
    """

    field: str
    operator: str
    text: str

    @classmethod
    def parse(cls, name: str, value: Any, object_type: ObjectType) -> Criterion:
        """Return the criterion for a keyword such as `username` or `"joe >="` and its value.

        A value that is no text is first printed as its option prints it. Raises `ValueError` for an unknown field,
        an unknown operator or a regular expression that does not compile.
        """
        field, _, operator = name.rpartition(" ") if " " in name else (name, "", "")
        option = object_type.option(field)
        if option is None and field != "id" and not field.startswith("@"):
            raise ValueError(f"{object_type.name} has no field {field!r}")
        if not isinstance(value, str):
            value = str(value) if option is None else option.kind.printed(option.kind.convert(value))
        folded = operator.lower()
        if folded not in _TESTS:
            raise ValueError(f"unknown operator {operator!r}; use one of = != < <= > >= LIKE regex names")
        if folded == NAMES and (option is None or option not in object_type.relating):
            raise ValueError(f"{object_type.name} has no field {field!r} that refers to objects")
        if option is not None and folded in ("", "=", "!="):
            value = option.kind.comparable(value)
        criterion = cls(option.name if option and not option.is_family else field, folded, value)
        criterion.test()
        return criterion

    @property
    def is_equality(self) -> bool:
        """Tell whether only one text matches."""
        if self.operator == "=":
            return _number(self.text) is None
        return self.operator == "" and not _is_regex(self.text)

    @property
    def key(self) -> Key | None:
        """The index that finds what matches under the criterion's text, or None where none can."""
        if self.operator == NAMES:
            return self.field, NAMES
        return (self.field, "") if self.is_equality else None

    def test(self) -> Test:
        """Return the function that tells whether a text of the field matches: its first, or one that it names."""
        return _TESTS[self.operator](self.text)


@attrs.frozen(slots=True, kw_only=True)
class Query:
    """A search over the objects of one type; all of its parts must match."""

    criteria: tuple[Criterion, ...] = ()
    regex: str = ""
    """A POSIX extended regular expression searched for in the id, with case."""
    prefix: str = ""
    """What the id starts with, with case."""

    @property
    def is_all(self) -> bool:
        """Tell whether the query asks for every object."""
        return not (self.criteria or self.regex or self.prefix)

    def predicate(self) -> Callable[[Object], bool]:
        """Return the function that tells whether an object matches; expressions are compiled once."""
        tests = [(criterion.field, criterion.operator, criterion.test()) for criterion in self.criteria]
        search = compile_extended(self.regex).search if self.regex else None

        def matches(obj: Object) -> bool:
            if not obj.id.startswith(self.prefix) or (search is not None and search(obj.id) is None):
                return False
            return all(any(map(test, texts(obj, field, operator))) for field, operator, test in tests)

        return matches


ALL = Query()
"""The query that every object answers."""


def texts(obj: Object, field: str, operator: str = "") -> Iterable[str]:
    """Return what an operator looks at: the first text of a field, or the ids that it names."""
    if operator != NAMES:
        text = obj.text(field)
        return () if text is None else (text,)
    option = obj.__sorcery__.option(field)
    return () if option is None else option.kind.names(getattr(obj, option.attribute))


class Ordered(list["Object"]):
    """Objects sorted by id, byte by byte: a store that answers with these spares others the sorting."""

    @classmethod
    def of(cls, objects: Iterable[Object]) -> Ordered:
        """Return the objects in order, the very list where it has that order already."""
        return objects if isinstance(objects, cls) else cls(sorted(objects, key=_by_byte))


def sorts_by_byte(ids: Iterable[str]) -> bool:
    """Tell whether these ids as they are have the order of their bytes: only surrogates stand elsewhere."""
    return all(id.isascii() or _SURROGATE.search(id) is None for id in ids)


def _by_byte(obj: Object) -> bytes:
    try:
        return obj.id.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return obj.id.encode("utf-8", "surrogatepass")


_SURROGATE = re.compile("[\ud800-\udfff]")


def _is_regex(text: str) -> bool:
    return len(text) > 1 and text.startswith("/") and text.endswith("/")


def _implied(text: str) -> Test:
    return _regex(text[1:-1]) if _is_regex(text) else _equal(text)


def _equal(text: str) -> Test:
    return text.__eq__


def _regex(text: str) -> Test:
    search = compile_extended(text).search
    return lambda candidate: search(candidate) is not None


def _like(text: str) -> Test:
    pattern = ".*".join(re.escape(part) for part in text.split("%"))
    match = re.compile(pattern, re.DOTALL).fullmatch
    return lambda candidate: match(candidate) is not None


def _compared(numbers: Callable[[float, float], bool], texts: Callable[[str, str], bool]) -> Callable[[str], Test]:
    def build(text: str) -> Test:
        wanted = _number(text)

        def test(candidate: str) -> bool:
            found = _number(candidate) if wanted is not None else None
            if wanted is None or found is None:
                return texts(candidate, text)
            return numbers(found, wanted)

        return test

    return build


def _number(text: str) -> float | None:
    if not text:
        return 0.0
    try:
        return None if "_" in text or not text.isascii() else float(text)  # as C takes it
    except ValueError:
        return None


_TESTS: Mapping[str, Callable[[str], Test]] = {
    "": _implied,
    "=": _compared(lambda a, b: a == b, lambda a, b: a == b),
    "!=": _compared(lambda a, b: a != b, lambda a, b: a != b),
    "<": _compared(lambda a, b: a < b, lambda a, b: a < b),
    "<=": _compared(lambda a, b: a <= b, lambda a, b: a <= b),
    ">": _compared(lambda a, b: a > b, lambda a, b: a > b),
    ">=": _compared(lambda a, b: a >= b, lambda a, b: a >= b),
    "like": _like,
    "regex": _regex,
    NAMES: _equal,
}
