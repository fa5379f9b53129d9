"""Whether objects may be written into a file: only where somebody says so, as Asterisk never does it."""

from __future__ import annotations

from sorcery.conf.globs import is_pattern
from sorcery.environment import Environment
from sorcery.policy import names_file
from sorcery_config.arguments import Arguments

__all__ = ["guard"]


def guard(arguments: Arguments, environment: Environment) -> str:
    """Return what has to be done before objects of a mapping may be written; nothing where they may."""
    file = arguments.file
    if is_pattern(file):
        return f"map it to one file, not to all that {file} stands for"
    if arguments.writable or environment.may_write(file):
        return ""
    if environment.directory is not None and names_file(file):
        return f"write {file} = yes under [writes] in sorcery.conf"
    return "add ,writable=yes to its mapping"
