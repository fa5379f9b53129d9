"""What all commands share: where the objects are, and how to print."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import attrs
import typer

from sorcery import ConfigurationError, NotFound, Object, Severity, Sorcery, UnknownType
from sorcery.objecttype import ObjectType
from sorcery.release import Release
from sorcery_cli.exits import Misuse, NotKept
from sorcery_cli.output import note, without_passwords

__all__ = [
    "DEFAULT_DIRECTORY",
    "Id",
    "Json",
    "Secrets",
    "Session",
    "Target",
    "TypeName",
    "Writable",
    "existing",
    "is_address",
    "is_kept",
    "known_type",
    "named",
    "release_of",
    "require_kept",
    "session_of",
    "tell_refused",
]

DEFAULT_DIRECTORY = "/etc/asterisk"

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Target = Annotated[
    str | None, typer.Option("--target", metavar="RELEASE", help="Keep to what this release knows: asterisk:22.")
]
Secrets = Annotated[bool, typer.Option("--secrets", help="Print passwords in clear.")]
TypeName = Annotated[str, typer.Argument(metavar="TYPE", help="An object type, e.g. endpoint.")]
Writable = Annotated[
    bool, typer.Option("--writable", help="Let .conf files be written, whatever [writes] in sorcery.conf says.")
]
Id = Annotated[str, typer.Argument(metavar="ID", help="The object's id.")]


@attrs.frozen
class Session:
    """The options that stand before the command."""

    target: str = DEFAULT_DIRECTORY
    """A configuration directory or a database address."""
    compat: bool = False
    release: Release | None = None
    """The release of Asterisk that is to read what there is."""
    json: bool = False
    includes: Path | None = None
    """The directory that was named: relative includes of a single file count from it."""

    def open(self, target: str | None = None, *, writable: bool = False, shadow: bool = False) -> Sorcery:
        """Open the target, or another one; raises `Misuse` for what is neither directory nor database address.

        With `writable`, the `.conf` files of a directory may be written, whatever its `sorcery.conf` says; only with
        `shadow` its second stores are opened.
        """
        target = self.target if target is None else target
        if not is_address(target):
            if not Path(target).is_dir():
                raise Misuse(f"{target}: no such directory; name a directory with .conf files, or a database address")
            return Sorcery.open(
                target, compat=self.compat, target=self.release, image=False, writable=writable, shadow=shadow
            )
        try:
            return Sorcery.open(target, compat=self.compat, target=self.release, image=False)
        except ConfigurationError as error:
            raise Misuse(f"{without_passwords(target)}: {error}") from error

    def read(self, target: str) -> Sorcery:
        """Open what is only read from beside what changes: it need not be what the release knows."""
        return attrs.evolve(self, release=None).open(target)


def session_of(context: typer.Context, json: bool, target: str | None = None) -> Session:
    """Return the session of a run; `--json` and `--target` count before the command and after it.

    Raises `Misuse` for what is no release.
    """
    session: Session = context.obj
    release = session.release if target is None else release_of(target)
    return attrs.evolve(session, json=session.json or json, release=release)


def release_of(text: str | None) -> Release | None:
    """Return the release of Asterisk that an option names; raises `Misuse` for what is none."""
    if text is None:
        return None
    try:
        return Release.parse(text)
    except ConfigurationError as error:
        raise Misuse(f"--target: {error}") from error


def named(target: str | None) -> str | None:
    """Refuse a target that is an empty text: that of a variable which is not set must not stand for another target.

    A callback of the options that name one; raises `typer.BadParameter`.
    """
    if target is not None and not target.strip():
        raise typer.BadParameter("it is empty; name a directory with .conf files, or a database address")
    return target


def is_address(target: str) -> bool:
    """Tell a database address from a directory."""
    return "://" in target or target == "memory:"


def known_type(s: Sorcery, name: str) -> ObjectType:
    """Return an object type by its name; raises `UnknownType`."""
    if name not in s.types:
        raise UnknownType(name, s.types)
    return s.types[name].__sorcery__


def existing(s: Sorcery, type_name: str, id: str) -> Object:
    """Return an object; raises `NotFound`, with what loading said of it, and `Unavailable`."""
    found: Object | None = s.retrieve_by_id(type_name, id)
    if found is None:
        error = NotFound(type_name, id)
        for finding in s.report.errors:
            if (finding.type_name, finding.id) == (type_name, id):
                error.add_note(str(finding))
        raise error
    return found


def is_kept(s: Sorcery, type_name: str) -> bool:
    """Tell whether a type's objects outlive the command: they do unless memory alone holds them."""
    return any(mapping.wizard != "memory" and not mapping.caching for mapping in s.mappings(type_name))


def require_kept(s: Sorcery, type_name: str) -> None:
    """Refuse changes to a type that memory alone holds; raises `NotKept`."""
    if not is_kept(s, type_name):
        raise NotKept(type_name)


def tell_refused(s: Sorcery, type_name: str) -> None:
    """Say on standard error how many objects of a type loading refused: they are absent from what is printed."""
    count = sum(finding.severity is Severity.ERROR and finding.type_name == type_name for finding in s.report.findings)
    if count:
        note(f"{count} error{'s' if count > 1 else ''} in {type_name} objects: `sorcery check` lists them")
