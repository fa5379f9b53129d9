"""The end of each command's help: an example that can be typed, and the exit codes."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main

from sorcery_cli.command import app
from sorcery_cli.epilogs import EXAMPLES, EXITS


def leaves(command: Any, *names: str) -> Iterator[tuple[str, ...]]:
    """Yield the names of all commands, each with those of its groups."""
    inner = getattr(command, "commands", None)
    if inner is None or not inner:
        yield names
        return
    for name, each in inner.items():
        yield from leaves(each, *names, name)


COMMAND = typer.main.get_command(app)
COMMANDS = sorted(names for names in leaves(COMMAND) if names != ("new",))


@pytest.mark.parametrize("names", COMMANDS, ids=" ".join)
def test_the_help_of_each_command_says_what_it_does_and_what_its_exit_codes_mean(
    run: Any, names: tuple[str, ...]
) -> None:
    result = run(*names, "--help")
    text = " ".join(result.out.split())
    assert result.code == 0
    assert EXITS in text
    if (example := EXAMPLES.get(" ".join(names))) is not None:
        assert "Example:" in text
        assert example.split()[-1] in text


def test_each_example_is_of_a_command_that_there_is() -> None:
    assert {tuple(name.split()) for name in EXAMPLES} <= set(COMMANDS)


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_example_can_be_typed(name: str) -> None:
    words = shlex.split(EXAMPLES[name])[1:]
    command: Any = COMMAND
    context = command.make_context("sorcery", words)
    for _ in name.split():
        rest = [*context._protected_args, *context.args] if hasattr(context, "_protected_args") else context.args
        named, command, rest = command.resolve_command(context, rest)
        context = command.make_context(named, rest, parent=context)
    assert context.command_path == f"sorcery {name}"
