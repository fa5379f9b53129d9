"""Telling a running Asterisk which objects to forget and which modules to reload, and what its answers mean."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from sorcery.errors import Unavailable
from sorcery.plain import plain
from sorcery.secret import Secret
from sorcery_ami import ActionRefused, AmiAddress, AmiClient
from sorcery_feed.asterisk.keeping import ONCE, Tables, with_caches
from sorcery_feed.asterisk.running import FULL, NO_CACHE, NOT_HELD, Mode, mode_of, tables_there
from sorcery_feed.errors import TellingRefused
from sorcery_feed.rows import table_key
from sorcery_feed.targets import Command

if TYPE_CHECKING:
    from sorcery_database.outbox import Entry

__all__ = ["AsteriskTarget"]

log = logging.getLogger("sorcery.feed")

POPULATING: Final = 1.0
"""Seconds from one reading of a whole table into a cache to the next."""
RELOADING: Final = 5.0
"""Seconds from one reload of a module to the next."""
DENIED: Final = "Permission denied"
RIGHTS: Final = "write = system,command,config"


class AsteriskTarget:
    """One Asterisk. For one thread."""

    def __init__(
        self, address: AmiAddress, secret: Secret, tables: Tables, caches: Mapping[str, str], *, patience: float = 5.0
    ) -> None:
        """Take where it is, with the password of its user.

        `tables` count where it does not show its own configuration; `caches` are names by type, that count in any
        case. An answer is waited for for `patience` seconds.
        """
        self.name = str(address)
        self._address, self._secret, self._patience = address, secret, patience
        self._given, self._caches = tables, caches
        self._tables: Tables = {}
        self._modes: dict[str, Mode] = {}
        """What the caches hold that it had when it was asked; others may come while it starts."""
        self._client: AmiClient | None = None
        self._noted: set[str] = set()
        """What was told of it once."""

    def connect(self) -> None:
        """Log in, and ask for its mappings and caches; raises `Unavailable`."""
        self.close()
        self._client = client = AmiClient.connect(self._address, patience=self._patience)
        try:
            client.login(self._address.user, self._secret.reveal())
            self._tables = with_caches(self._mapped(client), self._caches)
            self._modes = {name: mode for name in self._named() if (mode := mode_of(client, name)) is not None}
        except ActionRefused as error:
            raise self._unusable(error) from error
        for name in self._named():
            if name not in self._modes:
                self._note(logging.WARNING, f"it has no cache {name}; restart it if sorcery.conf has")

    def commands(self, entry: Entry) -> Iterator[Command]:
        """Yield what makes a change live: first the caches forget it, then what was read once is read again."""
        for kept in self._tables.get(table_key(entry.table), ()):
            id = _told_as(kept.plain_id(entry.id))
            yield from (self._forgetting(name, id) for name in kept.caches)
            if kept.type_name in ONCE:
                yield Command("reload", ONCE[kept.type_name], pause=RELOADING)
            elif kept.type_name == "aor" and id and entry.op != "delete":
                yield Command("qualify", "aor", id)

    def everything(self) -> Iterable[Command]:
        """Return what makes it read everything anew."""
        kept = [each for table in self._tables.values() for each in table]
        forgetting = [self._forgetting(name, "") for each in kept for name in each.caches]
        reloads = [Command("reload", ONCE[each.type_name], pause=RELOADING) for each in kept if each.type_name in ONCE]
        return dict.fromkeys(forgetting + reloads)

    def carry_out(self, command: Command) -> None:
        """Tell it; raises `Unavailable`, also where this user may not, and `TellingRefused`."""
        assert self._client is not None, "it is not connected"
        try:
            _VERBS[command.verb](self._client, command)
        except ActionRefused as error:
            if error.reason == DENIED:
                raise self._unusable(error) from error
            if error.reason.startswith(FULL):
                self._modes[command.subject] = Mode.FULL
                self.carry_out(self._forgetting(command.subject, ""))
            elif not _is_as_good(command, error.reason):
                raise TellingRefused(self.name, str(command), error.reason) from error

    def ping(self) -> None:
        """Hear that it is there; raises `Unavailable`."""
        self.carry_out(Command("ping"))

    def close(self) -> None:
        """Hang up."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _mapped(self, client: AmiClient) -> Tables:
        """Return the tables by its own configuration; those that were given where it shows none."""
        try:
            return tables_there(client) or self._given
        except ActionRefused as error:
            self._note(logging.INFO, f"it does not show its sorcery.conf ({error.reason}); ours counts")
            return self._given

    def _named(self) -> Iterable[str]:
        return dict.fromkeys(name for table in self._tables.values() for each in table for name in each.caches)

    def _forgetting(self, cache: str, id: str) -> Command:
        if self._modes.get(cache) is Mode.FULL:
            return Command("populate", cache, pause=POPULATING)
        return Command("expire", cache, id)

    def _unusable(self, error: ActionRefused) -> Unavailable:
        if error.reason == DENIED:
            return Unavailable(
                self.name,
                f"{self._address.user} may not use {error.action}; "
                f"write {RIGHTS} in its section of manager.conf, and run: asterisk -rx 'manager reload'",
            )
        return Unavailable(self.name, f"{error.action}: {error.reason}")

    def _note(self, level: int, text: str) -> None:
        """Log something once."""
        if text not in self._noted:
            self._noted.add(text)
            log.log(level, "%s: %s", self.name, plain(text))


def _told_as(id: str) -> str:
    """Return an id as a header can hold it; empty, for all objects, where none can."""
    return "" if "\r" in id or "\n" in id else id


def _expire(client: AmiClient, command: Command) -> None:
    if command.id:
        client.action("SorceryMemoryCacheExpireObject", Cache=command.subject, Object=command.id)
    else:
        client.action("SorceryMemoryCacheExpire", Cache=command.subject)


def _populate(client: AmiClient, command: Command) -> None:
    client.action("SorceryMemoryCachePopulate", Cache=command.subject)


def _reload(client: AmiClient, command: Command) -> None:
    client.action("Reload", Module=command.subject)


def _qualify(client: AmiClient, command: Command) -> None:
    quoted = command.id.replace("\\", r"\\").replace('"', r"\"")
    client.command(f'pjsip reload qualify aor "{quoted}"')


def _ping(client: AmiClient, command: Command) -> None:
    client.action("Ping")


_VERBS: Final[Mapping[str, Callable[[AmiClient, Command], None]]] = {
    "expire": _expire,
    "populate": _populate,
    "reload": _reload,
    "qualify": _qualify,
    "ping": _ping,
}


def _is_as_good(command: Command, reason: str) -> bool:
    """Tell whether a refusal says that there is nothing to do: what is not there holds nothing that is old."""
    if command.verb == "qualify":
        return reason.startswith("Unable to retrieve aor")
    if command.verb == "reload":
        return reason == "No such module"
    return reason in (NO_CACHE, NOT_HELD)
