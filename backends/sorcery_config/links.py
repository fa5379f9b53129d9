"""The steps from a mapping to the sections of its file, for `sorcery doctor`."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path

from sorcery.conf.globs import is_pattern
from sorcery.doctor.files import file_steps, told, written_step
from sorcery.environment import Environment
from sorcery.errors import ConfigurationError
from sorcery.objecttype import ObjectType
from sorcery.source import Source
from sorcery.steps import Limited, Step
from sorcery_config.arguments import Arguments, parse_arguments
from sorcery_config.permission import guard

__all__ = ["steps"]


def steps(object_type: ObjectType, arguments: str, environment: Environment) -> Iterator[Step]:
    """Yield them: what the mapping says, the file, what it includes, and whether it may be written."""
    yield Step("arguments", functools.partial(_said, arguments, object_type.name))
    try:
        parsed = parse_arguments(arguments, object_type.name)
    except ConfigurationError:  # the step before tells it
        return
    source = Source(parsed.file, environment)
    yield from file_steps(source, may_lack=parsed.file == object_type.conf)
    if not is_pattern(parsed.file):
        yield written_step(Path(source.path), guard(parsed, environment))


def _said(arguments: str, type_name: str) -> str | Limited:
    parsed = parse_arguments(arguments, type_name)
    return told(parsed.findings) if parsed.findings else _described(parsed)


def _described(parsed: Arguments) -> str:
    wanted = " and ".join(f"{name}={value}" for name, value in parsed.criteria)
    return f"sections of {parsed.file}" + (f" with {wanted}" if wanted else "")
