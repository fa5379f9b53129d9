"""Category headers: `[name]` and `[name](option,option,...)`."""

from __future__ import annotations

from collections.abc import Callable

from sorcery.conf.draft import MAX_NAME, CategoryDraft
from sorcery.conf.drafts import Drafts
from sorcery.conf.filters import Filter
from sorcery.conf.messages import Fault, shown
from sorcery.conf.regex import RegexError
from sorcery.conf.text import cut

__all__ = ["open_category"]

_COMPILED = 10
"""Steps that each character of a condition counts for."""


def open_category(drafts: Drafts, text: str, line: int, file: str, report: Callable[[str, str], None]) -> CategoryDraft:
    """Create the category that a header names, or find the one that it adds to, and make it the latest.

    `report` receives code and text of what is wrong but ends nothing. Raises `Fault`, which ends the file:
    header-unclosed-bracket, header-unclosed-paren, append-target-missing, and those of `Drafts.inherit`.
    """
    name, options = _split(text)
    target = new = CategoryDraft(cut(name, MAX_NAME), file, line, appended=drafts.appended)
    for option in options:
        if option == "!":
            target.template = True
        elif option.startswith("+"):
            target = _existing(drafts, name, option[1:], report)
            target.take_over(new)
            new = CategoryDraft("", "", 0, appended=drafts.appended)
        else:
            drafts.inherit(target, option)
    if target is new:
        drafts.add(target)
    drafts.latest = target
    return target


def _split(text: str) -> tuple[str, list[str]]:
    """Return name and options; whatever else stands behind `]` or `)` is ignored, blanks are kept."""
    name, closed, rest = text[1:].partition("]")
    if not closed:
        raise Fault("header-unclosed-bracket", f"the category header {shown(text)} has no ]")
    if not rest.startswith("("):
        return name, []
    options, closed, _ = rest[1:].partition(")")
    if not closed:
        raise Fault("header-unclosed-paren", f"the options of the category {shown(name)} have no )")
    return name, options.split(",")


def _existing(drafts: Drafts, name: str, condition: str, report: Callable[[str, str], None]) -> CategoryDraft:
    wanted = Filter.parse(condition)
    drafts.compared.spend(_COMPILED * len(condition))
    for draft in drafts.named(name):
        try:
            if wanted.admits(draft.template, draft, drafts.compared.spend):
                return draft
        except RegexError as error:
            report("bad-regex", f"{error} in the condition {shown(condition)}")
    raise Fault("append-target-missing", f"no category {shown(name)} can be added to with {shown(f'(+{condition})')}")
