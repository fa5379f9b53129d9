"""The object types of Asterisk's PJSIP stack, and of the modules around it.

Each class is the one table of its type's options: names, defaults, kinds, and the rules between options.
"""

from sorcery.objects import Object
from sorcery.pjsip.acl import Acl
from sorcery.pjsip.aeap import AeapClient
from sorcery.pjsip.aor import Aor
from sorcery.pjsip.ari import AriGeneral, AriOutboundWebsocket, AriUser
from sorcery.pjsip.asterisk_publication import AsteriskPublication
from sorcery.pjsip.auth import Auth
from sorcery.pjsip.bucket import BucketBucket, BucketFile
from sorcery.pjsip.config_wizard import Wizard
from sorcery.pjsip.contact import Contact
from sorcery.pjsip.domain_alias import DomainAlias
from sorcery.pjsip.endpoint import Endpoint
from sorcery.pjsip.geolocation import GeolocationLocation, GeolocationProfile
from sorcery.pjsip.global_ import Global
from sorcery.pjsip.identify import Identify
from sorcery.pjsip.inbound_publication import InboundPublication
from sorcery.pjsip.mwi_external import MwiExternalMailboxes
from sorcery.pjsip.nat_hook import NatHook
from sorcery.pjsip.outbound_publish import OutboundPublish
from sorcery.pjsip.phoneprov import Phoneprov
from sorcery.pjsip.pjproject import PjprojectLogMappings
from sorcery.pjsip.registration import Registration
from sorcery.pjsip.resource_list import ResourceList
from sorcery.pjsip.stir_shaken import (
    StirShakenAttestation,
    StirShakenEprofile,
    StirShakenProfile,
    StirShakenTn,
    StirShakenVerification,
)
from sorcery.pjsip.subscription_persistence import SubscriptionPersistence
from sorcery.pjsip.system import System
from sorcery.pjsip.transport import Transport
from sorcery.pjsip.websocket import ChanWebsocketGlobal, WebsocketClient

__all__ = [
    "TYPES",
    "Acl",
    "AeapClient",
    "Aor",
    "AriGeneral",
    "AriOutboundWebsocket",
    "AriUser",
    "AsteriskPublication",
    "Auth",
    "BucketBucket",
    "BucketFile",
    "ChanWebsocketGlobal",
    "Contact",
    "DomainAlias",
    "Endpoint",
    "GeolocationLocation",
    "GeolocationProfile",
    "Global",
    "Identify",
    "InboundPublication",
    "MwiExternalMailboxes",
    "NatHook",
    "OutboundPublish",
    "Phoneprov",
    "PjprojectLogMappings",
    "Registration",
    "ResourceList",
    "StirShakenAttestation",
    "StirShakenEprofile",
    "StirShakenProfile",
    "StirShakenTn",
    "StirShakenVerification",
    "SubscriptionPersistence",
    "System",
    "Transport",
    "WebsocketClient",
    "Wizard",
]

TYPES: tuple[type[Object], ...] = (
    Endpoint,
    Auth,
    Transport,
    Contact,
    Aor,
    DomainAlias,
    Global,
    System,
    Acl,
    Identify,
    Registration,
    OutboundPublish,
    ResourceList,
    SubscriptionPersistence,
    InboundPublication,
    AsteriskPublication,
    Phoneprov,
    GeolocationLocation,
    GeolocationProfile,
    StirShakenAttestation,
    StirShakenVerification,
    StirShakenEprofile,
    StirShakenProfile,
    StirShakenTn,
    MwiExternalMailboxes,
    BucketBucket,
    BucketFile,
    PjprojectLogMappings,
    AeapClient,
    AriGeneral,
    AriUser,
    AriOutboundWebsocket,
    WebsocketClient,
    ChanWebsocketGlobal,
    NatHook,
    Wizard,
)
"""Every type."""
