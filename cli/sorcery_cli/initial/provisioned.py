"""The types that phones and trunks are made of. What remains is the system's own, and stays in files."""

from __future__ import annotations

from typing import Final

from sorcery.objecttype import ObjectType
from sorcery.pjsip import Aor, Auth, Contact, DomainAlias, Endpoint, Identify, Registration

__all__ = ["PROVISIONED"]

PROVISIONED: Final[tuple[ObjectType, ...]] = tuple(
    cls.__sorcery__ for cls in (Endpoint, Auth, Aor, Contact, DomainAlias, Identify, Registration)
)
"""In the order in which files list them."""
