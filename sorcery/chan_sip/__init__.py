"""From chan_sip to PJSIP: `sip.conf` and `sippeers` into objects, with a note on every line.

`options` says how an option of chan_sip is declared, `peer_options` and `general_options` are the table of them all;
`identity`, `credentials`, `media`, `calls`, `registrations`, `transports` and `whole` are what takes thought, and
`conversion` calls them.
"""

from sorcery.chan_sip.catalogue import CATALOGUE
from sorcery.chan_sip.conversion import Conversion, convert, convert_rows
from sorcery.chan_sip.layout import pjsip_conf
from sorcery.chan_sip.notes import Note, Verdict
from sorcery.chan_sip.options import SipOption, Where
from sorcery.chan_sip.parts import TYPE_NAMES, Pair, Part

__all__ = [
    "CATALOGUE",
    "TYPE_NAMES",
    "Conversion",
    "Note",
    "Pair",
    "Part",
    "SipOption",
    "Verdict",
    "Where",
    "convert",
    "convert_rows",
    "pjsip_conf",
]
