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
    def user(self) -> str:
        """Who logs in; empty for whoever runs the program."""
        return self._said("username", "user")

    @property
    def password(self) -> str:
        """What the database asks for; empty if the address says none."""
        return self._said("password", "password", "passwd")

    @property
    def holds_secret(self) -> bool:
        """Whether databases.conf holds the password: it does not where the address comes from the environment."""
        parameters = self.address.query if self.address is not None else ()
        is_said = bool(self.password) or any("passw" in name for name in parameters)
        return is_said and not self.written.startswith("env:")

    @property
    def host(self) -> str:
        """The server's name or the folder of its socket; empty for the usual one of this machine."""
        return self._said("host", "host")

    @property
    def port(self) -> str:
        """The server's port; empty for the usual one."""
        return self._said("port", "port")

    def _said(self, part: str, *parameters: str) -> str:
        """Return a part of the address; a parameter behind the `?` that says it counts more."""
        if self.address is None:
            return ""
        found = next((self.address.query[each] for each in parameters if each in self.address.query), None)
        if found is None:
            return str(getattr(self.address, part) or "")
        return found if isinstance(found, str) else ",".join(found)


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
        whole = (directory / file).absolute()
        if whole.parent != directory and not whole.parent.is_dir():
            raise Misuse(f"--backend: there is no directory {whole.parent} for the database; make it first")
        url = url.set(database=str(whole))
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
