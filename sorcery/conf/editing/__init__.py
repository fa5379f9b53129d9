"""Editing `.conf` files: what an edit does not concern stays byte for byte as it is."""

from sorcery.conf.editing.batch import Addition, Edit, Removal, Update
from sorcery.conf.editing.correction import Correction
from sorcery.conf.editing.document import Document
from sorcery.conf.editing.errors import EditRefused, FilesChanged, SavedInPart, SectionMissing
from sorcery.conf.editing.selector import Selector, section, template
from sorcery.conf.editing.tree import Tree

__all__ = [
    "Addition",
    "Correction",
    "Document",
    "Edit",
    "EditRefused",
    "FilesChanged",
    "Removal",
    "SavedInPart",
    "SectionMissing",
    "Selector",
    "Tree",
    "Update",
    "section",
    "template",
]
