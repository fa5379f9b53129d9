"""What is printed: JSON for programs, tables for people, and no secret in either."""

from __future__ import annotations

import difflib
import functools
import itertools
import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import typer

from sorcery import Object, Secret
from sorcery.conf.text import fold
from sorcery.plain import plain

if TYPE_CHECKING:
    from rich.console import Console

__all__ = [
    "accounting",
    "console",
    "masked_line",
    "names_secret",
    "note",
    "object_data",
    "print_json",
    "print_json_list",
    "print_parts",
    "print_table",
    "print_text",
    "printed_pairs",
    "unlogged",
    "watched",
    "without_passwords",
]

LIST: Final = "\0"
"""Stands for the items of `print_json_list`."""
TOGETHER: Final = 500
"""Texts that are printed at once."""

_URL_PASSWORD = re.compile(r"(\w://[^\s:/@]*:)\S*@|([?&]\w*passw\w*=)[^&\s]+")
_ELSEWHERE = frozenset({"secret", "password", "pass", "dbpass", "remotesecret", "register"})
"""Options of files other than those of objects that are, or hold, a password."""
_NATURAL_WIDTH = 10_000
"""Columns of what is no terminal: lines are for programs then, and are not broken."""


def without_passwords(text: str) -> str:
    """Mask the passwords of the database addresses in a text."""
    return _URL_PASSWORD.sub(lambda found: f"{found[1]}********@" if found[1] else f"{found[2]}********", text)


def names_secret(key: str) -> bool:
    """Tell whether the value of an option of a file is to be masked; a file has no types yet, so its name must do.

    A name that no type knows is taken for a misspelt one if it is much like that of a secret.
    """
    return _is_secret(fold(key).rpartition("/")[2])  # a wizard passes on outbound_auth/password


def masked_line(line: str) -> str:
    """Mask what a line of a file has behind the first secret option, be it in a comment; and passwords of addresses."""
    start = 0
    for part in line.split("=")[:-1]:
        start += len(part) + 1
        name = part.rpartition(";")[2].strip(" \t+-\\")
        if any(map(names_secret, (name, *name.split()[-1:]))) and (value := line[start:].removeprefix(">").lstrip()):
            return f"{line.removesuffix(value)}{Secret(value)}"
    return without_passwords(line)


@functools.lru_cache(maxsize=4096)
def _is_secret(name: str) -> bool:
    secrets, known = _names()
    return name in secrets or (name not in known and bool(difflib.get_close_matches(name, secrets, 1, 0.8)))


@functools.cache
def _names() -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of secret options, and of all."""
    from sorcery.pjsip import TYPES  # which takes longer to import than all else that prints

    options = [item for cls in TYPES for item in cls.__sorcery__.options.items()]
    secrets = _ELSEWHERE.union(name for name, option in options if option.secret)
    return secrets, secrets.union(name for name, _ in options)


@contextmanager
def unlogged() -> Iterator[None]:
    """Keep stores from logging the bad rows that are about to be reported."""
    log = logging.getLogger("sorcery")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)


def print_json(data: Any) -> None:
    """Print one JSON document; bytes that are no UTF-8 become lone surrogates, as escapes."""
    typer.echo(json.dumps(data, indent=2))


def print_json_list(items: Iterable[Any], frame: Any = LIST) -> None:
    """Print the JSON of many items one after the other, so that no more than a few of them are in memory.

    They stand in the place of the text `LIST`, which occurs nowhere else in the `frame`.
    """
    head, tail = json.dumps(frame, indent=2).split(json.dumps(LIST))
    margin = "\n" + re.match(" *", head.rpartition("\n")[2])[0]  # type: ignore[index]
    texts = (json.dumps(item, indent=2).replace("\n", f"{margin}  ") for item in items)
    first = next(texts, None)
    if first is None:
        typer.echo(f"{head}[]{tail}")
        return
    parts = (f"{head}[{margin}  {first}",), (f",{margin}  {text}" for text in texts), (f"{margin}]{tail}\n",)
    print_parts(itertools.chain.from_iterable(parts))


def print_parts(parts: Iterable[str]) -> None:
    """Print texts that follow one another, some at a time."""
    given = iter(parts)
    while together := "".join(itertools.islice(given, TOGETHER)):
        typer.echo(together, nl=False)


def print_text(text: str) -> None:
    """Print lines."""
    typer.echo("\n".join(map(plain, text.split("\n"))))


def note(text: str) -> None:
    """Print one line to standard error."""
    typer.echo(plain(without_passwords(text)), err=True)


@contextmanager
def accounting(say: Callable[[], str]) -> Iterator[None]:
    """Where a run is interrupted, tell what is half done, and how to go on; nothing where `say` has nothing."""
    try:
        yield
    except KeyboardInterrupt:
        if text := say():
            note(text)
        raise


def console(*, stderr: bool = False) -> Console:
    """Return a console that takes every text as it is."""
    from rich.console import Console

    made = Console(stderr=stderr, markup=False, highlight=False, emoji=False, soft_wrap=False)
    if not made.is_terminal:
        made.width = _NATURAL_WIDTH
    return made


@contextmanager
def watched(doing: str) -> Iterator[Callable[[str], None]]:
    """Yield who is told what comes next of a long work, and shows it where somebody watches."""
    terminal = console(stderr=True)
    if not terminal.is_terminal:
        yield lambda what: None
        return
    from rich.text import Text  # a plain text would be taken for markup

    with terminal.status(doing) as status:
        yield lambda what: status.update(Text(plain(without_passwords(f"{doing} {what}"))))


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, title: str = "") -> None:
    """Print rows under headings."""
    from rich.table import Table

    table = Table(*headings, title=plain(title) or None, title_justify="left", box=None, pad_edge=False)
    for column in table.columns:
        column.overflow = "fold"
    for row in rows:
        table.add_row(*map(plain, row))
    console().print(table)


def printed_pairs(obj: Object, *, compat: bool = False, secrets: bool = False) -> Iterable[tuple[str, str]]:
    """Return what Asterisk prints of an object; passwords only if `secrets` are asked for."""
    pairs = obj.objectset(compat=compat)
    return pairs if secrets else obj.__sorcery__.masked(pairs)


def object_data(obj: Object, *, compat: bool = False, secrets: bool = False) -> dict[str, Any]:
    """Return an object as `--json` prints it; an option that is printed several times has a list of texts."""
    texts: dict[str, list[str]] = {}
    for name, text in printed_pairs(obj, compat=compat, secrets=secrets):
        texts.setdefault(name, []).append(text)
    options = {name: found[0] if len(found) == 1 else found for name, found in texts.items()}
    return {"type": obj.__sorcery__.name, "id": obj.id, "options": options}
