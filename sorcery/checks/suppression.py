"""Comments that say which findings are meant: `; sorcery: ignore RULE[,RULE] [reason]`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

import attrs

from sorcery.checks.sourcelines import SourceLines
from sorcery.findings import Finding, Severity
from sorcery.place import Place

__all__ = ["Suppression", "suppressed", "suppressions"]

_COMMENT = re.compile(
    r"(?<!\\);(?!--)\s*sorcery:\s*ignore\s+(?P<rules>[a-z0-9-]+(?:\s*,\s*[a-z0-9-]+)*)(?:\s+(?P<reason>.*))?",
    re.IGNORECASE,
)
_HEADER = re.compile(r"\s*\[")


@attrs.frozen(slots=True)
class Suppression:
    """One such comment: on a line it counts for the line, on a header for the section up to the next header."""

    place: Place
    rules: tuple[str, ...]
    lines: range
    """The lines that it counts for."""
    reason: str = ""


def suppressions(path: str, lines: SourceLines) -> Iterator[Suppression]:
    """Yield the suppressions of a file."""
    texts = lines.of(path)
    for number, text in enumerate(texts, 1):
        if ";" not in text or (found := _COMMENT.search(text)) is None:
            continue
        last = number
        if _HEADER.match(text):
            following = range(number, len(texts))
            last = next((index for index in following if _HEADER.match(texts[index])), len(texts))
        rules = tuple(name.strip().lower() for name in found["rules"].split(","))
        place = Place(path, number, column=found.start() + 1)
        yield Suppression(place, rules, range(number, last + 1), (found["reason"] or "").strip())


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
    comments = [comment for path in sorted(files) for comment in suppressions(path, lines)]
    by_line: dict[tuple[str, int | None], list[Suppression]] = {}
    for comment in comments:
        for line in comment.lines:
            by_line.setdefault((comment.place.source, line), []).append(comment)
    used: set[tuple[Place, str]] = set()
    kept = []
    for finding in findings:
        there = by_line.get((finding.place.source, finding.place.line), ()) if finding.place else ()
        covering = [comment for comment in there if finding.rule in comment.rules]
        used.update((comment.place, finding.rule) for comment in covering)
        if not covering:
            kept.append(finding)
    return kept + [
        _unused(comment, name, is_known=name in known)
        for comment in comments
        for name in comment.rules
        if (comment.place, name) not in used and name not in unjudged
    ]


def _unused(comment: Suppression, name: str, *, is_known: bool) -> Finding:
    what = "nothing of that rule is found here" if is_known else "there is no rule of that name"
    return Finding(
        severity=Severity.WARNING,
        rule="unused-suppression",
        message=f"the comment ignores {name}, and {what}",
        remedy=f"remove {name} from the comment, or put it on the line of the finding or on its section's header",
        place=comment.place,
        value=name,
    )
