"""Several edits at once: their lines change together, and one look at the result tells whether all are as meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs

from sorcery.conf.editing import sections
from sorcery.conf.editing.checks import check_options, check_unique, is_meant
from sorcery.conf.editing.confined import stays_plain, with_own
from sorcery.conf.editing.contents import Contents, Found
from sorcery.conf.editing.effects import says_same
from sorcery.conf.editing.errors import EditRefused
from sorcery.conf.editing.options import put
from sorcery.conf.editing.sections import Pairs
from sorcery.conf.editing.selector import Selector
from sorcery.conf.editing.survey import Move, Span, Survey
from sorcery.conf.editing.tree import Splice
from sorcery.conf.model import Category
from sorcery.place import Place

__all__ = ["Addition", "Edit", "Removal", "Update", "carried_out"]


@attrs.frozen(slots=True)
class Update:
    """Options of a section get these values, in lines of its own; no value removes an option's lines."""

    selector: Selector
    changes: Mapping[str, Sequence[str]] = attrs.field(repr=False)


@attrs.frozen(slots=True)
class Addition:
    """A new section at the end of a file, named as an include names it; by default the main one."""

    name: str
    pairs: Pairs = attrs.field(repr=False)
    file: str | None = None


@attrs.frozen(slots=True)
class Removal:
    """A section goes, with comments directly above its header unless the file begins with them."""

    selector: Selector


Edit = Update | Addition | Removal


@attrs.frozen(slots=True, eq=False)
class _Planned:
    """One edit, the section that it is about if that is there, and the lines that change."""

    edit: Edit
    found: Found | None
    splices: Sequence[Splice]
    place: Place


def carried_out(before: Contents, edits: Iterable[Edit]) -> Contents:
    """Return the contents after some edits of different sections; raises `EditRefused`, and then none is made."""
    # a new section comes behind a line that goes to the end of the last one
    planned = list(_planned(before, sorted(edits, key=lambda edit: isinstance(edit, Addition))))
    splices = _apart(splice for each in planned for splice in each.splices)
    if any(isinstance(each.edit, Removal) for each in planned):
        splices = [sections.trimmed(before.leaf(splice.path), splice) for splice in splices]
    edited = before.spliced(splices)
    return _confined(before, edited, planned) or _checked(before, edited, planned)


def _planned(before: Contents, edits: Iterable[Edit]) -> Iterator[_Planned]:
    ends: set[str] = set()
    for edit in edits:
        if isinstance(edit, Addition):
            leaf = before.named(edit.file)
            splice = sections.insert(leaf, len(leaf.tree.lines), edit.name, edit.pairs, (), template=False)
            if leaf.path in ends and splice.lines[0]:
                splice = attrs.evolve(splice, lines=(b"", *splice.lines))
            ends.add(leaf.path)
            yield _Planned(edit, None, [splice], Place(leaf.path, splice.start + 1))
            continue
        found = before.find(edit.selector)
        if isinstance(edit, Removal):
            splices = sections.remove(found.body, comments=True)
        else:
            changes = edit.changes.items()
            splices = [splice for key, values in changes for splice in put(found.body, key, values, at_end=False)]
        yield _Planned(edit, found, splices, found.place)


def _apart(splices: Iterable[Splice]) -> list[Splice]:
    """Return the splices with those made one that remove neighbours, and perhaps the same blank lines between them."""
    apart: list[Splice] = []
    for splice in sorted(splices, key=lambda each: (each.path, each.start, each.stop)):
        last = apart[-1] if apart else None
        if last is None or last.lines or last.path != splice.path or splice.start > last.stop:
            apart.append(splice)
        elif not splice.lines:
            apart[-1] = attrs.evolve(last, stop=max(last.stop, splice.stop))
        elif splice.lines[0].startswith(b"["):  # a header where a section goes, with the blank line before it
            apart.append(attrs.evolve(splice, lines=(b"", *splice.lines)))
        else:
            apart.append(splice)
    return apart


# What can reach no further than the sections that it is about


def _confined(before: Contents, edited: Contents, planned: Sequence[_Planned]) -> Contents | None:
    """Return the result with what is known of it without another look, or None where that is not sure."""
    updates = [(each, each.found) for each in planned if each.found is not None]
    additions = [each for each in planned if each.found is None]
    if not all(isinstance(each.edit, Update) for each, _ in updates):
        return None
    if not all(splice.path == before.path for each in additions for splice in each.splices):
        return None
    meant: dict[int, tuple[Category, bytes]] = {}
    for each, found in updates:
        confined = before.confined(found, each.splices)
        if confined is None:
            return None
        _check_update(each, found, confined[0])
        meant[found.position] = confined
    appended = _appended(before, edited, additions)
    if appended is None:
        return None
    categories = {position: category for position, (category, _) in meant.items()}
    known = before.survey.amended(categories, _moves(before, updates, additions), appended)
    if not all(_stands_there(edited, known, found, *meant[found.position]) for _, found in updates):
        return None
    result = attrs.evolve(edited, known=known, looks=before.looks)
    for position in range(len(known.outline.entries) - len(appended), len(known.outline.entries)):
        check_unique(result, position)
    return result


def _stands_there(edited: Contents, known: Survey, found: Found, now: Category, meant: bytes) -> bool:
    """Tell whether a section says in the text that was made what it was meant to say by itself."""
    (span,) = known.spans(found.position)
    text = edited.text(span)
    return text == meant or (stays_plain(text, text) is not None and with_own(found.category, text) == now)


def _moves(
    before: Contents, updates: Iterable[tuple[_Planned, Found]], additions: Sequence[_Planned]
) -> Iterator[Move]:
    """Yield what becomes of lines."""
    if additions:
        yield Move(before.path, len(before.leaf(before.path).tree.lines), is_end=True)
    for splice in (splice for each, _ in updates for splice in each.splices):
        yield Move(splice.path, splice.start, splice.stop - splice.start, len(splice.lines))


def _appended(before: Contents, edited: Contents, additions: Sequence[_Planned]) -> list[tuple[Category, Span]] | None:
    """Return the sections that come behind all others, as the main file's last lines; None if others may see them."""
    stop = len(edited.leaf(before.path).tree.lines) if additions else 0
    found: list[tuple[Category, Span]] = []
    for each in reversed(additions):
        (splice,) = each.splices
        start = stop - len(splice.lines)
        span = Span(before.path, start + (not splice.lines[0]), stop, 0)
        category = before.last_section(edited.text(span), span.start)
        if category is None or not _is_meant(each.edit, category):
            return None
        found.insert(0, (category, span))
        stop = start
    return found


# What may reach further


def _checked(before: Contents, edited: Contents, planned: Sequence[_Planned]) -> Contents:
    """Go through the result, and return it; raises `EditRefused` where anything else changed than was meant."""
    updates = {each.found.position: each for each in planned if each.found and isinstance(each.edit, Update)}
    removed = {each.found.position for each in planned if each.found and isinstance(each.edit, Removal)}
    additions: dict[str, list[_Planned]] = {}
    for each in planned:
        if isinstance(each.edit, Addition):
            additions.setdefault(each.edit.name, []).append(each)
    olds = iter([position for position in range(len(before.outline.entries)) if position not in removed])
    old, added = next(olds, None), list[int]()
    for new in range(len(edited.outline.entries)):
        if old is not None and old not in updates and says_same(before.outline, old, edited.outline, new):
            old = next(olds, None)
            continue
        category = edited.category(new)
        same = additions.get(category.name, [])
        addition = next((each for each in same if _is_meant(each.edit, category)), None)
        if addition is not None:
            same.remove(addition)
            added.append(new)
        elif old in updates and category.name == before.category(old).name:
            update = updates[old]
            assert update.found is not None
            _check_update(update, update.found, category)
            old = next(olds, None)
        else:
            raise _astray(before, old, planned)
    left = [each for same in additions.values() for each in same]
    if old is not None or left:
        raise _astray(before, old, left or planned)
    for position in added:
        check_unique(edited, position)
    return edited


def _is_meant(edit: Edit, category: Category) -> bool:
    return isinstance(edit, Addition) and is_meant(category, edit.name, edit.pairs, (), is_template=False)


def _check_update(planned: _Planned, found: Found, now: Category) -> None:
    assert isinstance(planned.edit, Update)
    check_options(found, now, planned.edit.changes)


def _astray(before: Contents, old: int | None, planned: Sequence[_Planned]) -> EditRefused:
    """Return the refusal of edits with which a section changes that they are not about."""
    remedy = "edit the file by hand"
    if old is None:
        return EditRefused("other sections would come or go with it", place=planned[0].place, remedy=remedy)
    category = before.category(old)
    reason = f"[{category.name}] ({before.place(category)}) would change with it"
    return EditRefused(reason, place=planned[0].place, remedy=remedy)
