"""The chain to a process of ours that runs on a configuration: does it answer, and is it up to date."""

from __future__ import annotations

import functools
import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from sorcery.doctor.chains import Chain
from sorcery.doctor.files import check_access
from sorcery.doctor.looking import Looking
from sorcery.errors import CommandRefused, Unavailable
from sorcery.place import Place
from sorcery.running.control import ask
from sorcery.steps import Broken, Limited, Step

__all__ = ["process_chain"]

WAIT: Final = 5.0
"""Seconds for the process to answer."""
TOLD: Final = {"pid", "changed", "errors", "caches", "image_uses"}
"""What it has to tell."""
SHOWN: Final = 3
"""Files that are named."""


def process_chain(socket: Path) -> Chain:
    """Return the chain to the process that listens on a control socket; changes nothing. Blocks on it."""
    return Chain(title=f"process at {socket}", links=Looking().links(_steps(socket)))


def _steps(socket: Path) -> Iterator[Step]:
    told: dict[str, Any] = {}
    yield Step("socket", functools.partial(_socket, socket))
    yield Step("answer", functools.partial(_answer, socket, told))
    reload = f"run: sorcery reload --socket {shlex.quote(str(socket))}"
    yield Step("configuration", lambda: _current(told, reload))
    yield Step("loading", lambda: _loaded(told, reload))
    yield Step("caches", lambda: _caches(told))


def _socket(socket: Path) -> str:
    if not socket.exists():
        raise Broken("there is no such socket", "start the process, or name another --socket", place=Place(str(socket)))
    if not socket.is_socket():
        raise Broken("it is no socket", "name another --socket", place=Place(str(socket)))
    check_access(socket, os.R_OK | os.W_OK)
    return str(socket)


def _answer(socket: Path, told: dict[str, Any]) -> str:
    try:
        status = ask(socket, "status", patience=WAIT)
    except CommandRefused as error:
        raise Broken("it runs an older release, which does not tell its state", "restart it") from error
    except Unavailable as error:
        if isinstance(error.__cause__, ConnectionRefusedError):
            mending = "start the process again; the socket is one that it left behind"
            raise Broken("nobody listens there any more", mending, place=Place(str(socket)), silent=True) from error
        reason, _, remedy = error.reason.partition("; ")
        if error.__cause__ is None:  # somebody answered
            raise Broken(reason, remedy or "see its log", silent=True) from error
        mending = "see its log; end it and start it again if it hangs"
        raise Broken(f"it does not answer: {reason}", mending, silent=True) from error
    if not (isinstance(status, dict) and status.keys() >= TOLD):
        raise Broken("it runs another release, which tells its state otherwise", "restart it")
    told.update(status)
    return f"process {told['pid']}"


def _current(told: dict[str, Any], reload: str) -> str:
    changed = told["changed"]
    if changed:
        named = ", ".join(changed[:SHOWN]) + (f" and {len(changed) - SHOWN} more" if len(changed) > SHOWN else "")
        raise Broken(f"it has not read what changed in {named}", reload, goes_on=True)
    return "it runs on what the files say"


def _loaded(told: dict[str, Any], reload: str) -> str:
    errors = told["errors"]
    if errors:
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise Broken(f"it keeps the last good objects: {errors[0]}{more}", f"mend it, and {reload}", goes_on=True)
    return "without errors"


def _caches(told: dict[str, Any]) -> str | Limited:
    silent = {name: figures["unavailable"] for name, figures in told["caches"].items() if figures.get("unavailable")}
    if silent:
        counts = ", ".join(f"{name} {count}" for name, count in silent.items())
        return Limited(f"questions that no store answered since the start: {counts}", "see the chains of these types")
    images = sum(told["image_uses"].values())
    if images:
        return Limited(f"{images} answers came from the last-known-good image", "see the chains of the stores")
    return f"{len(told['caches'])} caches"
