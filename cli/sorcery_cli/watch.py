"""`sorcery watch`: changes as they happen."""

from __future__ import annotations

import json as json_text
import queue
import signal
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType
from typing import Annotated, Any

import typer

from sorcery import ObjectEvent, Sorcery
from sorcery.observers import telling
from sorcery.watching.watcher import Watching
from sorcery_cli.context import Json, Secrets, is_kept, known_type, session_of
from sorcery_cli.exits import Misuse
from sorcery_cli.output import note, object_data

__all__ = ["event_data", "watch"]

_ENDS = (signal.SIGINT, signal.SIGTERM)

_Events = queue.SimpleQueue[tuple[datetime, ObjectEvent] | None]
"""What happened and when; None for the end."""


def watch(
    context: typer.Context,
    types: Annotated[list[str] | None, typer.Argument(metavar="TYPE", help="Object types; all without.")] = None,
    count: Annotated[int | None, typer.Option("--count", min=1, metavar="N", help="Leave after N changes.")] = None,
    secrets: Secrets = False,
    json: Json = False,
) -> None:
    """Print changes as they happen, one JSON line each, until SIGINT or SIGTERM.

    Each has the time in UTC, the type, the id, what it is (created, updated or deleted), and the options: all of a
    created object, those that are another now of an updated one; null where one has no text any more.
    """
    session = session_of(context, json)
    events: _Events = queue.SimpleQueue()
    with session.open() as s, _until_told_to_end(events):
        chosen = [known_type(s, name).name for name in types or s.types]
        for name in chosen:
            s.observe(name, **telling(lambda event: events.put((datetime.now(UTC), event))))
        with s.watch() as watching:
            _tell_what_is_watched(s, chosen, watching)
            for when, event in _taken(events, count):
                line = event_data(event, when, compat=session.compat, secrets=secrets)
                typer.echo(json_text.dumps(line))  # which flushes: whoever reads a pipe sees it now


@contextmanager
def _until_told_to_end(events: _Events) -> Iterator[None]:
    """Let a signal end the events, after those that are there already."""

    def end(number: int, frame: FrameType | None) -> None:
        events.put(None)

    before = {number: signal.signal(number, end) for number in _ENDS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _taken(events: _Events, count: int | None) -> Iterable[tuple[datetime, ObjectEvent]]:
    """Yield what happens, at most `count` times."""
    taken = 0
    while count is None or taken < count:
        happened = events.get()
        if happened is None:
            return
        yield happened
        taken += 1


def _tell_what_is_watched(s: Sorcery, chosen: Sequence[str], watching: Watching) -> None:
    """Say on standard error of which types changes will be seen, and of which not; raises `Misuse` where of none.

    A database that tells of no changes yet is listened to all the same: notices may be switched on.
    """
    noticed = watching.types
    deaf = [name for name in chosen if name in watching.unnoticed]
    watched = [name for name in chosen if name in noticed and is_kept(s, name)]  # its memory is the command's alone
    silent = [name for name in chosen if name not in watched and name not in deaf]
    wizards = ", ".join(dict.fromkeys(mapping.wizard for name in silent for mapping in s.mappings(name)))
    if not watched and not deaf:
        raise Misuse(
            f"nothing tells of changes of {', '.join(silent)}: the wizard {wizards} gives no notice; "
            "map a type to one that does, such as config"
        )
    if silent:
        note(f"not watched: {', '.join(silent)} ({wizards} gives no notice of changes)")
    if deaf:  # the log says why, and what to do
        note(f"not heard of yet: {', '.join(deaf)}")
    if watched:
        note(f"watching {', '.join(watched)}")


def event_data(event: ObjectEvent, when: datetime, *, compat: bool = False, secrets: bool = False) -> dict[str, Any]:
    """Return an event as it is printed; passwords only if `secrets` are asked for."""
    return {
        "time": when.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "type": event.type_name,
        "id": event.obj.id,
        "change": event.change,
        "options": _options(event, compat=compat, secrets=secrets),
    }


def _options(event: ObjectEvent, *, compat: bool, secrets: bool) -> dict[str, Any]:
    if event.change == "deleted":
        return {}
    shown = object_data(event.obj, compat=compat, secrets=secrets)["options"]
    if event.old is None or event.old == event.obj:  # created, or nobody knows what it was
        return dict(shown)
    was, now = (object_data(obj, compat=compat, secrets=True)["options"] for obj in (event.old, event.obj))
    return {name: shown.get(name) for name in {**now, **was} if was.get(name) != now.get(name)}
