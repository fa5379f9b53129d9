"""The command `sorcery`: what the library does, for operators and scripts.

`exits` and `output` say how a run ends and how it speaks, `context` what all commands share; then one module per
group of commands, put together in `command`.
"""

from sorcery_cli.command import main

__all__ = ["main"]
