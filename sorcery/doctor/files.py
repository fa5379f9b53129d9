"""The steps to a file of a configuration: its folder, who may read it, whether it makes sense."""

from __future__ import annotations

import contextlib
import functools
import os
import shlex
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NoReturn

from sorcery.conf import ConfSyntaxError, findings
from sorcery.conf.globs import is_pattern
from sorcery.environment import Environment
from sorcery.errors import ConfigurationError, ConfMissing
from sorcery.findings import Finding, Severity
from sorcery.place import Place
from sorcery.source import Source
from sorcery.steps import Broken, Limited, Step

__all__ = [
    "check_access",
    "check_way",
    "file_steps",
    "folder_step",
    "lacking",
    "surrounding_step",
    "told",
    "user_name",
    "written_step",
]

MISSING = "create it, or map the type elsewhere in sorcery.conf"
NEEDS = {os.R_OK: "read", os.W_OK: "write", os.X_OK: "enter"}


def folder_step(folder: Path) -> Step:
    """Return the step to a configuration directory."""

    def look() -> str:
        check_way(folder)
        if not folder.exists():
            quoted = shlex.quote(str(folder))
            mending = f"name the one with the .conf files, or run: sorcery -C {quoted} init --backend sqlite:///pbx.db"
            raise Broken("there is no such directory", mending, place=Place(str(folder)))
        if not folder.is_dir():
            raise Broken("it is no directory", "name a directory with .conf files", place=Place(str(folder)))
        check_access(folder, os.R_OK | os.X_OK)
        return str(folder)

    return Step("directory", look, key=folder)


def file_steps(source: Source, *, may_lack: bool) -> Iterator[Step]:
    """Yield the steps to what a `.conf` file says; `may_lack` where it is as good as empty when it is absent."""
    key = source.path, source.environment.exec_includes
    yield Step("file", functools.partial(_there, source, may_lack=may_lack), key=(key, may_lack))
    yield Step("syntax", functools.partial(_read, source), key=key)


def _there(source: Source, *, may_lack: bool) -> str:
    path = Path(source.path)
    check_way(path)
    if is_pattern(source.name):
        if source.is_absent:
            raise Broken("no file has such a name", MISSING, place=Place(str(path)))
        return str(path)
    if not os.path.lexists(path):
        if may_lack:
            return f"{path} is not there, which is as good as empty"
        raise Broken("there is no such file", MISSING, place=Place(str(path)))
    if path.is_symlink() and not path.exists():
        raise Broken(f"it is a link to {path.readlink()}, which is not there", "mend the link", place=Place(str(path)))
    if not path.is_file():
        raise Broken("it is no regular file", "put a file in its place", place=Place(str(path)))
    check_access(path, os.R_OK)
    return str(path)


def _read(source: Source) -> str | Limited:
    if source.is_absent:
        return "nothing to read"
    try:
        outline, _ = source.read()
    except ConfMissing as error:
        raise Broken("there is no file that can be read", error.remedy, place=error.place) from error
    except ConfSyntaxError as error:
        raise refused(error) from error
    passed = findings(outline)
    if passed:
        return told(passed)
    included = len(outline.files) - 1
    return f"read, with {included} more that it names" if included else "read"


def surrounding_step(environment: Environment, name: str) -> Step:
    """Return the step to a file that was read into the environment."""
    path = environment.path(name).absolute()

    def look() -> str | Limited:
        found = [each for each in environment.findings if each.place and each.place.source == str(path)]
        if found:
            return told(found)
        return str(path) if path in environment.files else f"{path} is not there, which is as good as empty"

    return Step(name, look, key=path)


def refused(error: ConfigurationError) -> Broken:
    """Return what is wrong with a file that is refused as a whole."""
    text = "no part of the file is used: "
    if isinstance(error, ConfSyntaxError):  # a file that it includes may be to blame
        culprit = next((each for each in findings(error) if each.rule == error.code), None)
        if culprit is not None:
            return Broken(text + culprit.message, culprit.remedy, place=culprit.place)
    return Broken(text + error.reason, error.remedy or "correct it", place=error.place)


def told(found: Iterable[Finding]) -> Limited:
    """Return what was passed over; raises `Broken` where an error is among it."""
    every = list(found)
    first = min(every, key=lambda finding: finding.severity is not Severity.ERROR)
    more = f" (and {len(every) - 1} more: `sorcery check` lists them)" if len(every) > 1 else ""
    if first.severity is Severity.ERROR:
        raise Broken(first.message + more, first.remedy or "correct it", place=first.place, goes_on=True)
    where = f"{first.place}: " if first.place else ""
    return Limited(f"{where}{first.message}{more}", first.remedy or "correct it")


def written_step(path: Path, guard: str) -> Step:
    """Return the step to a file that objects are written into; `guard` says how to allow it where that is not."""

    def look() -> str:
        if guard:
            return "read only, as in Asterisk"
        if path.exists():
            check_access(path, os.W_OK)
        check_access(path.parent, os.W_OK | os.X_OK, why="a change is written beside the file and renamed")
        return f"{path} can be written"

    return Step("writing", look, key=(path, guard))


def check_access(path: Path, mode: int, *, why: str = "") -> None:
    """Raise `Broken` where this user may not use a file or folder in that way, and tell what lets him."""
    if os.access(path, mode, effective_ids=True):
        return
    check_way(path)
    _refuse(path, lacking(path, mode), why)


def check_way(path: Path) -> None:
    """Raise `Broken` where this user may not walk to a path, be it there or not."""
    for each in reversed(path.absolute().parents):
        if os.access(each, os.F_OK, effective_ids=True) and not os.access(each, os.X_OK, effective_ids=True):
            _refuse(each, os.X_OK)


def _refuse(culprit: Path, missing: int, why: str = "") -> NoReturn:
    verbs = " or ".join(verb for bit, verb in NEEDS.items() if missing & bit)
    if missing & os.W_OK and _is_read_only(culprit):
        raise Broken("its file system is mounted read only", "mount it for writing", place=Place(str(culprit)))
    reason = f"{user_name()} may not {verbs} it ({_described(culprit)})" + (f": {why}" if why else "")
    raise Broken(reason, _permission(culprit, missing), place=Place(str(culprit)))


def _permission(path: Path, missing: int) -> str:
    """Say how this user comes by rights: with the group that has them, or else by himself."""
    with contextlib.suppress(OSError, KeyError):
        if path.stat().st_mode >> 3 & missing == missing and path.group() != "root":
            return f"run: usermod -aG {path.group()} {user_name()}, and log in anew"
    letters = "".join(letter for bit, letter in zip(NEEDS, "rwx", strict=True) if missing & bit)
    return f"run: setfacl -m u:{user_name()}:{letters} {shlex.quote(str(path))}"


def lacking(path: Path, mode: int) -> int:
    """Return those of the asked rights that this user does not have."""
    return sum(bit for bit in NEEDS if mode & bit and not os.access(path, bit, effective_ids=True))


def user_name() -> str:
    """Return whom this process acts as."""
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def _described(path: Path) -> str:
    try:
        found = path.stat()
        return f"{stat.filemode(found.st_mode)} {path.owner()} {path.group()}"
    except (OSError, KeyError):
        return "its owner cannot be told"


def _is_read_only(path: Path) -> bool:
    try:
        return bool(os.statvfs(path).f_flag & os.ST_RDONLY)
    except OSError:
        return False
