"""What else is wrong in a file that is refused: it is read on, and its sections are looked at one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from sorcery.building import BadSection, Builder, finding_of
from sorcery.checks.system import System
from sorcery.conf import Outline, findings
from sorcery.conf.readingon import read_on
from sorcery.errors import ConfigurationError
from sorcery.findings import Finding
from sorcery.objects import Object
from sorcery.pace import paced

__all__ = ["beyond"]


def beyond(system: System, told: Iterable[Finding]) -> Iterator[Finding]:
    """Yield what a load did not come to, of the files that it refused; blocks on the disk.

    Nothing is said of what objects are to each other: some are not known. `told` is what was found already.
    """
    known = {(finding.place, finding.rule) for finding in told}
    environment = system.environment
    for source, types in system.sources.items():
        if source.reading is not None or not Path(source.path).is_file():
            continue
        try:
            outline = read_on(source.path, directory=environment.directory, exec_includes=environment.exec_includes)
        except ConfigurationError:
            continue  # the load has told why
        for finding in (*findings(outline), *_of_sections(outline, types, system)):
            if (finding.place, finding.rule) not in known:
                yield finding


def _of_sections(outline: Outline, types: Iterable[type[Object]], system: System) -> Iterator[Finding]:
    """Yield what is wrong with the sections that say of which type they are."""
    environment, release = system.environment, system.environment.release
    owns = [cls.__sorcery__.at(release) if release else cls.__sorcery__ for cls in types]
    builders = {
        own.plain_name: (
            own,
            Builder(own, outline, compat=environment.compat, inherited={}, secrets=environment.secrets),
        )
        for own in owns
    }
    for entry in paced(outline.sections()):
        section = outline.read(entry)
        own, builder = builders.get(section.first("type") or "", (None, None))
        if own is None or builder is None:
            continue
        try:
            builder.build(section)
        except BadSection as bad:
            yield from (finding_of(error, own, is_kept=False) for error in bad.errors)
    for _, builder in builders.values():
        yield from builder.findings
