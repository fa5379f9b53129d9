"""The links to a running Asterisk, in the order in which they depend on each other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final

from sorcery import ConfigurationError
from sorcery.doctor.chains import Chain
from sorcery.doctor.looking import Looking
from sorcery.steps import Step
from sorcery_ami import AmiAddress
from sorcery_cli.asterisk.databases import databases
from sorcery_cli.asterisk.state import caches, endpoints, families, files, modules
from sorcery_cli.asterisk.visit import Visit, secret_of
from sorcery_cli.context import Session, is_address
from sorcery_cli.exits import Misuse

__all__ = ["asterisk_chain"]

LONG: Final = 60.0
"""Seconds for what takes Asterisk many answers, each of which has a time limit of its own."""


def asterisk_chain(session: Session, address: str, secret: str | None) -> Chain:
    """Return the chain to the Asterisk at an address; changes nothing there. Blocks on it.

    `secret` says where the password is, `env:NAME` or `file:PATH`. Raises `Misuse` for an address or a secret that
    cannot be read.
    """
    try:
        parsed = AmiAddress.parse(address)
    except ConfigurationError as error:
        raise Misuse(f"--ami: {error}") from error
    directory = None if is_address(session.target) else Path(session.target)
    with ExitStack() as held:
        visit = Visit(session, parsed, secret_of(parsed, secret, directory), held)
        return Chain(title=f"Asterisk at {parsed}", links=Looking().links(_steps(visit)))


def _steps(visit: Visit) -> Iterator[Step]:
    yield Step("port", visit.connect)
    yield Step("login", visit.login)
    yield Step("version", visit.version)
    yield Step("modules", partial(modules, visit), patience=LONG)
    if visit.directory is not None:
        yield Step("files", partial(files, visit))
        yield Step("families", partial(families, visit))
        yield Step("databases", partial(databases, visit), patience=LONG)
        yield Step("caches", partial(caches, visit))
    yield Step("endpoints", partial(endpoints, visit), patience=LONG)
