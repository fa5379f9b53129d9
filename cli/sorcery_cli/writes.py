"""`sorcery writes`: the changes that wait for stores which do not answer, and those that were put aside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sorcery import NotFound
from sorcery_cli.context import Json, session_of
from sorcery_cli.exits import Exit
from sorcery_cli.output import accounting, note, print_json, print_table, print_text

if TYPE_CHECKING:
    from sorcery.writing.journal import Entry

__all__ = ["writes"]

writes = typer.Typer(help="See the changes that wait for stores which do not answer.", no_args_is_help=True)

LEFT = "what was carried out until then is stored, and the same command goes on with the rest"

Numbers = Annotated[
    list[int], typer.Argument(metavar="NUMBER…", help="Entries, as `sorcery writes list` numbers them.")
]


@writes.command("list")
def list_(context: typer.Context, json: Json = False) -> None:
    """List what waits, oldest first, and what a store has refused. Exits with 1 where something was refused."""
    session = session_of(context, json)
    with session.open() as s:
        waiting, refused = s.queue.journal.waiting(), s.queue.journal.refused()
    told = [_told(entry, "waiting") for entry in waiting] + [_told(entry, "refused") for entry in refused]
    if session.json:
        print_json(told)
    elif not told:
        print_text("nothing waits")
    else:
        rows = [(str(each["number"]), each["at"], each["state"], _changes(each), each["reason"]) for each in told]
        print_table(("number", "accepted", "state", "changes", "reason"), rows)
    raise typer.Exit(Exit.FINDINGS if refused else Exit.GOOD)


@writes.command()
def replay(context: typer.Context, json: Json = False) -> None:
    """Carry out now what waits. Exits with 1 where a store refuses something, 3 where one does not answer."""
    session = session_of(context, json)
    with session.open() as s, accounting(lambda: LEFT):
        done = s.queue.replay()
    if session.json:
        print_json({"stored": done.stored, "refused": done.refused, "left": done.left, "reason": done.reason})
    else:
        print_text(f"{done.stored} stored, {done.refused} refused, {done.left} left")
    if done.reason:
        note(done.reason)
    raise typer.Exit(Exit.UNAVAILABLE if done.left else Exit.FINDINGS if done.refused else Exit.GOOD)


@writes.command()
def retry(context: typer.Context, numbers: Numbers, json: Json = False) -> None:
    """Let entries that were refused wait again, behind all others. Exits with 1, and does nothing, if one is none."""
    session = session_of(context, json)
    with session.open() as s:
        journal = s.queue.journal
        chosen = _chosen(numbers, journal.refused(), "refused entry")
        count = sum(map(journal.retry, chosen))
    _count("waiting", count, json=session.json)


@writes.command()
def drop(context: typer.Context, numbers: Numbers, json: Json = False) -> None:
    """Forget entries for good, whether they wait or were refused. Exits with 1, and drops none, if one is none."""
    session = session_of(context, json)
    with session.open() as s:
        journal = s.queue.journal
        chosen = _chosen(numbers, [*journal.waiting(), *journal.refused()], "entry")
        count = sum(map(journal.drop, chosen))
    _count("dropped", count, json=session.json)


def _chosen(numbers: list[int], entries: list[Entry], noun: str) -> list[int]:
    """Return the numbers, each once; raises `NotFound` where one of them is no entry's, before anything is done."""
    there = {entry.number for entry in entries}
    for number in numbers:
        if number not in there:
            error = NotFound(noun, str(number))
            error.add_note("`sorcery writes list` lists them")
            raise error
    return list(dict.fromkeys(numbers))


def _told(entry: Entry, state: str) -> dict[str, Any]:
    from datetime import UTC, datetime

    at = datetime.fromtimestamp(entry.at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    changes = [{"op": each.op.value, "type": each.type_name, "id": each.id} for each in entry.changes]
    return {"number": entry.number, "at": at, "state": state, "changes": changes, "reason": entry.reason}


def _changes(told: dict[str, Any]) -> str:
    return ", ".join(f"{each['op']} {each['type']} {each['id']}" for each in told["changes"])


def _count(what: str, count: int, *, json: bool) -> None:
    if json:
        print_json({what: count})
    else:
        print_text(f"{count} {what}")
