"""One plan of all that is to be done, or every reason why it cannot be."""

from __future__ import annotations

import enum
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from sorcery import ConfigurationError, SorceryError
from sorcery.conf import read_conf
from sorcery.conf.editing import Document, EditRefused
from sorcery.environment import read_environment
from sorcery.place import Place
from sorcery_cli.exits import Misuse
from sorcery_cli.initial.comparing import Comparison, Missing, compared
from sorcery_cli.initial.drivers import unloaded
from sorcery_cli.initial.front import unheard
from sorcery_cli.initial.moving import stranded
from sorcery_cli.initial.site import Site
from sorcery_cli.initial.wanted import Merge, Wanted, wanted_files

if TYPE_CHECKING:
    from sorcery_cli.initial.tables import Tables

__all__ = ["Action", "FilePlan", "Plan", "plan_of"]

_OWNER_ONLY: Final = 0o600


class Action(enum.StrEnum):
    """What becomes of a file."""

    MAKE = "make"
    EXTEND = "extend"
    KEEP = "keep"


@attrs.frozen(kw_only=True)
class FilePlan:
    """What becomes of one file."""

    wanted: Wanted
    path: Path
    action: Action
    document: Document | None = attrs.field(default=None, repr=False)
    """A file that is there, with what is added to it."""
    missing: tuple[Missing, ...] = ()

    @property
    def contents(self) -> dict[str, bytes]:
        """What is to be written, by path."""
        if self.action is Action.MAKE:
            return {str(self.path): self.wanted.text.encode("utf-8", "surrogateescape")}
        return dict(self.document.edited) if self.document else {}

    @property
    def modes(self) -> dict[str, int]:
        """The mode of a new file, where it is not the usual one."""
        return {str(self.path): _OWNER_ONLY} if self.wanted.secret else {}


@attrs.frozen(kw_only=True)
class Plan:
    """All that is to be done in a directory and a database."""

    site: Site
    files: tuple[FilePlan, ...]
    tables: Tables | None = None

    @property
    def is_done(self) -> bool:
        """Whether everything is there already."""
        return all(each.action is Action.KEEP for each in self.files) and (
            self.tables is None or self.tables.are_complete
        )


def plan_of(site: Site) -> Plan:
    """Plan the files and tables of a system; change nothing. Blocks on the disk and on the database.

    Raises `ConfigurationError` with a note for each reason why it cannot be, `Misuse`, `Unavailable`.
    """
    directory = site.directory
    if not directory.is_dir() and (directory.exists() or not directory.parent.is_dir()):
        raise Misuse(f"{directory}: no such directory, and none can be made there; make {directory.parent} first")
    if directory.is_dir():
        read_environment(directory)  # a system on what that refuses would not open, whatever is added
    reasons: list[SorceryError] = []
    files = [_planned(directory, wanted, reasons) for wanted in wanted_files(site)]
    if directory.is_dir():
        mapped = next(each for each in files if each.wanted.name == "sorcery.conf")
        reasons += stranded(directory, mapped.missing or _all_of(mapped))
        if site.asterisk and site.backend.address is not None:
            reasons += unloaded(directory, site.backend.driver)
        pjsip = directory / "pjsip.conf"
        if site.proxy and pjsip.exists():
            reasons += unheard(read_conf(pjsip, directory=directory), site)
    if reasons:
        raise _refusal(directory, reasons)
    return Plan(site=site, files=tuple(files), tables=_tables(site))


def _planned(directory: Path, wanted: Wanted, reasons: list[SorceryError]) -> FilePlan:
    """Plan one file; why that cannot be is added to the reasons. Raises what `Document.read` does."""
    path = (directory / wanted.name).absolute()
    if not path.exists():
        return FilePlan(wanted=wanted, path=path, action=Action.MAKE)
    if wanted.merge is Merge.NOTHING:
        return FilePlan(wanted=wanted, path=path, action=Action.KEEP)
    document = Document.read(path, directory=directory)
    comparison = compared(wanted, document.conf)
    reasons += comparison.conflicts
    if not comparison.missing:
        return FilePlan(wanted=wanted, path=path, action=Action.KEEP)
    if wanted.secret and path.stat().st_mode & stat.S_IROTH:
        reasons.append(_open_to_all(path))
    extended = _extended(document, comparison, reasons)
    return FilePlan(wanted=wanted, path=path, action=Action.EXTEND, document=extended, missing=comparison.missing)


def _extended(document: Document, comparison: Comparison, reasons: list[SorceryError]) -> Document:
    try:
        return comparison.added_to(document)
    except EditRefused as error:
        reasons.append(error)
        return document


def _open_to_all(path: Path) -> ConfigurationError:
    return ConfigurationError(
        "everybody may read this file, and the password of the database would be in it",
        place=Place(str(path)),
        remedy=f"run `chmod o-r {path}`, or name the database with --backend env:VARIABLE",
    )


def _all_of(plan: FilePlan) -> Iterable[Missing]:
    """Return what a file that is to be made says, as what a file that is there lacks."""
    if plan.action is not Action.MAKE:
        return ()
    document = Document.absent(plan.path)
    return compared(plan.wanted, document.conf).missing


def _tables(site: Site) -> Tables | None:
    if site.backend.address is None:
        return None
    from sorcery_cli.initial.tables import tables_of

    return tables_of(site.backend.address, [site.destination] if site.proxy else None)


def _refusal(directory: Path, reasons: Sequence[SorceryError]) -> ConfigurationError:
    """Return one error that tells all reasons."""
    more = "" if len(reasons) == 1 else f", for {len(reasons)} reasons"
    error = ConfigurationError(f"nothing is done in {directory}{more}")
    for reason in reasons:
        error.add_note(str(reason))
    return error
