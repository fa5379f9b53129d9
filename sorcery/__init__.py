"""The data layer of a SIP system: typed objects, each type stored where its owner wants it.

A name comes with its module when it is first asked for, so that who imports one part does not wait for all.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sorcery.draft import Draft
    from sorcery.errors import (
        AlreadyExists,
        ConfigurationError,
        Conflict,
        InvalidObject,
        NotFound,
        NotListed,
        NotWritable,
        PartialWrite,
        SorceryError,
        StillReferred,
        StoreRefused,
        Unavailable,
        UnknownType,
        UnknownWizard,
    )
    from sorcery.findings import Finding, Severity
    from sorcery.instance import Sorcery
    from sorcery.mapping import Mapping
    from sorcery.objects import Object, differences, object_type, rule
    from sorcery.observers import ObjectEvent, Subscription
    from sorcery.options import Value, alias, option
    from sorcery.place import Place
    from sorcery.plan import Plan
    from sorcery.registry import Registry
    from sorcery.report import Report
    from sorcery.secret import Secret
    from sorcery.watching.watcher import Watching
    from sorcery.writing.transaction import Transaction
    from sorcery.writing.written import Effect, Written

__all__ = [
    "AlreadyExists",
    "ConfigurationError",
    "Conflict",
    "Draft",
    "Effect",
    "Finding",
    "InvalidObject",
    "Mapping",
    "NotFound",
    "NotListed",
    "NotWritable",
    "Object",
    "ObjectEvent",
    "PartialWrite",
    "Place",
    "Plan",
    "Registry",
    "Report",
    "Secret",
    "Severity",
    "Sorcery",
    "SorceryError",
    "StillReferred",
    "StoreRefused",
    "Subscription",
    "Transaction",
    "Unavailable",
    "UnknownType",
    "UnknownWizard",
    "Value",
    "Watching",
    "Written",
    "alias",
    "differences",
    "object_type",
    "option",
    "rule",
]

_MODULES = {
    "AlreadyExists": "errors",
    "ConfigurationError": "errors",
    "Conflict": "errors",
    "Draft": "draft",
    "Effect": "writing.written",
    "Finding": "findings",
    "InvalidObject": "errors",
    "Mapping": "mapping",
    "NotFound": "errors",
    "NotListed": "errors",
    "NotWritable": "errors",
    "Object": "objects",
    "ObjectEvent": "observers",
    "PartialWrite": "errors",
    "Place": "place",
    "Plan": "plan",
    "Registry": "registry",
    "Report": "report",
    "Secret": "secret",
    "Severity": "findings",
    "Sorcery": "instance",
    "SorceryError": "errors",
    "StillReferred": "errors",
    "StoreRefused": "errors",
    "Subscription": "observers",
    "Transaction": "writing.transaction",
    "Unavailable": "errors",
    "UnknownType": "errors",
    "UnknownWizard": "errors",
    "Value": "options",
    "Watching": "watching.watcher",
    "Written": "writing.written",
    "alias": "options",
    "differences": "objects",
    "object_type": "objects",
    "option": "options",
    "rule": "objects",
}

if not TYPE_CHECKING:  # type checkers know the names, and are to tell of any other

    def __getattr__(name: str) -> object:
        """Return what stands here under a name, and keep it (PEP 562)."""
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = globals()[name] = getattr(import_module(f"sorcery.{_MODULES[name]}"), name)
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
