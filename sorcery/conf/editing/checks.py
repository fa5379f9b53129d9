"""What an edit must come to, against what it does come to: its result is parsed, and nothing else may differ."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sorcery.conf.editing.contents import Contents, Found
from sorcery.conf.editing.effects import Options, has_values, unlike
from sorcery.conf.editing.errors import EditRefused
from sorcery.conf.editing.sections import Pairs
from sorcery.conf.messages import shown
from sorcery.conf.model import Category
from sorcery.conf.text import fold
from sorcery.place import Place

__all__ = ["check_options", "check_others", "check_unique", "is_meant", "not_own"]


def check_others(
    before: Contents,
    after: Contents,
    place: Place,
    *,
    without: int | None = None,
    new: int | None = None,
    spared: Collection[str] = (),
) -> None:
    """Refuse an edit after which other sections than the edited one, and those that are spared, say something else.

    The edited one is left out by its positions before and after; those that are spared are named without case.
    """
    for position in unlike(before.outline, after.outline, without, new):
        if position == len(before.outline.entries):
            raise EditRefused("other sections would come or go with it", place=place, remedy="edit the file by hand")
        category = before.category(position)
        if fold(category.name) not in spared:
            raise EditRefused(
                f"[{category.name}] ({before.place(category)}) would change with it",
                place=place,
                remedy="edit the file by hand; what is inherited changes with shared=True",
            )


def check_options(found: Found, now: Category, changes: Mapping[str, Sequence[str]]) -> None:
    """Refuse an edit after which options of a section do not have the values that were meant, or others changed."""
    category = found.category
    before, after = Options(category), Options(now)
    folded = {key: fold(key) for key in changes}
    wrong = [
        key
        for key, values in changes.items()
        if not has_values(before.all(folded[key]), after.all(folded[key]), values, is_joined=_is_joined(found, key))
    ]
    others = [each.without(set(folded.values())) for each in (before, after)]
    if wrong or others[0] != others[1]:
        what = ", ".join(map(shown, wrong or changes))
        raise EditRefused(
            f"{what} of [{category.name}] would not be read as it is meant",
            place=found.place,
            remedy="edit the file by hand",
        )


def _is_joined(found: Found, key: str) -> bool:
    return any(each.line.adds for each in found.body.settings_of(key))


def check_unique(contents: Contents, position: int) -> None:
    """Refuse a section that has name and type of another: Asterisk takes no object of that type from such a file."""
    category = contents.category(position)
    for other, found in contents.survey.named(category.name):
        same = (found.template, found.first("type")) == (category.template, category.first("type"))
        if other != position and same:
            raise EditRefused(
                f"there is such a section [{category.name}] already",
                place=contents.place(found),
                remedy="edit that one, or use another name",
            )


def not_own(contents: Contents, found: Found, key: str) -> EditRefused:
    """Return why an option that has no line in the section cannot be removed from it."""
    category = found.category
    inherited = [each for each in category.variables if fold(each.key) == fold(key)]
    if not inherited:
        reason, remedy = f"[{category.name}] has no {shown(key)}", "name an option that it has"
        return EditRefused(reason, place=found.place, remedy=remedy)
    origin = contents.outline.place_of(inherited[-1])
    return EditRefused(
        f"[{category.name}] inherits {shown(key)} from {origin}",
        place=found.place,
        remedy="set another value, which overrides it, or remove it from the template",
    )


def is_meant(category: Category, name: str, pairs: Pairs, bases: Sequence[str], *, is_template: bool) -> bool:
    """Tell whether a new section is as it was meant to be."""
    found = [(each.key, each.value) for each in category.variables if not each.inherited]
    said = category.name, found, list(map(fold, category.bases)), category.template
    return said == (name, list(pairs), list(map(fold, bases)), is_template)
