"""Where a feed shows its figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sorcery_cli.exits import Misuse
from sorcery_cli.output import note
from sorcery_feed import Feed
from sorcery_feed.metrics import serving, write_figures

__all__ = ["at", "listening", "place_of", "writer"]


def at(host: str, port: int) -> str:
    """Return a host and a port as one writes them."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def place_of(text: str | None) -> tuple[str, int] | Path | None:
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
def listening(host: str, port: int, feed: Feed) -> Iterator[int]:
    """Show figures by HTTP, and yield the port; raises `Misuse` where it cannot be had."""
    with ExitStack() as held:
        try:
            found = held.enter_context(serving(host, port, feed.figures_text))
        except OSError as error:
            raise Misuse(f"--metrics {at(host, port)}: {error.strerror or error}; choose another") from error
        yield found


def writer(path: Path, feed: Feed) -> Callable[[], None]:
    """Return what writes figures into a file; one that cannot be written is told once."""
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
