"""What is left to do for people once a system is laid out."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path

from sorcery_cli.initial.planning import Action, Plan

__all__ = ["next_steps"]


def next_steps(plan: Plan, *, asterisk: bool) -> Iterator[str]:
    """Yield the steps, in order."""
    directory = _quoted([plan.directory])
    if plan.backend.written.startswith("env:"):
        variable = plan.backend.written.removeprefix("env:")
        yield f"keep {variable} in the environment of whatever opens {directory}"
    yield f"look at pjsip.conf and extensions.conf, then: sorcery -C {directory} check"
    yield f"start the SIP server: sorcery-sip --config-dir {directory}"
    if asterisk:
        yield from _asterisk_steps(plan, directory)


def _asterisk_steps(plan: Plan, directory: str) -> Iterator[str]:
    """Yield what Asterisk needs: files that its user may read, and a start."""
    made = [each.path for each in plan.files if each.action is Action.MAKE]
    is_own = plan.directory / "asterisk.conf" in made
    file = plan.backend.file
    database = [file.parent, file] if file is not None else []
    owned = [plan.directory, *(each for each in database if plan.directory not in (each, *each.parents))]
    if owned := owned if is_own else [*made, *database]:
        yield f"let Asterisk's user at them: chown {'-R ' if is_own else ''}asterisk: {_quoted(owned)}"
    if plan.backend.address is not None and plan.backend.driver == "odbc":
        yield f"name the database to ODBC: apt install odbc-mariadb && cat {directory}/odbc.ini >> /etc/odbc.ini"
    start = f"start Asterisk: asterisk -C {directory}/asterisk.conf" if is_own else "restart Asterisk"
    yield f"{start} (no reload reads sorcery.conf)"


def _quoted(paths: Iterable[Path]) -> str:
    return shlex.join(map(str, paths))
