"""The pieces of a section as sections of their own, which objects are made of like those of any other file."""

from __future__ import annotations

from sorcery.conf import Block, Category, Variable
from sorcery_pjsip_wizard.pieces import Piece
from sorcery_pjsip_wizard.section import WizardSection

__all__ = ["Assembler"]


class Assembler:
    """Writes pieces as sections; what a template passes on is written once, for all that copy it to share."""

    def __init__(self) -> None:
        self._passed: dict[tuple[str, int], tuple[Block, Block]] = {}
        """By prefix and the identity of a template's block, which is kept so that it lasts."""

    def section(self, whole: WizardSection, piece: Piece) -> Category:
        """Return the section of one piece; each line stands where the line of the whole stands that it comes from."""
        category = whole.category
        passed = [self._passed_on(piece.prefix, block) for block in category.blocks]
        added = tuple(_line(whole, *each) for each in piece.added)
        return Category(piece.id, False, (), category.file, category.line, (*filter(None, passed), added))

    def _passed_on(self, prefix: str, block: Block) -> Block:
        if not block[0].inherited:
            return _stripped(prefix, block)
        key = prefix, id(block)
        if key not in self._passed:
            self._passed[key] = block, _stripped(prefix, block)
        return self._passed[key][1]


def _stripped(prefix: str, block: Block) -> Block:
    """Return the lines that begin with the prefix and a slash, without these."""
    start = f"{prefix}/"
    return tuple(
        Variable(name, each.value, each.line, each.operator, each.inherited, each.file)
        for each in block
        if (name := each.key.removeprefix(start)) and each.key.startswith(start)
    )


def _line(whole: WizardSection, option: str, text: str, source: str) -> Variable:
    origin = whole.line(source) or whole.category
    return Variable(option, text, origin.line, file=origin.file)
