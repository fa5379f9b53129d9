"""The data layer of a SIP system: typed objects, each type stored where its owner wants it."""

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
from sorcery.objecttype import Draft
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
