"""The work of `sorcery check`: all stores are read, every rule is applied, and what can be is mended."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from pathlib import Path

import attrs

from sorcery import ConfigurationError, Finding, Mapping, Sorcery, Unavailable
from sorcery.audit import refusal
from sorcery.checks.beyond import beyond
from sorcery.checks.checking import apply_rules, finished
from sorcery.checks.mending import mend
from sorcery.checks.opening import open_usable
from sorcery.checks.sourcelines import SourceLines
from sorcery.checks.system import MOST_QUALIFIES, System
from sorcery.collecting import uncollected
from sorcery.conf import ConfSyntaxError, findings
from sorcery.environment import read_environment
from sorcery.pjsip import TYPES
from sorcery.place import Place
from sorcery.release import Release
from sorcery_cli.context import Session, is_address
from sorcery_cli.exits import Misuse
from sorcery_cli.findings import unavailable
from sorcery_cli.fixing import save
from sorcery_cli.output import accounting, note, unlogged, watched

__all__ = ["Checked", "run"]

Step = Callable[[str], None]


@attrs.frozen(kw_only=True)
class _Wanted:
    """What a check is asked for."""

    session: Session
    qualify_rate: float


@attrs.frozen(kw_only=True)
class Checked:
    """What a check found, and the files that it may be mended in."""

    findings: list[Finding]
    lines: SourceLines
    release: Release | None = None
    """That which is to read the files."""
    mains: tuple[str, ...] = ()


def run(session: Session, *, fix: bool, qualify_rate: float | None) -> Checked:
    """Check what a session names, and mend it where `fix` says so; raises `Misuse` for what cannot be asked."""
    wanted = _Wanted(
        session=session,
        qualify_rate=MOST_QUALIFIES if qualify_rate is None else qualify_rate,
    )
    if fix and is_address(session.target):
        raise Misuse("--fix edits files, and a database was named; change its rows with `sorcery update`")
    with unlogged(), uncollected():  # what a check makes lives until its end
        return _mended(wanted) if fix else _checked(wanted)


def _mended(wanted: _Wanted) -> Checked:
    """Mend what can be until nothing more can: what an object is refused for may hide what else is wrong with it."""
    types = {cls.__sorcery__.name: cls for cls in TYPES}
    directory, total = Path(wanted.session.target), 0
    before: set[tuple[Place | None, str]] = set()
    with accounting(lambda: f"{total} mended; the same command goes on with the rest" if total else ""):
        while True:
            checked = _checked(wanted)
            made = mend(checked.findings, checked.mains, types, directory, target=checked.release)
            spots = {(finding.place, finding.option) for finding in made.done}
            mended = 0 if spots & before else save(made)  # a section of two types may be right for one of them only
            before |= spots
            if not mended:
                note(f"{total} mended")
                return checked
            total += mended


def _checked(wanted: _Wanted) -> Checked:
    with watched("checking:") as step:
        step(f"reading {wanted.session.target}")
        try:
            opened, broken = _opened(wanted.session)
        except ConfigurationError as error:  # of a directory: an address that cannot be used is misuse
            directory = Path(wanted.session.target)
            found = [*_refusal(error), *_surroundings(directory)]
            lines = SourceLines()
            return Checked(findings=finished(found, map(str, directory.glob("*.conf")), {}, lines), lines=lines)
        with opened as s:
            return _everything(s, wanted, broken, step)


def _opened(session: Session) -> tuple[Sorcery, list[Finding]]:
    """Open the target; of a directory without the mappings that cannot be used, which are findings."""
    try:
        return session.open(shadow=True), []  # what is wrong with a second store is told too
    except ConfigurationError:
        if is_address(session.target):
            raise
        return open_usable(Path(session.target), compat=session.compat, release=session.release)


def _everything(s: Sorcery, wanted: _Wanted, broken: list[Finding], step: Step) -> Checked:
    audit = s.audit()
    system = System(sorcery=s, audit=audit, most_qualifies=wanted.qualify_rate)
    found = [*broken, *(_at_mapping(each, s) for each in s.report.findings)]
    found += beyond(system, found)
    step("reading all stores")
    found += audit.faults()
    step("tables")
    found += _schemas(s, audit.silent)
    step("references")
    try:
        found += audit.dangling()
    except Unavailable as error:  # places of objects are asked for one by one
        found.append(unavailable(error))
    found += apply_rules(system, step=step)
    step("comments and places")
    lines = SourceLines()
    told = finished(found, system.files, s.types, lines, target=s.environment.release)
    mains = tuple(source.path for source in system.sources if Path(source.path).is_file())
    return Checked(findings=told, lines=lines, release=s.environment.release, mains=mains)


def _at_mapping(finding: Finding, s: Sorcery) -> Finding:
    """Put a finding about the arguments of a mapping at the mapping: who reads the arguments does not know it."""
    if finding.place is not None or finding.type_name not in s.types:
        return finding
    return attrs.evolve(finding, place=s.mappings(finding.type_name)[0].place)


def _schemas(s: Sorcery, silent: Container[Mapping]) -> Iterator[Finding]:
    """Yield what the tables lack that types are mapped to; of `silent` stores it has been said why they are."""
    release = s.environment.release
    for url, tables in _tables(s, silent).items():
        from sorcery_migrations import check, check_table  # needs SQLAlchemy, which a type in a database needs too

        try:
            for finding in check(url, release=release):  # all on one connection; others have names of their own
                if finding.place and tables.get(finding.place.source) == finding.place.source:
                    yield finding
            for table, like in tables.items():
                if table != like:
                    yield from check_table(url, table, like, release=release) or ()
        except Unavailable as error:  # a database that stands in for another one: nobody has asked it yet
            yield unavailable(error)
        except ConfigurationError as error:
            yield refusal(error, "its tables were not checked")


def _tables(s: Sorcery, silent: Container[Mapping]) -> dict[str, dict[str, str]]:
    """Return the tables that realtime types lie in, by database address, each with Asterisk's own name for it."""
    found: dict[str, dict[str, str]] = {}
    own = {cls.__sorcery__.family for cls in s.types.values()}  # of another type's own table it is told anyway
    for name, cls in s.types.items():
        for mapping in s.mappings(name):
            if mapping.wizard != "realtime" or mapping in silent:
                continue
            for family in s.environment.families.get(mapping.arguments.partition(",")[0].lower(), ()):
                tables = found.setdefault(s.environment.databases[family.database], {})
                like = family.table if family.table in own else cls.__sorcery__.family
                tables[family.table] = like or family.table
    return found


def _refusal(error: ConfigurationError) -> list[Finding]:
    """Return why a directory cannot be opened."""
    if isinstance(error, ConfSyntaxError) and error.messages:
        return findings(error)
    return [refusal(error, "no object was checked")]


def _surroundings(directory: Path) -> tuple[Finding, ...] | list[Finding]:
    """Return what was passed over in the files around the objects: it may be what is missed."""
    try:
        return read_environment(directory).findings
    except ConfigurationError as error:
        return _refusal(error)
