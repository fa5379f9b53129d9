"""Where the sounds of Asterisk's installation are, for a server that runs on its configuration."""

from __future__ import annotations

from pathlib import Path

from sorcery.conf import read_conf
from sorcery.errors import ConfMissing

__all__ = ["asterisk_sounds"]

_DEFAULT = "/var/lib/asterisk"


def asterisk_sounds(directory: Path | None) -> tuple[Path, ...]:
    """Return `sounds` in the `astdatadir` of `asterisk.conf`, nothing where there is no such file.

    Blocks on the file; raises `ConfigurationError` where it cannot be used.
    """
    if directory is None:
        return ()
    try:
        directories = read_conf(directory / "asterisk.conf").category("directories")
    except ConfMissing:
        return ()
    named = None if directories is None else directories.last("astdatadir")
    return (Path(named or _DEFAULT) / "sounds",)
