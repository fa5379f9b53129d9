"""Files of certificates, revocation lists and keys, and directories of them."""

from __future__ import annotations

import os
import re
from pathlib import Path

from sorcery.kinds import Refused

__all__ = ["CERTIFICATES", "CRLS", "KEYS", "check_directory", "check_pem"]

_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
_MOST_BYTES = 1 << 22

CERTIFICATES = frozenset({b"CERTIFICATE", b"X509 CERTIFICATE", b"TRUSTED CERTIFICATE"})
CRLS = frozenset({b"X509 CRL"})
KEYS = frozenset({b"PRIVATE KEY", b"EC PRIVATE KEY", b"RSA PRIVATE KEY", b"DSA PRIVATE KEY"})
"""The labels of what a file may hold in PEM (RFC 7468)."""


def check_pem(path: str, labels: frozenset[bytes], *, option: str) -> None:
    """Refuse a file that holds none of the labels unencrypted; raises `Refused`, which blames `option`."""
    try:
        with Path(path).open("rb") as file:
            found = _BLOCK.findall(file.read(_MOST_BYTES))
    except (OSError, ValueError):
        raise Refused(f"{path!r} cannot be read", "name a file that this process may read", option=option) from None
    if not any(label in labels and b"ENCRYPTED" not in body for label, body in found):
        wanted = min(labels, key=len).decode()
        raise Refused(f"{path!r} holds no {wanted}", "name a PEM file that holds one, unencrypted", option=option)


def check_directory(path: str, *, option: str, writable: bool = False) -> None:
    """Refuse what is no directory, or one that cannot be used; raises `Refused`, which blames `option`."""
    access = os.R_OK | os.X_OK | (os.W_OK if writable else 0)
    try:
        is_usable = Path(path).is_dir() and os.access(path, access)
    except ValueError:  # no file system takes such a name
        is_usable = False
    if not is_usable:
        verb = "write to" if writable else "read"
        raise Refused(f"{path!r} is no directory to {verb}", "create it, and let this process use it", option=option)
