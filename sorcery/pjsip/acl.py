"""The object type `acl`."""

from __future__ import annotations

from sorcery.objects import Object, object_type
from sorcery.options import Value, alias, option
from sorcery.pjsip.kinds.access import AccessList, AccessNames, AccessRules

__all__ = ["Acl"]


@object_type("acl", section="acl", conf="pjsip.conf", since=("12.0.0",))
class Acl(Object):
    """A gate in front of everything: source and Contact addresses that are let in."""

    permit: Value[AccessList] = alias(
        "acl",
        AccessRules(permit=True, empty=False),
        default="",
        doc="Networks accepted as source of any SIP request.",
        since=("12.2.0",),
        is_field=True,
    )
    deny: Value[AccessList] = alias(
        "acl",
        AccessRules(permit=False, empty=False),
        default="",
        doc="Networks refused as source of any SIP request.",
        since=("12.2.0",),
        is_field=True,
    )
    acl: Value[AccessList] = option(
        AccessNames(empty=True),
        default="",
        doc="acl.conf ACLs applied to the source of any SIP request.",
        since=("12.2.0",),
        may_refer_to="acl.conf",
        is_printed=False,
    )
    contact_permit: Value[AccessList] = alias(
        "contact_acl",
        AccessRules(permit=True, empty=False),
        default="",
        doc="Networks accepted in Contact headers.",
        since=("12.2.0",),
        is_field=True,
        misread_as="deny",
        exact_start="contact_",
    )
    contact_deny: Value[AccessList] = alias(
        "contact_acl",
        AccessRules(permit=False, empty=False),
        default="",
        doc="Networks refused in Contact headers.",
        since=("12.2.0",),
        is_field=True,
        misread_as="deny",
        exact_start="contact_",
    )
    contact_acl: Value[AccessList] = option(
        AccessNames(empty=True),
        default="",
        doc="acl.conf ACLs applied to Contact headers.",
        since=("12.2.0",),
        may_refer_to="acl.conf",
        is_printed=False,
        misread_as="deny",
        exact_start="contact_",
    )
