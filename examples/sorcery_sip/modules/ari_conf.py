"""`http.conf` and `ari.conf`: where the REST interface is served, and to whom."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from pathlib import Path

from sorcery.conf import Category, ConfFile, Variable, read_conf
from sorcery.errors import ConfigurationError, ConfMissing
from sorcery.kinds import is_true
from sorcery.plain import plain
from sorcery_sip.ari.access import User, can_crypt
from sorcery_sip.ari.settings import AriSettings, HttpSettings

__all__ = ["read_ari_conf"]

_LOG = logging.getLogger(__name__)
_PORT, _MOST = 8088, 65535
_FORMATS = ("plain", "crypt")
_USER_OPTIONS = frozenset({"type", "password", "password_format", "read_only", "acl", "permit", "deny"})


def read_ari_conf(directory: Path | None, before: AriSettings | None = None) -> AriSettings:
    """Read both files; blocks on them. `before` stays in force where one is refused.

    The interface is served where `http.conf` says `enabled=yes` and there is an `ari.conf` that does not say
    `enabled=no`. What is wrong is logged with its place.
    """
    if directory is None:
        return AriSettings()
    try:
        http, ari = _read(directory / "http.conf"), _read(directory / "ari.conf")
    except ConfigurationError as error:
        _LOG.error("%s; the REST interface stays as it was", error)
        return before or AriSettings()
    if http is None or ari is None or not _says(http, "enabled", default=False):
        return AriSettings()
    if not _says(ari, "enabled", default=True):
        return AriSettings()
    users = [_user(ari, category, directory / "ari.conf") for category in ari.sections()]
    return AriSettings(_http(http, directory / "http.conf"), {user.name: user for user in users if user is not None})


def _read(path: Path) -> ConfFile | None:
    try:
        return read_conf(path)
    except ConfMissing:
        return None


def _general(conf: ConfFile, key: str) -> Variable | None:
    """Return an option of the section `general`; the last of a name counts."""
    general = conf.category("general")
    variables = general.variables if general is not None else ()
    return next((each for each in reversed(variables) if each.key.lower() == key), None)


def _says(conf: ConfFile, key: str, *, default: bool) -> bool:
    variable = _general(conf, key)
    return default if variable is None else is_true(variable.value)


def _http(conf: ConfFile, path: Path) -> HttpSettings:
    address, port, prefix = (_general(conf, key) for key in ("bindaddr", "bindport", "prefix"))
    return HttpSettings(
        host=address.value if address is not None and address.value else HttpSettings().host,
        port=_PORT if port is None else _port(port, path),
        prefix=f"/{prefix.value.strip('/')}" if prefix is not None and prefix.value.strip("/") else "",
    )


def _port(variable: Variable, path: Path) -> int:
    """Read a port by its number, or by the name of its service."""
    text = variable.value
    if text.isdecimal() and 0 <= int(text) <= _MOST:
        return int(text)
    try:
        return socket.getservbyname(text, "tcp")
    except OSError:
        _LOG.warning("%s:%d: bindport=%s is no port; %d is used", path, variable.line, plain(text), _PORT)
        return _PORT


def _user(conf: ConfFile, category: Category, path: Path) -> User | None:
    """Return the user of a section; None for another section, or after an error for one that is wrong."""

    def refuse(line: int, text: str) -> None:
        _LOG.error("%s:%d: user %s: %s; nobody gets in by that name", path, line, plain(category.name), text)

    options = {variable.key.lower(): variable for variable in category.variables}
    kind = options.get("type")
    if category.name == "general" or kind is None or kind.value != "user":
        return None
    if not _is_right(options, refuse):
        return None
    password, written = options.get("password"), options.get("password_format")
    if password is None or not password.value:
        refuse(category.line, "password is missing; give one")
        return None
    is_crypted = written is not None and written.value.lower() == "crypt"
    read_only = options.get("read_only")
    return User(category.name, password.value, is_crypted, read_only is not None and is_true(read_only.value))


def _is_right(options: dict[str, Variable], refuse: Callable[[int, str], None]) -> bool:
    """Tell whether the options of a user mean something, and log the first that does not."""
    for key, variable in options.items():
        value = variable.value
        if key not in _USER_OPTIONS:
            refuse(variable.line, f"option {plain(key)} is not known; {', '.join(sorted(_USER_OPTIONS))} are")
        elif key in ("acl", "permit", "deny"):
            refuse(variable.line, f"{key} is not served; leave it out and limit bindaddr in http.conf")
        elif key == "password_format" and value.lower() not in _FORMATS:
            refuse(variable.line, f"password_format={plain(value)} is neither plain nor crypt")
        elif key == "password_format" and value.lower() == "crypt" and not can_crypt():
            refuse(variable.line, "password_format=crypt needs the library libcrypt; install it")
        else:
            continue
        return False
    return True
