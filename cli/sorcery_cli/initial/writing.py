"""A plan carried out: whole, or not at all.

The files are written aside first, so a full disk or a missing right shows before anything has changed; then come the
tables, which nothing asks for until the files are in place; the renames, which hardly fail, come last.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sorcery.conf.editing import EditRefused, saving
from sorcery.place import Place
from sorcery_cli.initial.planning import Action, Plan

__all__ = ["carry_out"]

_MODE = 0o750
"""Of a new directory: passwords lie in it."""


def carry_out(plan: Plan) -> None:
    """Make the files and tables of a plan. Blocks on the disk and on the database.

    Raises `FilesChanged` where a file is not as it was when it was planned, `EditRefused` where one cannot be
    written, `Unavailable` and `ConfigurationError` for the tables; nothing but tables is changed then.
    """
    contents = {path: content for each in plan.files for path, content in each.contents.items()}
    modes = {path: mode for each in plan.files for path, mode in each.modes.items()}
    with _made(plan.site.directory), saving.locked(contents):
        _check_unchanged(plan)
        aside = saving.Aside(contents, modes)
        try:
            if plan.tables is not None and not plan.tables.are_complete:
                _create_tables(plan)
        except BaseException:
            aside.discard()
            raise
        aside.put_in_place()


def _create_tables(plan: Plan) -> None:
    from sorcery_cli.initial.tables import create

    assert plan.tables is not None
    try:
        create(plan.tables)
    except OSError as error:
        raise EditRefused(f"{plan.tables.name} cannot be made: {error.strerror}") from error


def _check_unchanged(plan: Plan) -> None:
    for each in plan.files:
        if each.document is not None:
            each.document.check_unchanged()
    made = {str(each.path): None for each in plan.files if each.document is None and each.action is Action.MAKE}
    saving.check_unchanged(made)


@contextmanager
def _made(directory: Path) -> Iterator[None]:
    """Make a directory that is missing; it goes again if nothing comes of it."""
    if directory.is_dir():
        yield
        return
    try:
        directory.mkdir(_MODE)
    except OSError as error:
        raise EditRefused(f"the directory cannot be made: {error.strerror}", place=Place(str(directory))) from error
    try:
        yield
    except BaseException:
        if not any(directory.iterdir()):
            directory.rmdir()
        raise
