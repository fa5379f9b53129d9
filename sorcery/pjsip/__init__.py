"""The object types of Asterisk's PJSIP stack.

Each class is the one table of its type's options: names, defaults, kinds, and the rules between options.
"""

from sorcery.objects import Object
from sorcery.pjsip.acl import Acl
from sorcery.pjsip.aor import Aor
from sorcery.pjsip.auth import Auth
from sorcery.pjsip.contact import Contact
from sorcery.pjsip.domain_alias import DomainAlias
from sorcery.pjsip.endpoint import Endpoint
from sorcery.pjsip.global_ import Global
from sorcery.pjsip.identify import Identify
from sorcery.pjsip.registration import Registration
from sorcery.pjsip.system import System
from sorcery.pjsip.transport import Transport

__all__ = [
    "TYPES",
    "Acl",
    "Aor",
    "Auth",
    "Contact",
    "DomainAlias",
    "Endpoint",
    "Global",
    "Identify",
    "Registration",
    "System",
    "Transport",
]

TYPES: tuple[type[Object], ...] = (
    Transport,
    Auth,
    Aor,
    Endpoint,
    Identify,
    Registration,
    Contact,
    DomainAlias,
    Acl,
    Global,
    System,
)
"""Every type, those that others refer to first."""
