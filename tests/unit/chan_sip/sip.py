"""Texts of sip.conf converted, and looks at what came of them."""

from __future__ import annotations

import tempfile
from pathlib import Path

from sorcery.chan_sip import Conversion, Note, Verdict, convert
from sorcery.conf import read_conf
from sorcery.release import Release

CLOSED = "[general]\nallowguest = no\n"


def converted(text: str, release: Release | None = None) -> Conversion:
    """Convert the text of a sip.conf."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sip.conf"
        path.write_text(text, encoding="utf-8")
        return convert(read_conf(path), release=release)


def peer(lines: str, general: str = "", name: str = "p") -> Conversion:
    """Convert one friend that registers, with these lines besides."""
    return converted(f"{CLOSED}{general}\n[{name}]\ntype = friend\nhost = dynamic\nsecret = s3cretword\n{lines}\n")


def options(made: Conversion, type_name: str, id: str = "p") -> dict[str, str]:
    """Return the options of an object; of one with several lines they stand in one text."""
    found: dict[str, str] = {}
    for part in made.parts:
        if (part.type_name, part.id) == (type_name, id):
            for pair in part.pairs:
                found[pair.option] = f"{found[pair.option]} {pair.text}" if pair.option in found else pair.text
    return found


def ids(made: Conversion, type_name: str) -> list[str]:
    """Return the ids of the objects of a type, in order."""
    return [part.id for part in made.parts if part.type_name == type_name]


def note(made: Conversion, option: str) -> Note:
    """Return the last note of an option."""
    return [each for each in made.notes if each.option == option][-1]


def verdict(made: Conversion, option: str) -> Verdict:
    """Return the verdict on the last line of an option."""
    return note(made, option).verdict
