"""The functions of the dialplan, `${NAME(arguments)}`: one module per family, all of them in `STANDARD`."""

from collections.abc import Mapping

from sorcery_sip.pbx.dialplan.functions.calls import CALLS
from sorcery_sip.pbx.dialplan.functions.codes import CODES
from sorcery_sip.pbx.dialplan.functions.dates import DATES
from sorcery_sip.pbx.dialplan.functions.lists import LISTS
from sorcery_sip.pbx.dialplan.functions.logic import LOGIC
from sorcery_sip.pbx.dialplan.functions.mathematics import MATHEMATICS
from sorcery_sip.pbx.dialplan.functions.parties import PARTIES
from sorcery_sip.pbx.dialplan.functions.storage import STORAGE
from sorcery_sip.pbx.dialplan.functions.strings import STRINGS
from sorcery_sip.pbx.dialplan.scope import Function

__all__ = ["STANDARD"]

STANDARD: Mapping[str, Function] = {
    **CALLS,
    **CODES,
    **DATES,
    **LISTS,
    **LOGIC,
    **MATHEMATICS,
    **PARTIES,
    **STORAGE,
    **STRINGS,
}
"""By name; modules register theirs besides, see `World.register`."""
