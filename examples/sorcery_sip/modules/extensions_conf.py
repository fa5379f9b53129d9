"""`extensions.conf`: a file read by the rules of the `.conf` dialect, made a dialplan."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sorcery.conf import ConfFile, findings, read_conf
from sorcery.findings import Finding, Severity
from sorcery.place import Place
from sorcery_sip.pbx.dialplan.dialplan import Dialplan
from sorcery_sip.pbx.dialplan.functions import STANDARD
from sorcery_sip.pbx.dialplan.model import Problem
from sorcery_sip.pbx.dialplan.reading import Line, Section, build_dialplan
from sorcery_sip.pbx.dialplan.scope import Function

__all__ = ["read_dialplan"]


def read_dialplan(
    path: Path | str, *, directory: Path | None = None, functions: Mapping[str, Function] | None = None
) -> tuple[Dialplan, tuple[Finding, ...]]:
    """Read a dialplan and what is wrong with it; a bad line is passed over, the rest stands. Blocks on the disk.

    Includes count from `directory`, by default the file's own folder. `functions`, by default the standard ones, are
    those that global variables may use. Raises `ConfSyntaxError` and `ConfMissing` as `sorcery.conf.read_conf` does.
    """
    conf = read_conf(path, directory=directory)
    dialplan, problems = build_dialplan(_sections(conf), dict(STANDARD if functions is None else functions))
    return dialplan, (*findings(conf), *map(_finding, problems))


def _sections(conf: ConfFile) -> list[Section]:
    return [
        Section(
            category.name,
            [Line(each.key, each.value, conf.path_of(each), each.line) for each in category.variables],
        )
        for category in conf.sections()
    ]


def _finding(problem: Problem) -> Finding:
    return Finding(
        severity=Severity.ERROR if problem.is_error else Severity.WARNING,
        rule=problem.rule,
        message=problem.message,
        remedy=problem.remedy,
        place=Place(problem.file, problem.line),
        option=problem.option,
        value=problem.value,
    )
