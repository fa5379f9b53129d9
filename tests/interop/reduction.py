"""What Asterisk and we judge differently, made as small as it goes, and kept as a vector for other tests.

A start of Asterisk judges any number of trials. So a round asks of all that are one step smaller, and goes on with
the smallest that is still judged differently.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from sorcery.conf import read_conf
from sorcery.pjsip import TYPES
from tests.interop.asterisk import Attributes
from tests.interop.objects import section
from tests.interop.trials import Lines, Trial, Verdict

FOUND = Path(__file__).parents[1] / "data/object-vectors/found"
BY_NAME = {cls.__sorcery__.name: cls for cls in TYPES}
KEEP = "SORCERY_KEEP_VECTORS"

Judge = Callable[[Sequence[Trial]], Sequence[Verdict]]


def reduced(verdict: Verdict, judge: Judge) -> Verdict:
    """Return the smallest trial found by leaving out lines and then characters that is still judged as differently.

    Where the difference does not come again, e.g. because other objects were part of it, that of before is returned.
    """
    for smaller in (_fewer_lines, _shorter_texts):
        verdict = _descended(verdict, smaller, judge)
    return verdict


def _descended(verdict: Verdict, smaller: Callable[[Lines], Iterator[Lines]], judge: Judge) -> Verdict:
    while True:
        trials = [Trial(verdict.trial.cls, lines) for lines in smaller(verdict.trial.lines)]
        differing = [found for found in judge(trials) if found.difference == verdict.difference]
        least = min(differing, key=_size, default=verdict)
        if _size(least) >= _size(verdict):
            return verdict
        verdict = least


def _size(verdict: Verdict) -> int:
    return sum(1 + len(text) for _, text in verdict.trial.lines)


def _fewer_lines(lines: Lines) -> Iterator[Lines]:
    """Yield the lines without each piece of them, halves first."""
    size = len(lines) // 2 or len(lines)
    while size:
        for start in range(0, len(lines), size):
            yield [*lines[:start], *lines[start + size :]]
        size //= 2


def _shorter_texts(lines: Lines) -> Iterator[Lines]:
    """Yield the lines with each piece of each text left out, halves first."""
    for at, (name, text) in enumerate(lines):
        size = len(text)
        while size:
            for start in range(0, len(text), size):
                shorter = (text[:start] + text[start + size :]).strip()
                yield [*lines[:at], (name, shorter), *lines[at + 1 :]]
            size //= 2


class Vector(NamedTuple):
    """A section of a file, and what Asterisk makes of it, in the form of the other object vectors."""

    name: str
    conf: str
    json: str

    def write(self, folder: Path) -> Path:
        """Write both files; return the path of the one with the section."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{self.name}.json").write_text(self.json, encoding="utf-8")
        path = folder / f"{self.name}.conf"
        path.write_text(self.conf, encoding="utf-8")
        return path


def vector(verdict: Verdict) -> Vector:
    """Return the vector of a verdict, named after the type and what the section says."""
    own, lines = verdict.trial.cls.__sorcery__, verdict.trial.lines
    digest = hashlib.sha256(repr(lines).encode()).hexdigest()[:8]
    id = f"found-{digest}"
    objects = {f"{own.name}/{id}": verdict.theirs}
    return Vector(
        f"{own.plain_name}-{digest}",
        section(id, own.plain_name, lines),
        json.dumps({"objects": objects}, indent=1, ensure_ascii=False, sort_keys=True) + "\n",
    )


def recorded() -> list[Trial]:
    """Return the trials of all vectors that were kept."""
    return [trial for path in sorted(FOUND.glob("*.conf")) for trial, _ in read(path)]


def read(path: Path) -> Iterator[tuple[Trial, Attributes | None]]:
    """Yield each object of a vector that was written, with what Asterisk makes of it."""
    objects = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["objects"]
    sections = {section.name: section for section in read_conf(path).sections()}
    for key, said in objects.items():
        type_name, _, id = key.rpartition("/")
        lines = [(line.key, line.value) for line in sections[id].variables if line.key != "type"]
        yield Trial(BY_NAME[type_name], lines), said


def told(verdict: Verdict, folder: Path) -> str:
    """Write the vector of a difference, and say where, and what it holds.

    It goes into `folder`, or with `SORCERY_KEEP_VECTORS` set to where tests take it up from then on.
    """
    made = vector(verdict)
    path = made.write(FOUND if KEEP in os.environ else folder)
    return (
        f"Asterisk and we differ.\n{_difference(verdict)}\n"
        f"A vector of it is in {path} (with {KEEP}=1 it goes into {FOUND}):\n{made.conf}{made.json}"
    )


def _difference(verdict: Verdict) -> str:
    ours, theirs = verdict.ours or {}, verdict.theirs or {}
    return "\n".join(
        f"{name}: Asterisk prints {theirs.get(name)!r}, we {ours.get(name)!r}" if ours and theirs else name
        for name in sorted(verdict.difference)
    )
