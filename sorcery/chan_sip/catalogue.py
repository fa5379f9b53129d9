"""All options of chan_sip, by name, and what to say of a name that is none."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from types import MappingProxyType

from sorcery.chan_sip.general_options import GENERAL_OPTIONS
from sorcery.chan_sip.options import SipOption, Where
from sorcery.chan_sip.peer_options import PEER_OPTIONS

__all__ = ["AUTHENTICATION", "CATALOGUE", "GENERAL", "NAMES", "PEER", "inherited", "unknown"]

CATALOGUE: tuple[SipOption, ...] = (*PEER_OPTIONS, *GENERAL_OPTIONS)
"""Every option; where one name means two things in `[general]` and in peers, there are two."""


def _by_name(*wheres: Where) -> Mapping[str, SipOption]:
    return MappingProxyType({name: each for each in CATALOGUE if each.where in wheres for name in each.names})


PEER = _by_name(Where.PEER, Where.BOTH)
"""The options of peers by each of their names."""
GENERAL = _by_name(Where.GENERAL, Where.BOTH)
"""The options of `[general]`."""
AUTHENTICATION = _by_name(Where.AUTHENTICATION)
"""The options of `[authentication]`."""
NAMES = frozenset(name for each in CATALOGUE for name in each.names)
"""All names of options, wherever they may stand."""
_ENDPOINT_WIDE = frozenset(
    each.name for each in GENERAL_OPTIONS if each.target.startswith("endpoint/") and each.where is Where.GENERAL
)


def inherited(option: SipOption) -> bool:
    """Tell whether a line of `[general]` counts for every peer that does not say otherwise."""
    return option.where is Where.BOTH or option.name in _ENDPOINT_WIDE


def unknown(name: str, known: Mapping[str, SipOption]) -> str:
    """Return what to say of a name that is no option where it stands."""
    folded = name.lower()
    elsewhere = [each.where for each in CATALOGUE if folded in each.names]
    if elsewhere:
        return f"chan_sip passes over it here: it is an option of {elsewhere[0].value.replace('`', '')}"
    near = difflib.get_close_matches(folded, list(known), 1)
    return (
        f"chan_sip knows no such option here; did you mean {near[0]}?" if near else "chan_sip knows no such option here"
    )
