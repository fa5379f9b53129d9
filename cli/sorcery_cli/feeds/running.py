"""The work of `sorcery feed run`: databases, neighbours and files put together from what a command line names."""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

import attrs

from sorcery_cli.context import Session
from sorcery_cli.feeds.figures import at, listening, place_of, writer
from sorcery_cli.feeds.neighbours import Neighbours
from sorcery_cli.feeds.sources import Source, environment_of, sources_of, usual_state
from sorcery_cli.output import note
from sorcery_database.outbox import Outbox, Position
from sorcery_feed import Feed, Pair, PositionFile

__all__ = ["Wanted", "run"]

ENDS: Final = (signal.SIGINT, signal.SIGTERM)


@attrs.frozen(kw_only=True)
class Wanted:
    """What a feed is asked to do."""

    session: Session
    addresses: Sequence[str] = attrs.field(repr=False)
    caches: Sequence[str] = ()
    htables: Sequence[str] = ()
    metrics: str | None = None
    state: Path | None = None
    takes_clear: bool = False
    """Whether passwords may stand in addresses."""


@attrs.frozen
class Kept:
    """The position of one pair in the file of positions."""

    file: PositionFile
    source: str
    target: str

    def get(self) -> Position | None:
        """Return it, None where there is none."""
        text = self.file.get(self.source, self.target)
        return None if text is None else Position.parse(text)

    def keep(self, position: Position) -> None:
        """Keep it; raises `OSError`."""
        self.file.keep(self.source, self.target, str(position))


def run(wanted: Wanted) -> None:
    """Feed until a signal ends it. Raises `Misuse`, `ConfigurationError`, `Unavailable` for a database at the start."""
    session = wanted.session
    environment = environment_of(session)
    shown = place_of(wanted.metrics)
    neighbours = Neighbours.of(
        session, environment, caches=wanted.caches, htables=wanted.htables, takes_clear=wanted.takes_clear
    )
    with ExitStack() as held:
        sources = sources_of(environment, held)
        positions = held.enter_context(PositionFile(wanted.state or usual_state()))
        pairs = [pair for source in sources for pair in _told(wanted.addresses, source, neighbours, positions)]
        feed = Feed(pairs)
        held.enter_context(_logged())
        held.enter_context(_until_told_to_end(feed))
        if isinstance(shown, tuple):
            port = held.enter_context(listening(*shown, feed))
            note(f"metrics at http://{at(shown[0], port)}/metrics")
        names = ", ".join(dict.fromkeys(pair.target.name for pair in pairs))
        note(f"feeding {names} from {', '.join(source.name for source in sources)}")
        feed.run(writer(shown, feed) if isinstance(shown, Path) else lambda: None)


def _told(addresses: Sequence[str], source: Source, neighbours: Neighbours, positions: PositionFile) -> Iterator[Pair]:
    """Yield a database with each neighbour; one that is named twice is told once."""
    targets = [neighbours.target(text, source.has) for text in addresses]
    for target in {each.name: each for each in targets}.values():
        kept = Kept(positions, source.name, target.name)
        yield Pair(source=source.name, changes=Outbox(source.engine), target=target, positions=kept)


@contextmanager
def _logged() -> Iterator[None]:
    """Let what the feed has to say go to standard error."""
    log, handler = logging.getLogger("sorcery.feed"), logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(level)


@contextmanager
def _until_told_to_end(feed: Feed) -> Iterator[None]:
    """Let a signal end the feed after the commands that are under way."""

    def end(number: int, frame: FrameType | None) -> None:
        feed.stop()

    before = {number: signal.signal(number, end) for number in ENDS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
