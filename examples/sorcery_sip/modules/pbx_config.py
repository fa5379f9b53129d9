"""`extensions.conf`: the dialplan in force, and the next one on a reload."""

from __future__ import annotations

import logging
from pathlib import Path

from sorcery.errors import ConfigurationError, ConfMissing
from sorcery.findings import Severity
from sorcery_sip.modules.extensions_conf import read_dialplan
from sorcery_sip.pbx.dialplan import Dialplan

__all__ = ["DialplanFile"]

_LOG = logging.getLogger(__name__)


class DialplanFile:
    """Hold the dialplan of a file. Calls go on in the one they began with; any thread may ask for the current one."""

    def __init__(self, path: Path | None) -> None:
        """Read `path`; None, like a file that is not there, is a dialplan without extensions. Blocks on the file."""
        self._path = path
        self._current = Dialplan()
        self.reload()

    def current(self) -> Dialplan:
        """Return the dialplan as it was last read."""
        return self._current

    def reload(self) -> None:
        """Read the file again; what is wrong in it is logged, and one that cannot be used changes nothing. Blocks."""
        if self._path is None:
            return
        try:
            dialplan, findings = read_dialplan(self._path)
        except ConfMissing:
            self._current = Dialplan()
        except ConfigurationError as error:
            _LOG.error("%s; the dialplan stays as it was", error)
        else:
            for finding in findings:
                _LOG.log(logging.ERROR if finding.severity is Severity.ERROR else logging.WARNING, "%s", finding)
            self._current = dialplan
