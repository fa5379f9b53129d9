"""The list of codecs that `allow` and `disallow` edit."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from typing import Any

import attrs

from sorcery.kinds import Kind, Refused, Warn
from sorcery.pjsip.kinds.containers import NameCollection
from sorcery.pjsip.kinds.cscan import scan_integer

__all__ = ["CODECS", "CodecList", "Codecs"]

CODECS: tuple[str, ...] = (
    *("amr", "amrwb", "codec2", "g723", "ulaw", "alaw", "gsm", "g726", "g726aal2", "adpcm"),
    *("slin", "slin12", "slin16", "slin24", "slin32", "slin44", "slin48", "slin96", "slin192", "lpc10"),
    *("g729", "speex", "speex16", "speex32", "ilbc", "g722", "siren7", "siren14", "g719", "opus"),
    *("jpeg", "png", "h261", "h263", "h263p", "h264", "h265", "mpeg4", "vp8", "vp9"),
    *("red", "t140", "t38", "silk8", "silk12", "silk16", "silk24"),
)
"""What `all` means, in this order: the formats of a Debian build of Asterisk 22."""
_KNOWN = frozenset({*CODECS, "none"})
_SEPARATOR = re.compile("[,|]")


@attrs.frozen(slots=True, repr=False)
class Codecs(NameCollection):
    """Codec names in order of preference, each with the milliseconds of its framing (0: none asked for).

    Immutable: what changes the list returns another one, of which each codec keeps its framing.
    """

    framings: tuple[tuple[str, int], ...] = ()

    @classmethod
    def of(cls, *items: str) -> Codecs:
        """Return the list that items such as `ulaw`, `ulaw:20` or `!all` make, one after the other.

        Raises `Refused`, a `ValueError`, for what is no codec.
        """
        return CodecList().convert(items)

    @property
    def names(self) -> tuple[str, ...]:
        """The codec names in order."""
        return tuple(name for name, _ in self.framings)

    def framing(self, name: str) -> int:
        """Return the milliseconds per packet asked for a codec, or 0."""
        return dict(self.framings).get(name, 0)

    def common(self, other: Container[str]) -> Codecs:
        """Return those that another list has too, in the order of this one."""
        return Codecs(tuple(item for item in self.framings if item[0] in other))

    def first_common(self, other: Container[str]) -> str | None:
        """Return the most preferred codec that another list has too, or None."""
        return next((name for name in self.names if name in other), None)

    def with_first(self, *items: str) -> Codecs:
        """Return the list with some codecs at its beginning, in their order, whether they were in it or not."""
        front = Codecs.of(*items).framings
        return Codecs(tuple((name, ms or self.framing(name)) for name, ms in front)).merged(self)

    def without(self, *names: str) -> Codecs:
        """Return the list without some codecs; those that are not in it do not matter."""
        return Codecs(tuple(item for item in self.framings if item[0] not in names))

    def merged(self, other: Codecs) -> Codecs:
        """Return this list, and after it what only the other one has."""
        return Codecs(self.framings + other.without(*self.names).framings)

    def __str__(self) -> str:
        return ",".join(f"{name}:{ms}" if ms else name for name, ms in self.framings)

    def __repr__(self) -> str:
        return f"Codecs({str(self)!r})"


class CodecList(Kind[Codecs]):
    """Edits the running list; with `removes` an item takes its codec away and `!` adds it."""

    zero = Codecs()

    def __init__(self, *, removes: bool = False) -> None:
        self.removes = removes

    def parse(self, text: str, before: Codecs, warn: Warn) -> Codecs:
        """Apply every item to the list; one bad item refuses the whole line."""
        if not text and self.removes:
            return before
        running = dict(before.framings)
        if text.startswith("(") and text.endswith(")"):
            running, text = {}, text[1:-1]
        for item in _SEPARATOR.split(text):
            self._apply(item.strip(), running)
        return Codecs(tuple(running.items()))

    def _apply(self, item: str, running: dict[str, int]) -> None:
        inverted = item.startswith("!")
        name, colon, framing = item.removeprefix("!").rpartition(":")
        if not colon:
            name, framing = framing, ""
        milliseconds, name = _framing(framing), name.lower()
        if name != "all" and name not in _KNOWN:
            raise Refused(f"{name!r} is no codec", f"write {self.expects()}")
        for codec in CODECS if name == "all" else (name,):
            if inverted == self.removes:
                running.setdefault(codec, milliseconds)
            elif name != "all":
                running.pop(codec, None)
        if name == "all" and inverted != self.removes:
            running.clear()

    def accept(self, value: Any) -> Codecs:
        """Take `Codecs`, an iterable of items, or a mapping of names to framing in milliseconds."""
        if isinstance(value, Codecs):
            value = dict(value.framings)
        elif self.removes or not isinstance(value, Iterable):
            return super().accept(value)
        running: dict[str, int] = {}
        for item in value:
            if not isinstance(item, str):
                raise Refused(f"{item!r} is no codec", f"pass {self.expects()}")
            text = f"{item}:{value[item]}" if isinstance(value, Mapping) else item
            CodecList()._apply(text.strip(), running)
        return Codecs(tuple(running.items()))

    def expects(self) -> str:
        return "codec names with commas between them, all, or !name, for instance !all,opus,ulaw:20"

    def printed(self, value: Codecs) -> str:
        return f"({'|'.join(value)})" if value else "(nothing)"

    def texts(self, value: Codecs) -> tuple[str, ...]:
        """Write the items with their framing, or what is left out of `all`; `!all` for an empty list."""
        return () if self.removes else (_shortest(value) if value else "!all",)

    def overriding(self, value: Codecs) -> tuple[str, ...]:
        """Write `!all` before the items."""
        return () if self.removes else (f"!all,{value}" if value else "!all",)


def _shortest(value: Codecs) -> str:
    """Return the shorter text of two: most of `all` one by one is too long for a column of Asterisk's tables."""
    if 2 * len(value) < len(CODECS):
        return str(value)
    left_out = [name for name in CODECS if name not in value.names]
    if value.framings != tuple((name, 0) for name in CODECS if name not in left_out):
        return str(value)
    return ",".join(["all", *(f"!{name}" for name in left_out)])


def _framing(text: str) -> int:
    """Read the milliseconds; a blank text is none."""
    milliseconds = scan_integer(text) if text.strip() else 0
    if milliseconds is None or milliseconds < 0:
        raise Refused(f"{text!r} is no framing", "write milliseconds after the colon, for instance ulaw:20")
    return milliseconds
