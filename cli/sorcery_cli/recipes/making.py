"""What the command of a recipe does: build, check, store, and tell."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from sorcery import Object, Secret, Sorcery
from sorcery.pjsip import Auth, Endpoint
from sorcery.recipes import Bundle, Recipe, prepare, store, strong_secret
from sorcery.resolving import Resolvers
from sorcery_cli.change import Line, merged, parse_lines
from sorcery_cli.changes import advised
from sorcery_cli.context import Session, is_address, require_kept
from sorcery_cli.exits import Misuse
from sorcery_cli.output import console, names_secret, note, without_passwords
from sorcery_cli.recipes.advice import advice
from sorcery_cli.recipes.parameters import Parameter
from sorcery_cli.recipes.passwords import GENERATE, password_from
from sorcery_cli.recipes.printing import print_changes, print_counts, print_lines, print_passwords
from sorcery_cli.recipes.table import Row, rows_of
from sorcery_cli.sealing import require_realm

__all__ = ["Wanted", "make"]

_SHOWN = 200
"""Rows of which making them takes a moment."""


@attrs.frozen(kw_only=True)
class Wanted:
    """What somebody asked for."""

    recipe: Recipe
    parameters: Mapping[str, Parameter]
    values: Mapping[str, Any]
    """What the options say, by parameter; of secrets, where they lie."""
    id: str | None
    settings: Sequence[str] | None
    from_csv: Path | None
    seal: str | None
    keep_reference: bool
    allow_dangling: bool
    writable: bool
    dry_run: bool
    secrets: bool


@attrs.frozen
class _Made:
    """The objects, and what is to be told of them."""

    objects: tuple[Object, ...]
    chosen: tuple[Auth, ...]
    """Those whose password was made here, which nobody knows yet."""
    notes: tuple[str, ...]


def make(session: Session, wanted: Wanted) -> None:
    """Create the objects and print them; raises `Misuse`, and what `sorcery.recipes.create` raises."""
    if wanted.seal is not None:
        require_realm("--seal", wanted.seal)
    lines, rows = _words(wanted), _rows(wanted)
    with _progress(len(rows)), session.open(writable=wanted.writable) as s:
        followed = s.environment.secrets if wanted.keep_reference else None
        made = _built(s, wanted, rows, lines, _passwords(wanted, followed))
        for name in dict.fromkeys(obj.__sorcery__.name for obj in made.objects):
            require_kept(s, name)
        tells = not session.json and (wanted.secrets or sys.stdout.isatty())
        if made.chosen and wanted.seal and not tells:
            raise Misuse("a password made here and sealed would be known to nobody: add --secrets, without --json")
        findings = advice(s, made.objects)  # first: what fails is to leave nothing behind
        if not wanted.dry_run:
            with advised():
                store(s, made.objects)
    for finding in findings:
        note(str(finding))
    _tell(session, wanted, made, tells=tells)


@contextmanager
def _progress(count: int) -> Iterator[None]:
    """Show that many are being made, where somebody watches."""
    if count < _SHOWN or not sys.stderr.isatty():
        yield
        return
    with console(stderr=True).status(f"creating {count:,}"):
        yield


def _words(wanted: Wanted) -> list[Line]:
    lines = parse_lines(wanted.settings or ())
    for line in lines:
        if names_secret(line.name):
            raise Misuse(f"{line.name}: everybody on the machine sees the command line; use --secret-from, or a table")
    return lines


def _rows(wanted: Wanted) -> tuple[Row, ...]:
    if (wanted.id is None) == (wanted.from_csv is None):
        raise Misuse("name what to create by an ID, or --from-csv a file of many; one of the two")
    if wanted.id == "":
        raise Misuse("the id is empty; name what to create")
    if wanted.from_csv is not None:
        return rows_of(wanted.from_csv, wanted.parameters)
    assert wanted.id is not None
    return (Row(wanted.id),)


def _passwords(wanted: Wanted, followed: Resolvers | None) -> dict[str, Secret | None]:
    """Return the passwords that options tell the place of; None for one that is to be made for each."""
    found: dict[str, Secret | None] = {}
    for name, each in wanted.parameters.items():
        place = wanted.values[name]
        if each.type is Secret and place is not None:
            found[name] = None if place == GENERATE else password_from(place, each.option, followed)
    return found


def _built(
    s: Sorcery, wanted: Wanted, rows: Iterable[Row], lines: Sequence[Line], passwords: Mapping[str, Secret | None]
) -> _Made:
    bundles, known = [], {each.stored for each in passwords.values() if each is not None}
    for row in rows:
        known |= {value.stored for value in row.values.values() if isinstance(value, Secret)}
        known |= {line.text for line in row.lines if names_secret(line.name)}
        options = _options(wanted, row, passwords)
        with row.blamed():
            bundles.append(_with_settings(s, wanted.recipe(row.id, **options), [*lines, *row.lines]))
    objects = prepare(s, *bundles, allow_dangling=wanted.allow_dangling)
    auths = [obj for obj in objects if isinstance(obj, Auth)]
    chosen = tuple(auth for auth in auths if auth.password and auth.password.stored not in known)
    notes = tuple(dict.fromkeys(each for bundle in bundles for each in bundle.notes))
    if wanted.seal is not None:
        objects = _sealed(objects, wanted.seal)
    return _Made(objects, chosen, notes)


def _options(wanted: Wanted, row: Row, passwords: Mapping[str, Secret | None]) -> dict[str, Any]:
    """Return the keyword arguments of the recipe: what the row says, else the command line; raises `Misuse`."""
    found: dict[str, Any] = {}
    for name, each in wanted.parameters.items():
        value = wanted.values[name]
        if name in row.values:
            found[name] = row.values[name]
        elif name in passwords:
            found[name] = passwords[name] or strong_secret()
        elif value is not None:
            found[name] = each.read(value) if isinstance(value, str) else value
        elif each.is_required:
            where = " nor a column of the table" if wanted.from_csv else ""
            raise Misuse(f"{each.option} is missing{where}: {each.doc[:1].lower()}{each.doc[1:]}")
    return found


def _with_settings(s: Sorcery, bundle: Bundle, lines: Sequence[Line]) -> Bundle:
    """Return a bundle with lines `TYPE/NAME=VALUE` applied to its objects of those types; raises `Misuse`."""
    types = dict.fromkeys(obj.__sorcery__.name for obj in bundle)
    own: dict[str, list[Line]] = {}
    for line in lines:
        type_name, _, option = line.name.rpartition("/")
        if type_name not in types:
            raise Misuse(f"{line.name}: write TYPE/NAME=VALUE, with one of the types {', '.join(types)}")
        own.setdefault(type_name, []).append(attrs.evolve(line, name=option))

    def changed(obj: Object) -> Object:
        name = obj.__sorcery__.name
        if name not in own:
            return obj
        pairs = merged(obj, own[name])
        return obj.__sorcery__.build(obj.id, pairs, compat=s.environment.compat, secrets=s.environment.secrets)

    return bundle.changed(changed)


def _sealed(objects: Sequence[Object], realm: str) -> tuple[Object, ...]:
    """Return objects with digests in the place of passwords, but for what answers the challenges of others.

    That needs its password: their realms are not known.
    """
    from sorcery.pjsip.sealing import ALGORITHMS, seal

    challenging = {id for each in objects if isinstance(each, Endpoint) for id in each.auth}

    def sealed(obj: Object) -> Object:
        if not isinstance(obj, Auth) or obj.id not in challenging:
            return obj
        offered = obj.supported_algorithms_uas
        return seal(obj, realm, ALGORITHMS if offered.inherited else offered)

    return tuple(map(sealed, objects))


def _tell(session: Session, wanted: Wanted, made: _Made, *, tells: bool) -> None:
    for each in made.notes:
        note(f"note: {each}")
    if wanted.dry_run and not session.json:
        print_lines(made.objects, secrets=wanted.secrets)
        return
    is_counted = wanted.from_csv is not None and not session.json
    if is_counted:
        print_counts(made.objects)
    else:
        print_changes(made.objects, json=session.json, secrets=wanted.secrets)
    if wanted.dry_run or (wanted.secrets and wanted.seal is None and not is_counted):
        return
    if tells:
        print_passwords(made.chosen)
    elif made.chosen:
        first = made.chosen[0].id
        command = f"sorcery {_target(session.target)} show auth {shlex.quote(first)} --secrets"
        note(f"passwords were made and not printed: `{command}` tells that of {first}")


def _target(target: str) -> str:
    """Return the words of the command line that name a target, without its password."""
    return shlex.join(["--db", without_passwords(target)] if is_address(target) else ["-C", target])
