"""Comments that say which findings are meant: `; sorcery: ignore RULE[,RULE] [TABLE:ROW] [reason]`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

import attrs

from sorcery.checks.sourcelines import SourceLines
from sorcery.findings import Finding, Severity
from sorcery.place import Place

__all__ = ["Suppression", "suppressed", "suppressions"]

_COMMENT = re.compile(
    r"(?<!\\);(?!--)\s*sorcery:\s*ignore\s+(?P<rules>[a-z0-9-]+(?:\s*,\s*[a-z0-9-]+)*)"
    r"(?:\s+(?P<table>[\w.-]+):(?P<row>(?!//)\S+))?(?:\s+(?P<reason>.*))?",
    re.IGNORECASE,
)
_HEADER = re.compile(r"\s*\[")


@attrs.frozen(slots=True)
class Suppression:
    """One such comment: on a line it counts for the line, on a header for the section up to the next header.

    One that names rows counts for these, wherever it stands.
    """

    place: Place
    rules: tuple[str, ...]
    lines: range
    """The lines that it counts for."""
    reason: str = ""
    table: str = ""
    row: str = ""
    """The id of a row of the table, or several ids with `*` for what differs; no id is that of the table itself."""

    def covers(self, place: Place) -> bool:
        """Tell whether the rows that it names are meant, and a place is one of them."""
        row = self.row.replace("[", "[[]").replace("?", "[?]")  # a star alone has a meaning here
        return place.source == self.table and fnmatchcase(place.row or "", row)


def suppressions(path: str, lines: SourceLines) -> Iterator[Suppression]:
    """Yield the suppressions of a file."""
    texts = lines.of(path)
    for number, text in enumerate(texts, 1):
        if ";" not in text or (found := _COMMENT.search(text)) is None:
            continue
        last = number
        if found["table"]:
            last = number - 1
        elif _HEADER.match(text):
            following = range(number, len(texts))
            last = next((index for index in following if _HEADER.match(texts[index])), len(texts))
        rules = tuple(name.strip().lower() for name in found["rules"].split(","))
        place = Place(path, number, column=found.start() + 1)
        reason, table, row = (found[name] or "" for name in ("reason", "table", "row"))
        yield Suppression(place, rules, range(number, last + 1), reason.strip(), table, row)


def suppressed(
    findings: Iterable[Finding],
    files: Iterable[str],
    known: Collection[str],
    lines: SourceLines,
    unjudged: Collection[str] = (),
) -> list[Finding]:
    """Return the findings without those that comments of the files say are meant; each unused comment is one.

    Not so for the rules that are `unjudged`: what a comment means of them may be there, and was not looked for.
    """
    comments = _Comments([comment for path in sorted(files) for comment in suppressions(path, lines)])
    used: set[tuple[Place, str]] = set()
    kept = []
    for finding in findings:
        there = comments.at(finding.place) if finding.place else ()
        covering = [comment for comment in there if finding.rule in comment.rules]
        used.update((comment.place, finding.rule) for comment in covering)
        if not covering:
            kept.append(finding)
    return kept + [
        _unused(comment, name, is_known=name in known)
        for comment in comments.all
        for name in comment.rules
        if (comment.place, name) not in used and name not in unjudged
    ]


class _Comments:
    """The comments by what they count for."""

    def __init__(self, comments: Sequence[Suppression]) -> None:
        self.all = comments
        self._by_line: dict[tuple[str, int | None], list[Suppression]] = {}
        self._by_row: dict[tuple[str, str], list[Suppression]] = {}
        self._by_table: dict[str, list[Suppression]] = {}
        for comment in comments:
            for line in comment.lines:
                self._by_line.setdefault((comment.place.source, line), []).append(comment)
            if "*" in comment.row:
                self._by_table.setdefault(comment.table, []).append(comment)
            elif comment.table:
                self._by_row.setdefault((comment.table, comment.row), []).append(comment)

    def at(self, place: Place) -> Sequence[Suppression]:
        """Return those that count for a place."""
        if place.line is not None:
            return self._by_line.get((place.source, place.line), ())
        exactly = self._by_row.get((place.source, place.row or ""), ())
        return [*exactly, *(each for each in self._by_table.get(place.source, ()) if each.covers(place))]


def _unused(comment: Suppression, name: str, *, is_known: bool) -> Finding:
    where = f"in {comment.table}:{comment.row}" if comment.table else "here"
    what = f"nothing of that rule is found {where}" if is_known else "there is no rule of that name"
    return Finding(
        severity=Severity.WARNING,
        rule="unused-suppression",
        message=f"the comment ignores {name}, and {what}",
        remedy=f"remove {name} from the comment, or name the row as the finding does: TABLE:ROW"
        if comment.table
        else f"remove {name} from the comment, or put it on the line of the finding or on its section's header",
        place=comment.place,
        value=name,
    )
