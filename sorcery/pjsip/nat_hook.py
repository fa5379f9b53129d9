"""The object type `nat_hook`."""

from __future__ import annotations

from sorcery.objects import Object, object_type

__all__ = ["NatHook"]


@object_type("nat_hook", section="res_pjsip")
class NatHook(Object):
    """A mark that Asterisk keeps in memory for code that rewrites addresses; it has no options."""
