"""The object type `acl`."""

from __future__ import annotations

from sorcery.kinds import Text
from sorcery.objects import Object, object_type
from sorcery.options import option

__all__ = ["Acl"]


@object_type("acl", section="acl", conf="pjsip.conf")
class Acl(Object):
    """A gate in front of everything: source and Contact addresses that are let in."""

    permit: str = option(
        Text(),
        default="",
        doc="Networks accepted as source of any SIP request.",
        since=("12.2.0",),
        is_printed=False,
    )
    deny: str = option(
        Text(),
        default="",
        doc="Networks refused as source of any SIP request.",
        since=("12.2.0",),
        is_printed=False,
    )
    acl: str = option(
        Text(),
        default="",
        doc="acl.conf ACLs applied to the source of any SIP request.",
        since=("12.2.0",),
        is_printed=False,
    )
    contact_permit: str = option(
        Text(), default="", doc="Networks accepted in Contact headers.", since=("12.2.0",), is_printed=False
    )
    contact_deny: str = option(
        Text(), default="", doc="Networks refused in Contact headers.", since=("12.2.0",), is_printed=False
    )
    contact_acl: str = option(
        Text(),
        default="",
        doc="acl.conf ACLs applied to Contact headers.",
        since=("12.2.0",),
        is_printed=False,
    )
