"""`sorcery conf fmt`: `.conf` files in one style, written in place."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import attrs
import typer

from sorcery import ConfigurationError
from sorcery.conf.text import decode, encode
from sorcery.errors import ConfMissing, ConfSyntaxError
from sorcery.plain import plain
from sorcery_cli.context import Json, Secrets, Session, session_of
from sorcery_cli.exits import Exit, Misuse
from sorcery_cli.output import masked_line, note, print_json, without_passwords

__all__ = ["fmt"]

ITS_OWN = frozenset({"header-unclosed-bracket", "header-unclosed-paren", "bad-escape", "comment-nest-limit"})
"""Faults that a file has by itself; others may be gone where another file includes it."""


def fmt(
    context: typer.Context,
    targets: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE|DIR", help="Files, or directories: their *.conf and what these include; - for standard input."
        ),
    ],
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 if a file would change.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="As --check, and show what would change.")] = False,
    secrets: Secrets = False,
    json: Json = False,
) -> None:
    """Format .conf files in place; what Asterisk reads, and every comment, stays.

    A file that does not parse, or that is changed by somebody else meanwhile, is not written.
    """
    session = session_of(context, json)
    if "-" in targets:
        if len(targets) > 1 or check or diff or session.json:
            raise Misuse("- is standard input, which is formatted to standard output: it stands alone")
        return _pass_on()
    files = [_formatted(path, session) for path in _files(targets)]
    changed = [file for file in files if file.is_changed]
    if not (check or diff):
        _save(changed)
    for file in files:
        if file.refusal is not None:
            note(f"not formatted: {file.refusal}")
    shown = [file.data(is_written=not (check or diff), diff=diff, secrets=secrets) for file in files]
    if session.json:
        print_json(shown)
    else:
        _print(changed, shown, is_written=not (check or diff))
    is_refused = any(file.refusal for file in files)
    raise typer.Exit(Exit.FINDINGS if is_refused or (changed and (check or diff)) else Exit.GOOD)


def _pass_on() -> None:
    """Format standard input to standard output, as editors want it."""
    from sorcery.conf.formatting import format_text

    formatted = encode(format_text(decode(sys.stdin.buffer.read())))
    sys.stdout.flush()
    sys.stdout.buffer.write(formatted)


@attrs.frozen
class _File:
    """A file as it is, and as it is to be."""

    path: str
    before: bytes = attrs.field(repr=False)
    after: bytes = attrs.field(repr=False)
    refusal: ConfigurationError | None = None

    @property
    def is_changed(self) -> bool:
        return self.before != self.after

    def data(self, *, is_written: bool, diff: bool, secrets: bool) -> dict[str, Any]:
        """Return what JSON tells of it."""
        refusal = None if self.refusal is None else without_passwords(str(self.refusal))
        data = {"file": self.path, "changed": self.is_changed, "written": self.is_changed and is_written}
        return data | {"refusal": refusal} | ({"diff": list(self.difference(secrets=secrets))} if diff else {})

    def difference(self, *, secrets: bool) -> Iterator[str]:
        """Yield the lines of a unified difference, passwords masked unless they are asked for."""
        from sorcery_cli.difference import lines_of, unified

        for line in unified(lines_of(self.before), lines_of(self.after), self.path):
            yield line if secrets else line[0] + masked_line(line[1:])


def _files(targets: Iterable[str]) -> Iterator[str]:
    """Yield the files that are named, each once; raises `Misuse` for what is none, and no directory either."""
    done: set[str] = set()
    for target in targets:
        if not target:
            raise Misuse("the name of a file is empty; name files, or directories")
        if not (Path(target).is_file() or Path(target).is_dir()):
            raise Misuse(f"{target}: no such file or directory")
        for path in _files_of(Path(target)) if Path(target).is_dir() else [target]:
            if (real := os.path.realpath(path)) not in done:
                done.add(real)
                yield path


def _files_of(directory: Path) -> Iterator[str]:
    """Yield the `.conf` files of a directory, and those within it that they include."""
    from sorcery.conf.editing import Document

    root = os.path.realpath(directory)
    for main in sorted(each for each in directory.glob("*.conf") if each.is_file()):
        yield os.fspath(main)
        try:
            included = Document.read(main, directory=directory).files
        except ConfigurationError:  # told when the file is formatted, if it is to blame
            continue
        yield from (path for path in included if os.path.realpath(path).startswith(f"{root}/"))


def _formatted(path: str, session: Session) -> _File:
    """Read a file, and format it if it can be."""
    from sorcery.conf.formatting import format_text

    try:
        before = Path(path).read_bytes()
    except OSError:
        return _File(path, b"", b"", ConfMissing(path))
    try:
        _require_sound(path, session)
        return _File(path, before, encode(format_text(decode(before))))
    except ConfigurationError as error:
        return _File(path, before, before, error)


def _require_sound(path: str, session: Session) -> None:
    """Raise `ConfSyntaxError` for a file that Asterisk refuses for what stands in itself."""
    from sorcery.conf import read_conf

    try:
        read_conf(path, directory=session.includes)
    except ConfSyntaxError as error:
        if error.code in ITS_OWN:
            raise
    except ConfMissing:  # of an include
        return


def _save(files: Sequence[_File]) -> None:
    """Write the files, all or none; raises what saving a document raises."""
    from sorcery.conf.editing import saving

    if files:
        with saving.locked(file.path for file in files):
            saving.check_unchanged({file.path: file.before for file in files})
            saving.Aside({file.path: file.after for file in files}).put_in_place()


def _print(changed: Sequence[_File], shown: Iterable[dict[str, Any]], *, is_written: bool) -> None:
    for data in shown:
        if data["changed"]:
            for line in data.get("diff") or [data["file"]]:
                typer.echo("\t".join(map(plain, line.split("\t"))))  # tabs too: it may be given to `patch`
    what = "formatted" if is_written else "to be formatted"
    note(f"{len(changed)} {'file' if len(changed) == 1 else 'files'} {what}")
