"""The values that options hold and that are more than texts and numbers, for whoever makes or takes apart some.

Nothing here is imported before somebody asks for it.
"""

from sorcery.pjsip.kinds.access import AccessList, AccessRule
from sorcery.pjsip.kinds.callerid import CallerId
from sorcery.pjsip.kinds.codecprefs import CodecPreference
from sorcery.pjsip.kinds.codecs import CODECS, Codecs
from sorcery.pjsip.kinds.matches import HeaderMatch, SourceMatch, UriMatch
from sorcery.pjsip.kinds.networks import Address, Network, parse_address, parse_network
from sorcery.pjsip.kinds.sockaddr import Bind
from sorcery.pjsip.kinds.uris import Uri

__all__ = [
    "CODECS",
    "AccessList",
    "AccessRule",
    "Address",
    "Bind",
    "CallerId",
    "CodecPreference",
    "Codecs",
    "HeaderMatch",
    "Network",
    "SourceMatch",
    "Uri",
    "UriMatch",
    "parse_address",
    "parse_network",
]
