"""Where the REST interface is served, and to whom: `http.conf`, and the objects of `ari.conf` or another store."""

from __future__ import annotations

import logging
import re
import socket
from collections.abc import Iterator
from pathlib import Path

from sorcery import Sorcery, SorceryError
from sorcery.conf import ConfFile, Variable, read_conf
from sorcery.errors import ConfMissing
from sorcery.kinds import is_true
from sorcery.pjsip import AriGeneral, AriUser
from sorcery.plain import plain
from sorcery_sip.ari.access import User, can_crypt
from sorcery_sip.ari.settings import AriSettings, HttpSettings
from sorcery_sip.modules.access import AccessLists

__all__ = ["read_ari_settings"]

_LOG = logging.getLogger(__name__)
_PORT, _MOST = 8088, 65535
_PATH = re.compile(r"[\w.~/-]+", re.ASCII)


def read_ari_settings(sorcery: Sorcery, lists: AccessLists, before: AriSettings | None = None) -> AriSettings:
    """Read both; blocks. `before` stays in force where a file is refused or a store does not answer.

    The interface is served where `http.conf` says `enabled=yes`, and there are users or an object `ari/general` that
    does not say `enabled=no`. What is wrong is logged.
    """
    try:
        http = _http(sorcery.environment.directory)
        found = sorcery.retrieve_all(AriGeneral)
        users = sorcery.retrieve_all(AriUser)
    except SorceryError as error:
        _LOG.error("%s; the REST interface stays as it was", error)
        return before or AriSettings()
    general = found[0] if found else AriGeneral(id="general", enabled=bool(users))
    if http is None or not general.enabled:
        return AriSettings()
    return AriSettings(
        http,
        {user.name: user for user in _users(users, lists)},
        realm=general.auth_realm,
        origins=_words(general.allowed_origins),
        is_pretty=general.pretty,
        channel_variables=_words(general.channelvars),
    )


def _http(directory: Path | None) -> HttpSettings | None:
    """Return where `http.conf` says to listen, None where it does not; raises `ConfigurationError`."""
    if directory is None:
        return None
    path = directory / "http.conf"
    try:
        conf = read_conf(path)
    except ConfMissing:
        return None
    enabled, address, port, prefix = (_option(conf, key) for key in ("enabled", "bindaddr", "bindport", "prefix"))
    if enabled is None or not is_true(enabled.value):
        return None
    return HttpSettings(
        host=address.value if address is not None and address.value else HttpSettings().host,
        port=_PORT if port is None else _port(port, path),
        prefix="" if prefix is None else _prefix(prefix, path),
    )


def _option(conf: ConfFile, key: str) -> Variable | None:
    """Return an option of the section `general`; the last of a name counts."""
    general = conf.category("general")
    variables = general.variables if general is not None else ()
    return next((each for each in reversed(variables) if each.key.lower() == key), None)


def _prefix(variable: Variable, path: Path) -> str:
    """Read what all paths begin with: nothing, or a slash and words."""
    text = variable.value.strip("/")
    if text and not _PATH.fullmatch(text):
        _LOG.warning("%s:%d: prefix=%s is no path; none is used", path, variable.line, plain(text))
        text = ""
    return f"/{text}" if text else ""


def _port(variable: Variable, path: Path) -> int:
    """Read a port by its number, or by the name of its service."""
    text = variable.value
    if text.isdecimal() and len(text) <= len(str(_MOST)) and int(text) <= _MOST:
        return int(text)
    try:
        return socket.getservbyname(text, "tcp")
    except (OSError, ValueError):
        _LOG.warning("%s:%d: bindport=%s is no port; %d is used", path, variable.line, plain(text), _PORT)
        return _PORT


def _users(users: list[AriUser], lists: AccessLists) -> Iterator[User]:
    """Yield those whose password can be checked here; the log names the others."""
    for user in users:
        is_crypted = user.password_format == "crypt"
        if is_crypted and not can_crypt():
            _LOG.error("ari/user %s: password_format=crypt needs the library libcrypt", plain(user.id))
        else:
            yield User(user.id, user.password.reveal(), is_crypted, user.read_only, _Admission(user, lists))


class _Admission:
    """Tell whether a user may come from an address; the log says why he may not."""

    def __init__(self, user: AriUser, lists: AccessLists) -> None:
        self._user, self._lists = user, lists

    def __call__(self, address: str) -> bool:
        reason = self._lists.refusal_of(self._user.acl, address) if self._user.acl else None
        if reason is not None:
            _LOG.warning("ari/user %s: %s", plain(self._user.id), reason)
        return reason is None


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for part in text.split(",") if (word := part.strip()))
