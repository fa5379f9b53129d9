"""One look at an Asterisk, over one connection, as one user of its manager interface."""

from __future__ import annotations

import functools
import ssl
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import attrs

from sorcery import ConfigurationError, Sorcery, Unavailable
from sorcery.conf import read_conf
from sorcery.environment import Family
from sorcery.errors import Unresolvable
from sorcery.plain import plain
from sorcery.resolving import read_secret
from sorcery.steps import Broken
from sorcery_ami import ActionRefused, AmiAddress, AmiClient, Message
from sorcery_cli.context import Session, is_address
from sorcery_cli.exits import Misuse

__all__ = ["Visit", "secret_of"]

WAIT: Final = 5.0
"""Seconds without a word after which Asterisk is given up."""
RIGHTS: Final = "write = system,command,config,reporting"
PLAIN: Final = "start Asterisk; in manager.conf, [general], write enabled = yes, bindaddr and port"
TLS: Final = (
    "in manager.conf, [general], write tlsenable = yes, tlsbindaddr and tlscertfile; name the host that "
    "the certificate is for, and let this machine trust it"
)
RELOAD: Final = "asterisk -rx 'manager reload'"


def secret_of(address: AmiAddress, named: str | None, directory: Path | None) -> str:
    """Return the password of a manager: where it is named, in the address, or in `manager.conf`; else empty.

    Raises `Misuse` for one that is named and not there.
    """
    if named is None:
        return address.secret or _written(address.user, directory)
    try:
        found = read_secret(named)
    except Unresolvable as error:
        raise Misuse(f"--ami-secret-from: {error}") from error
    if "\n" in found:
        raise Misuse("--ami-secret-from: that has several lines; a password of Asterisk's is one")
    return found


def _written(user: str, directory: Path | None) -> str:
    """Return a manager's password as `manager.conf` has it; empty where it has none, or cannot be read."""
    if directory is None:
        return ""
    try:
        section = read_conf(directory / "manager.conf", directory=directory).category(user)
    except ConfigurationError:
        return ""
    return (section.first("secret") if section else None) or ""


@attrs.define(eq=False)
class Visit:
    """The connection, who we are there, and the system that is compared with it."""

    session: Session
    address: AmiAddress
    secret: str = attrs.field(repr=False)
    held: ExitStack
    """Closes what is opened on the way."""
    _client: AmiClient | None = None

    @property
    def directory(self) -> Path | None:
        """The directory that Asterisk should run on; None for a database."""
        return None if is_address(self.session.target) else Path(self.session.target)

    @functools.cached_property
    def system(self) -> Sorcery:
        """What we make of the same files."""
        return self.held.enter_context(self.session.open())

    def families(self) -> Iterator[tuple[str, Family]]:
        """Yield the families that types are mapped to, each with the line that is asked first."""
        known = self.system.environment.families
        for name in self.system.types:
            for mapping in self.system.mappings(name):
                family = mapping.arguments.partition(",")[0].lower()
                if mapping.wizard == "realtime" and family in known:
                    yield family, known[family][0]

    def connect(self) -> str:
        """Connect, and say which interface answers."""
        try:
            self._client = self.held.enter_context(AmiClient.connect(self.address, patience=WAIT))
        except Unavailable as error:
            mending = TLS if isinstance(error.__cause__, ssl.SSLError) else PLAIN
            raise Broken(f"{self.address}: {error.reason}", mending, silent=True) from error
        return f"manager interface {self._client.version}"

    def login(self) -> str:
        """Log in; raises `Broken` where that is refused."""
        user = self.address.user
        if not self.secret:
            raise Broken(f"no password of {user} is known", "name it: --ami-secret-from env:NAME or file:PATH")
        try:
            self._connected.login(user, self.secret)
        except ActionRefused as error:
            mending = (
                f"correct the password; see secret, permit and deny of [{user}] in manager.conf, and run: {RELOAD}"
            )
            raise Broken(f"Asterisk refuses {user}: {error.reason}", mending) from error
        return f"as {user}"

    def version(self) -> str:
        """Say what runs there."""
        return f"Asterisk {plain(self.action('CoreSettings')[0].get('AsteriskVersion', ''))}"

    def action(self, name: str, **headers: str) -> list[Message]:
        """Carry out an action; raises `Broken` where this user may not, and `ActionRefused`."""
        try:
            return self._connected.action(name, **headers)
        except ActionRefused as error:
            if error.reason != "Permission denied":
                raise
            mending = f"write {RIGHTS} in [{self.address.user}] of manager.conf, and run: {RELOAD}"
            raise Broken(f"{self.address.user} may not ask that: {error}", mending, goes_on=True) from error

    def command(self, text: str) -> Sequence[str]:
        """Return what a command of the console prints; raises as `action`."""
        return self.action("Command", Command=text)[0].get("Output", "").split("\n")

    @property
    def _connected(self) -> AmiClient:
        assert self._client is not None, "the step that connects is broken"
        return self._client
