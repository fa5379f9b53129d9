"""What is left to do for people once a system is laid out."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path

from sorcery_cli.initial.planning import Action, Plan

__all__ = ["next_steps"]


def next_steps(plan: Plan) -> Iterator[str]:
    """Yield the steps, in order."""
    directory = _quoted([plan.site.directory])
    if plan.site.backend.written.startswith("env:"):
        variable = plan.site.backend.written.removeprefix("env:")
        yield f"keep {variable} in the environment of whatever opens {directory}"
    yield f"look at pjsip.conf and extensions.conf, then: sorcery -C {directory} doctor"
    behind = " --no-nat aor/support_path=yes" if plan.site.proxy else ""  # Kamailio knows where a phone is, and the way
    yield f"add a phone: sorcery -C {directory} new phone 1001{behind}"
    yield f"start the SIP server: sorcery-sip --config-dir {directory}"
    if plan.site.asterisk:
        yield from _asterisk_steps(plan, directory)
    if plan.site.proxy:
        yield from _kamailio_steps(directory)


def _asterisk_steps(plan: Plan, directory: str) -> Iterator[str]:
    """Yield what Asterisk needs: files that its user may read, and a start."""
    others = ("kamailio.cfg", "odbc.ini")
    made = [each.path for each in plan.files if each.action is Action.MAKE and each.wanted.name not in others]
    is_own = plan.site.directory / "asterisk.conf" in made
    owned = [plan.site.directory] if is_own else made
    file = plan.site.backend.file
    beside = file if file is not None and not (is_own and plan.site.directory in file.parents) else None
    if owned := [*owned, beside] if beside else owned:
        yield f"let Asterisk's user at them: chown {'-R ' if is_own else ''}asterisk: {_quoted(owned)}"
    if beside:  # its folder may be others' too, and is not given away
        yield f"let Asterisk's user keep SQLite's journal there: setfacl -m u:asterisk:rwx {_quoted([beside.parent])}"
    if any(each.wanted.name == "odbc.ini" for each in plan.files):
        yield f"name the database to ODBC: apt install odbc-mariadb && cat {directory}/odbc.ini >> /etc/odbc.ini"
    start = f"start Asterisk: asterisk -C {directory}/asterisk.conf" if is_own else "restart Asterisk"
    yield f"{start} (no reload reads sorcery.conf)"


def _kamailio_steps(directory: str) -> Iterator[str]:
    """Yield what Kamailio needs: its file where its user may read it, and a start."""
    file = f"{directory}/kamailio.cfg"
    yield f"check Kamailio's file: kamailio -c -f {file}"
    yield f"put it in its place: install -o kamailio -g kamailio -m 600 {file} /etc/kamailio/kamailio.cfg"
    yield "restart Kamailio"


def _quoted(paths: Iterable[Path]) -> str:
    return shlex.join(map(str, paths))
