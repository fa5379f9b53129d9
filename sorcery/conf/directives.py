"""`#include`, `#tryinclude` and `#exec`: reading the line, and running a command."""

from __future__ import annotations

import os
import re
import signal

import attrs

from sorcery.conf.messages import Fault, shown
from sorcery.conf.text import BLANKS, decode, encode

__all__ = ["EXEC_TIMEOUT", "MAX_COMMAND", "Directive", "Execution", "execute", "read_directive"]

MAX_COMMAND = 974
"""Bytes of a command: with the redirection to a file in `/var/tmp` it fits Asterisk's buffer of 1023."""
EXEC_TIMEOUT = 60.0
"""Seconds that a command may take. Asterisk waits for ever."""

_MAX_STDERR_LINE = 1022
_WORD = re.compile(r"#([!-\x7f]*)")
_VALUE = re.compile("[=:>]")
_KINDS = ("include", "tryinclude", "exec")
_PAIRS = ('""', "<>")


@attrs.frozen(slots=True)
class Directive:
    """One `#` line."""

    kind: str
    """`include`, `tryinclude` or `exec`."""
    argument: str
    """The file name or the command, without its quotes."""


@attrs.frozen(slots=True)
class Execution:
    """What became of a command."""

    output: bytes
    errors: tuple[str, ...]
    """The lines of its standard error."""
    failure: str
    """Why it counts as failed; empty if it exited with status 0."""


def read_directive(text: str, *, exec_includes: bool) -> Directive:
    """Read a stripped line that begins with `#`.

    Raises `Fault`, which costs the line only: unknown-directive, exec-disabled, directive-no-argument.
    """
    match = _WORD.match(text)
    word = match[1] if match else ""
    kind = word.lower()
    if kind not in _KINDS:
        name = _VALUE.split(word, maxsplit=1)[0]  # what was commented out with a # may be a password
        raise Fault("unknown-directive", f"{shown(f'#{name}')} is no directive")
    if kind == "exec" and not exec_includes:
        raise Fault("exec-disabled", f"#{word} commands are not run")
    # One byte behind the word is swallowed, were it the first of a character.
    argument = decode(encode(text[len(word) + 1 :])[1:]).strip(BLANKS)
    if not argument:
        raise Fault("directive-no-argument", f"#{word} names nothing")
    if len(argument) > 1 and argument[0] + argument[-1] in _PAIRS:
        argument = argument[1:-1]
    return Directive(kind, argument)


def execute(command: str) -> Execution:
    """Run a command with `/bin/sh` in the current directory and environment.

    Blocks up to `EXEC_TIMEOUT` seconds. Raises `Fault` (exec-too-long).
    """
    if len(encode(command)) > MAX_COMMAND:
        raise Fault("exec-too-long", f"the command is longer than {MAX_COMMAND} bytes")
    try:
        output, errors, status = _run(command)
    except TimeoutError:
        return Execution(b"", (), f"the command did not end within {EXEC_TIMEOUT:g} seconds")
    except OSError as error:
        return Execution(b"", (), f"the command cannot be run: {error}")
    lines = tuple(decode(line[:_MAX_STDERR_LINE]) for line in errors.splitlines())
    return Execution(output, lines, f"the command exited with status {status}" if status else "")


def _run(command: str) -> tuple[bytes, bytes, int]:
    """Return output, errors and status; a command that takes too long is ended with all that it started.

    Raises `TimeoutError` for that one.
    """
    import subprocess  # which hardly any file needs

    with subprocess.Popen(
        ["/bin/sh", "-c", encode(command)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            output, errors = process.communicate(timeout=EXEC_TIMEOUT)
        except subprocess.TimeoutExpired as error:
            os.killpg(process.pid, signal.SIGKILL)
            raise TimeoutError from error
    return output, errors, process.returncode
