"""The command `sorcery`: what the library does, for operators and scripts.

`exits` and `output` say how a run ends and how it speaks, `context` what all commands share; then one module per
group of commands, put together in `command`.
"""

import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; 2 where the extra `cli` of this distribution is not installed."""
    try:
        from sorcery_cli import command
    except ModuleNotFoundError as error:
        if error.name != "typer":  # which brings rich with it
            raise
        sys.stderr.write("sorcery: the command needs typer; install pysorcery[cli]\n")
        return 2
    except KeyboardInterrupt:  # which may come before there is a command that could tell it
        sys.stderr.write("sorcery: interrupted\n")
        return 130
    return command.main(argv)
