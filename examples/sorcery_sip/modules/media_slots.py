"""The `m=` lines of a call: their places never change, what fills them may (RFC 3264 8)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import attrs

from sorcery_sip.errors import NegotiationFailed
from sorcery_sip.modules.sdp_handlers import MediaStream, Terms
from sorcery_sip.sdp import MediaDescription

__all__ = ["Slot", "Slots", "Step", "fill", "in_place", "places", "streams_of"]


@attrs.frozen(slots=True)
class Slot:
    """An `m=` line as we write it, and its stream; one that is declined has none."""

    line: MediaDescription
    stream: MediaStream | None = None


Slots = tuple[Slot, ...]


class Step(Protocol):
    """Makes the stream of one line."""

    def __call__(self, index: int, line: MediaDescription, terms: Terms, /) -> MediaStream | None:
        """Return the stream of a line, None to decline it."""


def fill(slots: list[Slot], step: Step, lines: Iterable[MediaDescription], terms: Terms) -> None:
    """Add a slot for each line; those with port 0 stay declined. Raises `NegotiationFailed` when all are."""
    accepted: dict[str, int] = {}
    for index, line in enumerate(lines):
        before = accepted.get(line.media, 0)
        counted = attrs.evolve(terms, accepted=before) if before else terms
        stream = None if line.is_declined else step(index, line, counted)
        if stream is None:
            slots.append(Slot(line.declined))
        else:
            slots.append(Slot(stream.local, stream))
            accepted[line.media] = before + 1
    if not accepted:
        raise NegotiationFailed(488, "no stream has a codec in common with what the endpoint allows")


def places(slots: Slots, wanted: Sequence[str]) -> list[MediaDescription]:
    """Return a line per slot for an offer of the wanted media types: a slot keeps its type while that is wanted.

    What has no slot takes one that is not needed, else a new one at the end. Only the type counts of what these lines
    say, and port 0 where nothing is to be offered.
    """
    left = list(wanted)
    kept: list[MediaDescription | None] = []
    for slot in slots:
        is_kept = slot.stream is not None and slot.line.media in left
        kept.append(slot.line if is_kept else None)
        if is_kept:
            left.remove(slot.line.media)
    lines = []
    for slot, line in zip(slots, kept, strict=True):
        if line is None:
            line = _wanted(left.pop(0)) if left else slot.line.declined
        lines.append(line)
    return lines + [_wanted(media) for media in left]


def in_place(before: Slots, offered: Slots) -> Slots:
    """Return the slots of an offer: what could not be offered keeps the line that it had, or is no line at all."""
    kept = [
        new if new.stream is not None else Slot(old.line.declined) for old, new in zip(before, offered, strict=False)
    ]
    return (*kept, *[new for new in offered[len(before) :] if new.stream is not None])


def streams_of(slots: Iterable[Slot], media: str = "") -> list[MediaStream]:
    """Return the streams that slots have, of one media type or of all."""
    return [slot.stream for slot in slots if slot.stream is not None and media in ("", slot.line.media)]


def _wanted(media: str) -> MediaDescription:
    return MediaDescription(media=media, port=1, protocol="", formats=())
