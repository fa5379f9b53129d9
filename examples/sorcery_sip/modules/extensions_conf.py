"""`extensions.conf`: a file read by the rules of the `.conf` dialect, made a dialplan."""

from __future__ import annotations

from pathlib import Path

from sorcery.conf import ConfFile, findings, read_conf
from sorcery.findings import Finding, Severity
from sorcery.place import Place
from sorcery_sip.pbx.dialplan.dialplan import Dialplan
from sorcery_sip.pbx.dialplan.functions import STANDARD
from sorcery_sip.pbx.dialplan.model import Problem
from sorcery_sip.pbx.dialplan.reading import Line, Section, build_dialplan

__all__ = ["read_dialplan"]


def read_dialplan(path: Path | str) -> tuple[Dialplan, tuple[Finding, ...]]:
    """Read a dialplan and what is wrong with it; a bad line is passed over, the rest stands. Blocks on the disk.

    Includes count from the file's own folder. Raises `ConfSyntaxError` and `ConfMissing` as `sorcery.conf.read_conf`
    does.
    """
    conf = read_conf(path)
    dialplan, problems = build_dialplan(_sections(conf), dict(STANDARD))
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
