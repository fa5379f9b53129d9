"""The work of `sorcery feed`: databases, neighbours and files put together from what a command line names."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, Final

import attrs
import typer
from sqlalchemy import Engine, column, literal, select, table
from sqlalchemy.exc import SQLAlchemyError

from sorcery import ConfigurationError, Unavailable
from sorcery.environment import Environment, environment_for_url, read_environment
from sorcery.errors import untraced
from sorcery.pjsip import TYPES
from sorcery_cli.context import Session, is_address
from sorcery_cli.exits import Exit, Misuse
from sorcery_cli.neighbours import Neighbours
from sorcery_cli.output import note, print_json, print_table, print_text, without_passwords
from sorcery_database import address, database_name, new_engine, reason_of
from sorcery_database.outbox import Outbox, Position
from sorcery_feed import Feed, Pair, PositionFile, read_positions
from sorcery_feed.metrics import serving, write_figures

__all__ = ["Wanted", "run", "show_status"]

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
class Source:
    """A database that objects lie in."""

    name: str
    engine: Engine

    def has(self, table_name: str, id: str) -> bool:
        """Tell whether a table has a row with an id; raises `Unavailable`."""
        query = select(literal(1)).select_from(table(table_name)).where(column("id") == id).limit(1)
        try:
            with self.engine.connect() as connection:
                return connection.execute(query).first() is not None
        except SQLAlchemyError as error:
            raise Unavailable(self.name, reason_of(error)) from untraced(error)


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
    environment = _environment(session)
    shown = _metrics(wanted.metrics)
    neighbours = Neighbours.of(
        session, environment, caches=wanted.caches, htables=wanted.htables, takes_clear=wanted.takes_clear
    )
    with ExitStack() as held:
        sources = _sources(environment, held)
        positions = held.enter_context(PositionFile(wanted.state or _usual_state()))
        pairs = [pair for source in sources for pair in _told(wanted.addresses, source, neighbours, positions)]
        feed = Feed(pairs)
        held.enter_context(_logged())
        held.enter_context(_until_told_to_end(feed))
        if isinstance(shown, tuple):
            port = held.enter_context(_listening(*shown, feed))
            note(f"metrics at http://{shown[0]}:{port}/metrics")
        names = ", ".join(dict.fromkeys(pair.target.name for pair in pairs))
        note(f"feeding {names} from {', '.join(source.name for source in sources)}")
        feed.run(_writer(shown, feed) if isinstance(shown, Path) else lambda: None)


def _told(addresses: Sequence[str], source: Source, neighbours: Neighbours, positions: PositionFile) -> Iterator[Pair]:
    """Yield a database with each neighbour; one that is named twice is told once."""
    targets = [neighbours.target(text, source.has) for text in addresses]
    for target in {each.name: each for each in targets}.values():
        kept = Kept(positions, source.name, target.name)
        yield Pair(source=source.name, changes=Outbox(source.engine), target=target, positions=kept)


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
    kept = read_positions(state or _usual_state())
    with ExitStack() as held:
        standings = [
            _standing(source, target, text)
            for source in _sources(_environment(session), held)
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


# Where it reads


def _environment(session: Session) -> Environment:
    if session.target == "memory:":
        raise Misuse("nothing on disk at all tells of changes; name a directory with -C, or a database with --db")
    if is_address(session.target):
        families = (cls.__sorcery__.family for cls in TYPES)
        return environment_for_url(session.target, filter(None, families))
    if not Path(session.target).is_dir():
        raise Misuse(f"{session.target}: no such directory; name one with .conf files, or a database with --db")
    return read_environment(Path(session.target))


def _sources(environment: Environment, held: ExitStack) -> list[Source]:
    """Return the databases that families lie in; raises `Misuse` for none, `NoOutbox` where one tells of no changes."""
    used = dict.fromkeys(family.database for lines in environment.families.values() for family in lines)
    urls = dict.fromkeys(environment.databases[name] for name in used if name in environment.databases)
    if not urls:
        raise Misuse("no family lies in a database whose address is known; write it into databases.conf, or use --db")
    sources = []
    for url in urls:
        try:
            parsed = address(url)
        except ConfigurationError as error:
            raise Misuse(f"{without_passwords(url)}: {error}") from error
        engine = new_engine(parsed, hide_parameters=True, pool_pre_ping=True)
        held.callback(engine.dispose)
        sources.append(Source(database_name(parsed), engine))
        with closing(Outbox(engine)) as outbox:
            outbox.end()
    return sources


# What it leaves


def _usual_state() -> Path:
    """Return the file of positions where a service manager, or else the user, keeps such things."""
    folder = os.environ.get("STATE_DIRECTORY", "").partition(":")[0]
    if folder:
        return Path(folder) / "feed.json"
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state"
    return Path(home) / "sorcery/feed.json"


def _metrics(text: str | None) -> tuple[str, int] | Path | None:
    """Return where figures are shown: a host with a port, or a file; raises `Misuse`."""
    if text is None:
        return None
    host, _, port = text.rpartition(":")
    if port.isdecimal() and "/" not in host:
        if int(port) > 65535:
            raise Misuse(f"--metrics {text}: a port is at most 65535")
        return host.strip("[]") or "127.0.0.1", int(port)
    if "/" not in text:
        raise Misuse(f"--metrics {text}: write HOST:PORT, PORT for loopback, or the path of a file such as ./feed.prom")
    path = Path(text)
    if not path.parent.is_dir():
        raise Misuse(f"--metrics {text}: there is no folder {path.parent}; make it, or name another")
    return path


@contextmanager
def _listening(host: str, port: int, feed: Feed) -> Iterator[int]:
    try:
        server = serving(host, port, feed.figures_text)
        with server as found:
            yield found
    except OSError as error:
        raise Misuse(f"--metrics {host}:{port}: {error.strerror or error}; choose another") from error


def _writer(path: Path, feed: Feed) -> Any:
    is_silent = False

    def write() -> None:
        nonlocal is_silent
        try:
            write_figures(path, feed.figures_text())
            is_silent = False
        except OSError as error:
            if not is_silent:
                note(f"{path}: {error.strerror}; the figures are not written")
            is_silent = True

    return write


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
