"""The work of `sorcery feed status`: who was told up to where."""

from __future__ import annotations

from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import typer

from sorcery_cli.context import Session
from sorcery_cli.exits import Exit
from sorcery_cli.feeds.sources import Source, environment_of, sources_of, usual_state
from sorcery_cli.output import print_json, print_table, print_text
from sorcery_database.outbox import Outbox, Position
from sorcery_feed import read_positions

__all__ = ["show_status"]


@attrs.frozen
class Standing:
    """How far a neighbour was told."""

    source: str
    target: str
    is_complete: bool
    """Whether the outbox still holds all that he was not told of."""
    since: float | None
    """When the first change of which he was not told was made."""

    @property
    def is_behind(self) -> bool:
        """Whether a change waits for him."""
        return self.since is not None or not self.is_complete

    def __str__(self) -> str:
        if not self.is_complete:
            return "behind what the outbox still holds"
        return "up to date" if self.since is None else f"behind since {_moment(self.since)}"

    def data(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        since = None if self.since is None else _moment(self.since)
        return {"source": self.source, "target": self.target, "complete": self.is_complete, "waiting_since": since}


def show_status(session: Session, state: Path | None) -> None:
    """Print who was told up to where, and end the run: 1 where somebody is behind, or nobody was fed."""
    kept = read_positions(state or usual_state())
    with ExitStack() as held:
        standings = [
            _standing(source, target, text)
            for source in sources_of(environment_of(session), held)
            for target, text in kept.get(source.name, {}).items()
        ]
    if session.json:
        print_json([each.data() for each in standings])
    elif standings:
        print_table(("database", "told", "stands"), [(each.source, each.target, str(each)) for each in standings])
    else:
        print_text("nobody was fed from here")
    is_good = bool(standings) and not any(each.is_behind for each in standings)
    raise typer.Exit(Exit.GOOD if is_good else Exit.FINDINGS)


def _standing(source: Source, target: str, position: str) -> Standing:
    with closing(Outbox(source.engine)) as outbox:
        batch = outbox.read(Position.parse(position), 1)
    return Standing(source.name, target, batch.is_complete, batch.entries[0].at if batch.entries else None)


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
