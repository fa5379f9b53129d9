"""Where the objects are to be kept: in files, or in a database that an address names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from sorcery import ConfigurationError
from sorcery_cli.exits import Misuse
from sorcery_cli.initial.naming import DATABASE, DRIVERS, naming

if TYPE_CHECKING:
    from sqlalchemy import URL

__all__ = ["FILES", "Backend", "backend_of"]

FILES: Final = "files"


@attrs.frozen(kw_only=True)
class Backend:
    """A place for objects."""

    address: URL | None = attrs.field(default=None, repr=False)
    """Of the database, with the whole path of an SQLite file; None for files."""
    written: str = attrs.field(default="", repr=False)
    """The address as databases.conf says it."""
    driver: str = ""
    """Asterisk's driver for the database."""
    database: str = ""
    """The name that extconfig.conf, databases.conf and the driver's file give it."""

    @property
    def kind(self) -> str:
        """`files`, `sqlite`, `postgresql`, `mysql` or `mariadb`."""
        return self.address.get_backend_name() if self.address is not None else FILES

    @property
    def is_reached(self) -> bool:
        """Whether an Asterisk reaches the database already, by a name of its own for it."""
        return self.kind != FILES and (self.driver, self.database) != (DRIVERS[self.kind], DATABASE)

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database."""
        return Path(self.address.database or "") if self.address is not None and self.kind == "sqlite" else None

    @property
    def password(self) -> str:
        """What the database asks for; empty if the address says none."""
        password = self.address.password if self.address is not None else None
        return str(password) if password else ""

    @property
    def holds_secret(self) -> bool:
        """Whether databases.conf holds the password: it does not where the address comes from the environment."""
        return bool(self.password) and not self.written.startswith("env:")

    @property
    def host(self) -> str:
        """The server's name or the folder of its socket; empty for the usual one of this machine."""
        if self.address is None:
            return ""
        query = self.address.query.get("host", "")
        return self.address.host or (query if isinstance(query, str) else ",".join(query))


def backend_of(text: str, directory: Path) -> Backend:
    """Return what `--backend` names: `files`, an address, or `env:VARIABLE` for one from the environment.

    A relative SQLite file counts from the configuration directory, as in databases.conf. Raises `Misuse`.
    """
    if text == FILES:
        return Backend()
    from sorcery_database import address, file_of

    try:
        url = address(_from_environment(text))
    except ConfigurationError as error:
        raise Misuse(f"--backend: {error}") from error
    if url.get_backend_name() == "sqlite":
        file = file_of(url)
        if file is None:
            raise Misuse("--backend: an SQLite database needs a file; write sqlite:///pbx.db")
        url = url.set(database=str((directory / file).absolute()))
    elif not url.database:
        raise Misuse("--backend: the address names no database; write postgresql://user@host/database")
    driver, database = naming(url.get_backend_name(), directory)
    return Backend(address=url, written=text, driver=driver, database=database)


def _from_environment(text: str) -> str:
    variable = text.removeprefix("env:")
    if variable == text:
        return text
    if not os.environ.get(variable):
        raise Misuse(f"--backend: the environment does not hold {variable}; set it to the address of the database")
    return os.environ[variable]
