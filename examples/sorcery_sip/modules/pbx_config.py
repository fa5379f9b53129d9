"""`extensions.conf`: the dialplan in force, and the next one on a reload."""

from __future__ import annotations

import logging
from collections.abc import Container, Iterable
from pathlib import Path

from sorcery.errors import ConfigurationError, ConfMissing
from sorcery.findings import Finding, Severity
from sorcery.place import Place
from sorcery.plain import plain
from sorcery.source import refused
from sorcery_sip.modules.extensions_conf import read_dialplan
from sorcery_sip.pbx.dialplan import Dialplan
from sorcery_sip.pbx.dialplan.model import Step

__all__ = ["DialplanFile"]

_LOG = logging.getLogger(__name__)


class DialplanFile:
    """Hold the dialplan of a file. Calls go on in the latest; any thread may ask for it."""

    def __init__(self, path: Path | None) -> None:
        """Read `path`; None, like a file that is not there, is a dialplan without extensions. Blocks on the file."""
        self._path = path
        self._current = Dialplan()
        self._applications: Container[str] | None = None
        self.reload()

    def current(self) -> Dialplan:
        """Return the dialplan as it was last read."""
        return self._current

    def expect(self, applications: Container[str]) -> None:
        """Warn of steps whose application is none of these (in small letters), now and on each reload."""
        self._applications = applications
        _log(self._unknown())

    def reload(self) -> tuple[Finding, ...]:
        """Read the file again; log and return what is wrong in it. One that cannot be used changes nothing. Blocks."""
        findings = self._read()
        _log(findings)
        return findings

    def _read(self) -> tuple[Finding, ...]:
        if self._path is None:
            return ()
        try:
            self._current, findings = read_dialplan(self._path)
        except ConfMissing:
            self._current = Dialplan()
            return ()
        except ConfigurationError as error:
            return tuple(refused(error))
        return (*findings, *self._unknown())

    def _unknown(self) -> tuple[Finding, ...]:
        if self._applications is None:
            return ()
        extensions = (each for context in self._current.contexts.values() for each in context.extensions)
        steps = (step for extension in extensions for step in extension.steps.values())
        return tuple([_no_application(step) for step in steps if step.application.lower() not in self._applications])


def _no_application(step: Step) -> Finding:
    return Finding(
        severity=Severity.WARNING,
        rule="unknown-application",
        message=f"there is no application {step.application!r}; a call that comes here ends",
        place=Place(step.file, step.line),
    )


def _log(findings: Iterable[Finding]) -> None:
    for finding in findings:
        _LOG.log(finding.severity.level, "%s", plain(str(finding)))
