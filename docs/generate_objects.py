"""Write `docs/reference/objects.md` from the declarations of the object types: run it after changing one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sorcery import Object
from sorcery.kinds import Boolean
from sorcery.mapping import default_mapping
from sorcery.objecttype import ObjectType
from sorcery.options import Option
from sorcery.pjsip import TYPES

PAGE = Path(__file__).parent / "reference/objects.md"
HEAD = """\
# Object types and their options

All {types} types of Asterisk's Sorcery that this package knows, with their {options} options; import them from
`sorcery.pjsip`. This page is written by `docs/generate_objects.py`, from the same declarations that read, check and
write the objects.

A section of a file says with `type` what it is; that line is no option. Names of options count in any case unless it
says otherwise. *Since* names the first release of each branch of Asterisk that documents the option. A name that ends
in `*` stands for every name that begins so. A type whose name has a slash is written without what stands before it in
files, in `sorcery.conf` and in AstDB keys; programs and the command name it in full.
"""


def page() -> str:
    """Return the whole page."""
    head = HEAD.format(types=len(TYPES), options=sum(len(cls.__sorcery__.options) for cls in TYPES))
    return "\n".join([head, *_overview(), *(line for cls in TYPES for line in _type(cls))])


def _overview() -> Iterator[str]:
    yield "| type | class | lies in | mapped in `sorcery.conf` | table |"
    yield "|---|---|---|---|---|"
    for cls in TYPES:
        own = cls.__sorcery__
        anchor = own.name.replace("/", "")
        section = f"`[{own.section}] {own.plain_name}`" if own.section else "nowhere"
        table = f"`{own.family}`" if own.family else ""
        yield f"| [{own.name}](#{anchor}) | `{cls.__name__}` | {_place(own)} | {section} | {table} |"
    yield ""


def _place(own: ObjectType) -> str:
    mapping = default_mapping(own)
    if mapping.wizard == "config":
        return f"`{own.conf}`"
    if mapping.wizard == "astdb":
        return f"AstDB, `/{mapping.arguments}/{own.plain_name}`"
    return f"memory (templates: `{own.conf}`)" if own.conf else "memory"


def _type(cls: type[Object]) -> Iterator[str]:
    own = cls.__sorcery__
    yield f"## {own.name}\n"
    yield " ".join(own.doc.split()) + "\n"
    facts = list(_facts(own))
    if facts:
        yield f"{' '.join(facts)}\n"
    if not own.options:
        return
    yield "| option | takes | default | since | |"
    yield "|---|---|---|---|---|"
    for option in own.options.values():
        yield _row(own, option)
    yield ""


def _facts(own: ObjectType) -> Iterator[str]:
    if own.since:
        yield f"Since {', '.join(own.since)}."
    if own.single:
        yield "There is one at most."
    if own.explicit_name:
        yield f"A section named `{own.explicit_name}` is one even without a `type` line."
    if not own.follows_reload:
        yield "A reload leaves it as it was."
    if own.lenient:
        yield "An option that it does not know is passed over with a warning."


def _row(own: ObjectType, option: Option) -> str:
    default = "required" if option.is_required else f"`{option.default}`" if option.default else ""
    takes = "yes or no" if isinstance(option.kind, Boolean) else option.kind.expects()
    cells = (f"`{option.name}`", takes, default, ", ".join(option.since), " ".join(_notes(own, option)))
    return "| " + " | ".join(cell.replace("|", "\\|").replace("<", "&lt;") for cell in cells) + " |"


def _notes(own: ObjectType, option: Option) -> Iterator[str]:
    yield option.doc
    if option.attribute != option.name and not option.is_alias:
        yield f"Attribute `{option.attribute}`."
    if option.is_alias:
        yield f"Sets `{option.attribute}`."
    if option.refers_to:
        yield f"Refers to [{option.refers_to}](#{option.refers_to.replace('/', '')})."
    if option.may_refer_to == "acl.conf":
        yield "Names sections of `acl.conf`."
    elif option.may_refer_to:
        yield f"May refer to [{option.may_refer_to}](#{option.may_refer_to.replace('/', '')})."
    if option.domain_of:
        yield f"Belongs to the ids of [{option.domain_of}](#{option.domain_of}) that end with it."
    if option.secret:
        yield "Secret."
    if option.successor is not None:
        yield f"Deprecated{f': use `{option.successor}`' if option.successor else ''}."
    if option.exact_name:
        yield "Case counts in its name."
    if not option.is_printed and any(each.is_printed for each in own.options.values()):
        yield "Not printed."


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
