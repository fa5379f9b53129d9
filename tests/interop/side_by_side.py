"""The same calls through a running Asterisk and through our stack, one after the other."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from tests.interop.asterisk import Asterisk
from tests.interop.ports import free_port
from tests.interop.stack import SipStack

T = TypeVar("T")


def through_both(
    root: Path, folder: Path, configuration: Callable[[int], Mapping[str, str]], calls: Callable[[int], T]
) -> tuple[T, T]:
    """Return what `calls` comes to at each server: at Asterisk, then at ours, which has its files in `folder`.

    Both functions are given the port that the server listens on.
    """
    port = free_port()
    with Asterisk(root, configuration(port)):
        theirs = calls(port)
    port = free_port()
    for name, text in configuration(port).items():
        (folder / name).write_text(text)
    with SipStack(folder):
        return theirs, calls(port)
