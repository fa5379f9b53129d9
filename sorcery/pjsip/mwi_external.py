"""The object type `mwi_external/mailboxes`."""

from __future__ import annotations

from sorcery.kinds import Integer
from sorcery.objects import Object, object_type
from sorcery.options import option

__all__ = ["MwiExternalMailboxes"]


@object_type("mwi_external/mailboxes", section="res_mwi_external", default_mapping="astdb,mwi_external")
class MwiExternalMailboxes(Object):
    """The counts of a mailbox that is kept elsewhere; the id is its name."""

    msgs_new: int = option(Integer(), default="0", doc="New messages.")
    msgs_old: int = option(Integer(), default="0", doc="Old messages.")
