"""What is converted: sections with their lines, from a file or from the rows of a table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count

import attrs

from sorcery.chan_sip.catalogue import NAMES
from sorcery.conf import ConfFile, Variable
from sorcery.place import Place
from sorcery.secret import Secret

__all__ = ["Line", "Section", "of_conf", "of_rows"]

_SECRETS = frozenset({"secret", "remotesecret", "md5secret", "tlsprivatekeypassword"})
_CREDENTIALS = frozenset({"auth", "register", "mwi"})
_ACCOUNT = re.compile(
    r"(?P<head>(?:[^?/:@]+\?)?(?:[a-z]+://)?[^:#@]*)(?P<mark>[:#@]).*(?P<where>@[^@]*)\Z", re.I | re.DOTALL
)
_BARE = re.compile(r"[^:#@]+@[^@]*")
"""An account without a password."""
_ESCAPED = re.compile(r"(?:\^[0-9A-F]{2})+")


@attrs.frozen(slots=True)
class Line:
    """One option of one section; of a template's line each section that uses it has its own."""

    key: int
    """Its number in the source: no other line has it."""
    section: str
    option: str
    """The name as it is written."""
    value: str = attrs.field(repr=False)
    place: Place

    @property
    def name(self) -> str:
        """The name in small letters."""
        return self.option.lower()

    @property
    def shown(self) -> str:
        """The value without the passwords in it; under a name that is no option it may be one."""
        if self.name in _SECRETS or self.name not in NAMES:
            return str(Secret(self.value))
        if self.name in _CREDENTIALS:
            found = _ACCOUNT.match(self.value)
            if found is not None:
                return f"{found['head']}:{Secret('…')}{found['where']}"
            return self.value if _BARE.fullmatch(self.value) else str(Secret(self.value))
        return self.value


@attrs.frozen(slots=True)
class Section:
    """One section of `sip.conf`, or one row of `sippeers` or `sipusers`."""

    name: str
    place: Place
    lines: tuple[Line, ...]
    is_template: bool = False
    """Nobody uses it, or else its lines are those of the sections that do."""
    role: str = ""
    """What it is without a line that says its type: the rows of a table of users are that."""

    def last(self, name: str) -> Line | None:
        """Return the last line of an option, or None."""
        return next((line for line in reversed(self.lines) if line.name == name), None)

    @property
    def head(self) -> Line:
        """The line at which is told what concerns the whole of a peer: that of its type, or else its first."""
        return self.last("type") or self.lines[0]


def of_conf(conf: ConfFile) -> tuple[Section, ...]:
    """Return the sections of a file, in order; of templates the lines that no section took over."""
    numbers = count()
    taken = {_spot(conf, each) for section in conf.sections() for each in section.variables}
    sections = []
    for category in conf.categories:
        lines = tuple(
            Line(next(numbers), category.name, each.key, each.value, conf.place_of(each))
            for each in category.variables
            if not category.template or (not each.inherited and _spot(conf, each) not in taken)
        )
        if lines or not category.template:
            place = conf.place_of(category)
            sections.append(Section(category.name, place, lines, is_template=category.template))
    return tuple(sections)


def _spot(conf: ConfFile, variable: Variable) -> tuple[str, int, str]:
    return conf.path_of(variable), variable.line, variable.key


def of_rows(
    table: str, rows: Iterable[Mapping[str, object]], first: int = 0, *, splits: bool = True, role: str = ""
) -> tuple[Section, ...]:
    """Return the rows of a table as sections; an empty column is none, as Asterisk reads it.

    Their lines are numbered from `first` on. Where the driver `splits`, a column may hold several lines. `role` is
    that of rows without a type.
    """
    numbers = count(first)
    made = (_of_row(table, row, numbers, _split if splits else _whole) for row in rows)
    return tuple(each if each.last("type") else attrs.evolve(each, role=role) for each in made)


def _of_row(
    table: str, row: Mapping[str, object], numbers: Iterator[int], values: Callable[[str], Sequence[str]]
) -> Section:
    texts = {column: _stored(value) for column, value in row.items()}
    name = "".join(values(texts.get("name", ""))[-1:])
    place = Place(table, row=name)
    lines = tuple(Line(next(numbers), name, column, each, place) for column in texts for each in values(texts[column]))
    return Section(name, place, lines)


def _stored(value: object) -> str:
    if value is None:
        return ""
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)


def _whole(stored: str) -> Sequence[str]:
    text = stored.strip()
    return (text,) if text else ()


def _split(stored: str) -> Sequence[str]:
    """Return the values in a column: they end at `;`, which is `^3B` within them, as all bytes may be written."""
    chunks = (chunk.strip() for chunk in stored.split(";"))
    return [_ESCAPED.sub(_decoded, chunk) for chunk in chunks if chunk]


def _decoded(match: re.Match[str]) -> str:
    return bytes.fromhex(match[0].replace("^", "")).decode("utf-8", "surrogateescape")
