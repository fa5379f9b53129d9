"""Recipes: a phone or a trunk, said in a few words, and the objects that belong to it.

A recipe is a function that takes an id and keyword arguments and returns a `Bundle`; it raises `InvalidObject`.
`create` stores a bundle, all or nothing.
"""

from sorcery.recipes.bundle import Bundle
from sorcery.recipes.catalogue import GROUP, RECIPES, Recipe, find, names
from sorcery.recipes.passwords import strong_secret
from sorcery.recipes.phones import ata, phone, softphone, webrtc
from sorcery.recipes.storing import create, prepare, store
from sorcery.recipes.transports import transport
from sorcery.recipes.trunks import registered_trunk, trunk

__all__ = [
    "GROUP",
    "RECIPES",
    "Bundle",
    "Recipe",
    "ata",
    "create",
    "find",
    "names",
    "phone",
    "prepare",
    "registered_trunk",
    "softphone",
    "store",
    "strong_secret",
    "transport",
    "trunk",
    "webrtc",
]
