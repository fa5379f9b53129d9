"""`sorcery plan` and `copy`: the difference between two systems, and how to make it go away."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from sorcery import Plan, Sorcery
from sorcery_cli.changes import advised, plan_data, summary
from sorcery_cli.context import Json, Writable, is_address, is_kept, known_type, named, session_of
from sorcery_cli.exits import Exit, Misuse, NotKept
from sorcery_cli.output import note, print_json, print_text, unlogged

__all__ = ["copy", "plan"]

Types = Annotated[list[str] | None, typer.Argument(metavar="TYPE", help="Object types; all without any.")]


def plan(
    context: typer.Context,
    mine: Annotated[
        str,
        typer.Argument(metavar="A", callback=named, help="What would change: a directory or a database address."),
    ],
    theirs: Annotated[str, typer.Argument(metavar="B", callback=named, help="What it is to be like.")],
    types: Types = None,
    apply: Annotated[bool, typer.Option("--apply", help="Carry it out, all or nothing.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write it to a file for `sorcery apply`.")
    ] = None,
    writable: Writable = False,
    json: Json = False,
) -> None:
    """Print what would make A like B; the other direction is the plan of B and A.

    Exits as diff does: 0 without differences, 1 with some; with --apply 0 once they are gone. Objects of B that
    cannot be read are named, and A's stay.
    """
    session = session_of(context, json)
    if apply and out:
        raise Misuse("--apply and --out do not go together: `sorcery apply` carries out what is in the file")
    with session.open(mine, writable=writable) as target, session.read(theirs) as source:
        difference = _compare(target, source, types or ())
        if apply:
            with advised():
                difference.apply()
    if out:
        _write(difference, mine, out)
    for finding in difference.unreadable:
        note(f"not compared: {finding}")
    if session.json:
        print_json(plan_data(difference))
    else:
        print_text(str(difference))
        if difference:
            print_text(f"{'done' if apply else 'to do'}: {summary(difference)}")
    raise typer.Exit(Exit.FINDINGS if difference.unreadable or (difference and not apply) else Exit.GOOD)


def copy(
    context: typer.Context,
    source: Annotated[
        str, typer.Option("--from", metavar="A", callback=named, help="A directory or a database address.")
    ],
    target: Annotated[str, typer.Option("--to", metavar="B", callback=named, help="Where the objects go.")],
    types: Types = None,
    prefix: Annotated[str, typer.Option("--prefix", metavar="TEXT", help="Only ids that start with this.")] = "",
    regex: Annotated[str, typer.Option("--regex", metavar="REGEX", help="Only ids in which this is found.")] = "",
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where", metavar="TYPE.FIELD=VALUE", help="Only objects like this; also with != < <= > >= and LIKE."
        ),
    ] = None,
    with_references: Annotated[
        bool, typer.Option("--with-references", help="And all that these objects refer to.")
    ] = False,
    existing: Annotated[
        str, typer.Option("--existing", metavar="update|skip|fail", help="What becomes of objects that differ in B.")
    ] = "update",
    prune: Annotated[bool, typer.Option("--prune", help="Delete what A does not hold.")] = False,
    emptied: Annotated[
        list[str] | None,
        typer.Option("--emptied", metavar="TYPE", help="--prune may delete all of B's, where A holds none."),
    ] = None,
    batch: Annotated[int, typer.Option("--batch", min=1, help="Objects per transaction.")] = 1000,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    verify: Annotated[bool, typer.Option("--verify/--no-verify", help="Read everything back at the end.")] = True,
    writable: Writable = False,
    json: Json = False,
) -> None:
    """Copy objects: create what is missing in B, update what differs, leave alone what is the same.

    What an object refers to is copied first. Each transaction is carried out as a whole or not at all; what is to
    blame if one is refused is listed, and the rest copied. The same command goes on with a copy that was interrupted.
    """
    from sorcery_cli.copying import Wanted, carry_out

    session = session_of(context, json)
    wanted = Wanted(types or (), prefix, regex, where or (), with_references)
    with session.read(source) as there, session.open(target, writable=writable) as here:
        names = _shared(here, there, wanted.types)
        code = carry_out(
            there,
            here,
            wanted.selection(names),
            json=session.json,
            existing=existing,
            prune=prune,
            emptied=emptied or (),
            batch=batch,
            dry_run=dry_run,
            verify=verify,
        )
    raise typer.Exit(code)


def _write(difference: Plan, target: str, file: Path) -> None:
    """Write a plan to a file, with the place of its target; raises `ConfigurationError`."""
    from sorcery.planfile import SavedPlan

    SavedPlan.of(difference, _from_anywhere(target)).write(file)


def _from_anywhere(target: str) -> str:
    """Return a target as it is called from every working directory."""
    if not is_address(target):
        return os.path.abspath(target)  # noqa: PTH100 - as text, links and all
    if not target.startswith("sqlite"):
        return target
    from sorcery_database.addresses import address, file_of

    url = address(target)
    file = file_of(url)
    return target if file is None else url.set(database=str(file.absolute())).render_as_string(hide_password=False)


def _compare(target: Sorcery, source: Sorcery, chosen: Sequence[str]) -> Plan:
    """Return what makes the target like the source."""
    names = _shared(target, source, chosen)
    with unlogged():
        return target.plan(source, names)


def _shared(target: Sorcery, source: Sorcery, chosen: Sequence[str]) -> list[str]:
    """Return the types to compare: the named ones, or all that both systems keep.

    What memory alone holds is empty whenever a command starts. Raises `NotKept` if such a type is named, and
    `NotListed` for one whose objects cannot be listed.
    """
    kept = [name for name in target.types if is_kept(target, name) and is_kept(source, name)]
    for name in chosen:
        known_type(target, name)
        if name not in kept:
            raise NotKept(name)
    if not kept:
        raise Misuse("there is nothing to compare: one of the two holds every type in memory only")
    return list(chosen) or kept
