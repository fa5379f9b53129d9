"""`sorcery create`, `update` and `delete`: one object, through the stores that its type is mapped to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated

import attrs
import typer

from sorcery import Conflict, Finding, InvalidObject, Object, Sorcery, Written
from sorcery.kinds import Refused
from sorcery.objecttype import ObjectType
from sorcery.options import Option
from sorcery.plan import PlannedChange
from sorcery.references import references
from sorcery.wizard import Op
from sorcery_cli.changes import advised, change_data, print_change, print_plan
from sorcery_cli.context import (
    Id,
    Json,
    Session,
    TypeName,
    Writable,
    existing,
    is_kept,
    known_type,
    require_kept,
    session_of,
)
from sorcery_cli.exits import Misuse
from sorcery_cli.output import note, print_json, print_text

__all__ = ["create", "delete", "update"]

Settings = Annotated[list[str] | None, typer.Argument(metavar="NAME=VALUE", help="Lines of a file; a name may repeat.")]
AllowDangling = Annotated[
    bool, typer.Option("--allow-dangling", help="Store it even if it refers to an object that does not exist.")
]


@attrs.frozen
class Line:
    """One `name=value` or `name+=value` of the command line."""

    name: str
    text: str = attrs.field(repr=False)
    adds: bool = False


def create(
    context: typer.Context,
    type_name: TypeName,
    id: Id,
    settings: Settings = None,
    allow_dangling: AllowDangling = False,
    writable: Writable = False,
    json: Json = False,
) -> None:
    """Create an object from the lines that a file would hold."""
    session, lines = session_of(context, json), parse_lines(settings or ())
    with advised(), session.open(writable=writable) as s:
        object_type = known_type(s, type_name)
        require_kept(s, type_name)
        obj = _build(s, object_type, id, ((line.name, line.text) for line in lines))
        _require_references(s, obj, allow_dangling=allow_dangling)
        written = s.create(obj)
    _report(session, PlannedChange(Op.CREATE, obj), written)


def update(
    context: typer.Context,
    type_name: TypeName,
    id: Id,
    settings: Settings = None,
    reset: Annotated[
        list[str] | None, typer.Option("--reset", metavar="NAME", help="Set an option back to its default.")
    ] = None,
    allow_dangling: AllowDangling = False,
    writable: Writable = False,
    json: Json = False,
) -> None:
    """Change some options of an object, and keep the others.

    NAME=VALUE replaces what the option holds, NAME+=VALUE adds to a list.
    """
    session, lines = session_of(context, json), parse_lines(settings or ())
    with advised(), session.open(writable=writable) as s:
        object_type = known_type(s, type_name)
        require_kept(s, type_name)

        def changed(old: Object) -> Object:
            obj = _build(s, object_type, id, merged(old, lines, [_kept_as(old, name) for name in reset or ()]))
            if obj != old:
                _require_references(s, obj, allow_dangling=allow_dangling)
            return obj

        old, obj, written = _change(s, type_name, id, changed)
    _report(session, PlannedChange(Op.UPDATE, obj, old), written)


def _change(
    s: Sorcery, type_name: str, id: str, changed: Callable[[Object], Object]
) -> tuple[Object, Object, Written | None]:
    """Store what an object becomes, anew for as long as somebody else changes it meanwhile.

    Returns the object before and after, and None for a change that comes to nothing.
    """
    old = existing(s, type_name, id)
    while (obj := changed(old)) != old:
        try:
            return old, obj, s.update(obj, expected=old)
        except Conflict:
            s.reload()  # what lies in a file is what was read of it
            now = existing(s, type_name, id)
            if now == old:  # another store of the type holds another version, which this one is to replace
                return old, obj, s.update(obj)
            old = now
    return old, obj, None


def delete(
    context: typer.Context,
    type_name: TypeName,
    id: Id,
    unless_referred: Annotated[
        bool, typer.Option("--unless-referred", help="Leave it as it is while others refer to it.")
    ] = False,
    cascade: Annotated[
        bool, typer.Option("--cascade", help="With all that belongs to it, and no reference to it left behind.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would go, and change nothing.")] = False,
    writable: Writable = False,
    json: Json = False,
) -> None:
    """Delete an object, even if its row makes no valid one.

    With --cascade go an AOR's contacts, what cannot be without it, and auths and AORs that nobody else refers to.
    """
    session = session_of(context, json)
    if dry_run and not (cascade or unless_referred):
        raise Misuse("--dry-run tells what --cascade or --unless-referred would do; name one of them")
    with advised(), session.open(writable=writable) as s:
        object_type = known_type(s, type_name)
        require_kept(s, type_name)
        if cascade or unless_referred:
            plan = s.plan_removal(type_name, id, cascade=cascade)
            if not dry_run:
                plan.apply()
            print_plan(plan, json=session.json)
            return
        # The id alone decides, so what the store holds need not be readable, nor pass the type's rules.
        obj = object_type.make(object_type.draft(id))
        written = s.delete(obj)
    _report(session, PlannedChange(Op.DELETE, obj), written)


def parse_lines(settings: Iterable[str]) -> list[Line]:
    """Split `name=value` words; raises `Misuse`, which quotes no word: it may be a password."""
    lines = []
    for number, word in enumerate(settings, 1):
        name, equals, text = word.partition("=")
        adds = name.endswith("+")
        name = name.removesuffix("+").strip()
        if not equals or not name:
            raise Misuse(f"word {number} after the id is no setting; write name=value")
        lines.append(Line(name, text.strip(), adds))
    return lines


def merged(old: Object, lines: Sequence[Line], reset: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Return the lines of an object with others merged in: they replace those of their name, or add to them.

    The lines of the names in `reset` are left out.
    """
    replaced = {name.lower() for name in (*(line.name for line in lines if not line.adds), *reset)}
    pairs = [(name, text) for name, text in old.settings() if name.lower() not in replaced]
    for line in lines:
        option = old.__sorcery__.option(line.name) if line.adds else None
        if option is None or option.name.lower() in replaced:
            pairs.append((line.name, line.text))
        else:
            texts = [text for name, text in pairs if name == option.name]
            pairs = [pair for pair in pairs if pair[0] != option.name]
            pairs += [(option.name, text) for text in _grown(option, texts, line.text)]
    return pairs


def _grown(option: Option, texts: list[str], text: str) -> list[str]:
    """Return the lines of a list with a text added: one line more, or a longer one where a later line replaces."""
    if not texts:
        return [text]
    value = option.kind.zero
    try:
        for each in texts:
            value = option.kind.parse(each, value, _ignore)
        is_added = option.kind.parse(text, value, _ignore) != option.kind.parse(text, option.kind.zero, _ignore)
    except Refused:
        is_added = True  # it will be refused again when the object is built, and there the option is known
    return [*texts, text] if is_added else [f"{','.join(texts)},{text}"]


def _ignore(problem: str, outcome: str) -> None:
    """Pass over a warning: the object is built, and warned of, afterwards."""


def _build(s: Sorcery, object_type: ObjectType, id: str, pairs: Iterable[tuple[str, str]]) -> Object:
    if not id:
        raise Misuse("the id is empty; name the object")
    findings: list[Finding] = []
    obj = object_type.build(id, pairs, compat=s.environment.compat, findings=findings, secrets=s.environment.secrets)
    for finding in findings:
        note(str(finding))
    return obj


def _kept_as(obj: Object, name: str) -> str:
    """Return the name of the lines that hold an option; raises `InvalidObject` for an unknown one, and `Misuse`."""
    own = obj.__sorcery__
    option = own.option(name)
    if option is None:
        own.draft(obj.id).apply(name, "")  # raises what an unknown option raises, and takes an extended field
        return name
    lines = dict.fromkeys(
        line for line, _ in obj.settings() if (found := own.option(line)) and found.attribute == option.attribute
    )
    if lines and option.name not in lines:
        raise Misuse(f"--reset {name}: what it sets is kept as {' and '.join(lines)}; reset that")
    return option.name


def _require_references(s: Sorcery, obj: Object, *, allow_dangling: bool) -> None:
    """Refuse an object that refers to one that does not exist; raises `InvalidObject`, and `Unavailable`."""
    for option, type_name, id in references(obj):
        if type_name not in s.types or not is_kept(s, type_name) or _exists(s, type_name, id):
            continue  # of other types nothing is known here
        error = InvalidObject(
            obj.__sorcery__.name,
            obj.id,
            f"no such {type_name} exists",
            option=option,
            value=id,
            remedy=f"create the {type_name} or correct the name"
            + ("" if allow_dangling else ", or use --allow-dangling"),
        )
        if not allow_dangling:
            raise error
        note(str(error))


def _exists(s: Sorcery, type_name: str, id: str) -> bool:
    try:
        return s.retrieve_by_id(type_name, id) is not None
    except InvalidObject:
        return True  # a row that is no good is there all the same; `check` tells of it


def _report(session: Session, change: PlannedChange, written: Written | None) -> None:
    """Print the change and, where its type lies in several stores or it is queued, what each of them made of it."""
    stores = written.stores if written and (len(written.stores) > 1 or written.is_queued) else ()
    if session.json:
        told = {"stores": [{"store": label, "outcome": effect.value} for label, effect in stores]} if stores else {}
        print_json(change_data(change) | told)
        return
    print_change(change)
    for label, effect in stores:
        print_text(f"    {effect} in {label}")
