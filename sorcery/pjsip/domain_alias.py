"""The object type `domain_alias`."""

from __future__ import annotations

from sorcery.kinds import Text
from sorcery.objects import Object, object_type
from sorcery.options import option

__all__ = ["DomainAlias"]


@object_type(
    "domain_alias", section="res_pjsip", family="ps_domain_aliases", conf="pjsip.conf", since=("13.20.0", "15.3.0")
)
class DomainAlias(Object):
    """Another name of a SIP domain; the id is the alias."""

    domain: str = option(Text(), doc="Domain the section name stands for.", since=("12.0.0",), domain_of="endpoint")
