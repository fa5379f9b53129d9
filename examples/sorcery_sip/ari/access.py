"""Who may use the REST interface."""

from __future__ import annotations

import base64
import ctypes
import ctypes.util
import functools
import hmac
from collections.abc import Callable, Mapping

import attrs

__all__ = ["User", "authenticated", "basic_credentials", "can_crypt"]


def _from_anywhere(address: str) -> bool:
    return True


@attrs.frozen(slots=True)
class User:
    """Somebody with a password: as it is, or hashed the way `crypt(3)` does."""

    name: str
    password: str = attrs.field(repr=False)
    is_crypted: bool = False
    read_only: bool = False
    admits: Callable[[str], bool] = attrs.field(default=_from_anywhere, eq=False, repr=False)
    """Whether it may come from an IP address."""


def authenticated(users: Mapping[str, User], authorization: str, api_key: str) -> User | None:
    """Return the user whose credentials came in the header `Authorization`, else as `name:password` in the query."""
    name, colon, password = (basic_credentials(authorization) or api_key).partition(":")
    user = users.get(name)
    if not colon or user is None:
        return None
    given = _crypted(password, user.password) if user.is_crypted else password
    return user if hmac.compare_digest(given.encode(), user.password.encode()) else None


def basic_credentials(authorization: str) -> str:
    """Return `name:password` of a header's value; nothing if it holds none."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value.strip(), validate=True).decode()
    except ValueError:  # neither ASCII, nor base64, nor UTF-8
        return ""


def can_crypt() -> bool:
    """Return whether this machine has a `crypt(3)`."""
    return _libcrypt() is not None


@functools.cache
def _libcrypt() -> ctypes.CDLL | None:
    """Return the library, which is looked for once: other programs are run for that."""
    name = ctypes.util.find_library("crypt")
    return None if name is None else ctypes.CDLL(name)


def _crypted(password: str, setting: str) -> str:
    """Return a password hashed with the setting of another hash; what no hash equals where that cannot be done."""
    library = _libcrypt()
    assert library is not None  # else `can_crypt` says so
    crypt = library.crypt
    crypt.restype = ctypes.c_char_p
    result: bytes | None = crypt(password.encode(), setting.encode())
    return "" if result is None else result.decode()
