"""Which section is meant: by its name, and by what tells it from others of that name."""

from __future__ import annotations

import attrs

from sorcery.conf.editing.errors import EditRefused, SectionMissing
from sorcery.conf.editing.survey import Survey
from sorcery.conf.model import Category
from sorcery.place import Place

__all__ = ["Selector", "find", "section", "template"]


@attrs.frozen(slots=True)
class Selector:
    """A section's name, with case, and criteria as a mapping of the `config` wizard has them."""

    name: str
    criteria: tuple[tuple[str, str], ...] = ()
    """(option, value): the first option of each name must have exactly the value."""
    is_template: bool = False

    def __str__(self) -> str:
        wanted = "".join(f" with {key}={value}" for key, value in self.criteria)
        return f"{'template' if self.is_template else 'section'} [{self.name}]{wanted}"

    def fits(self, category: Category) -> bool:
        """Tell whether it is this one."""
        if (category.name, category.template) != (self.name, self.is_template):
            return False
        return all(category.first(key) == value for key, value in self.criteria)


def section(name: str, /, **criteria: str) -> Selector:
    """Name a section: `section("alice", type="endpoint")`."""
    return Selector(name, tuple(criteria.items()))


def template(name: str, /, **criteria: str) -> Selector:
    """Name a template."""
    return Selector(name, tuple(criteria.items()), is_template=True)


def find(survey: Survey, selector: Selector) -> tuple[int, Category]:
    """Return the section that is meant, and its position.

    Raises `SectionMissing`, and `EditRefused` where several fit.
    """
    found = [(position, category) for position, category in survey.named(selector.name) if selector.fits(category)]
    outline = survey.outline
    if not found:
        raise SectionMissing(f"there is no {selector}", place=Place(outline.path), remedy="name one that is there")
    if len(found) > 1:
        lines = ", ".join(str(outline.place_of(category)) for _, category in found)
        raise EditRefused(
            f"{len(found)} sections fit: {selector} ({lines})",
            place=outline.place_of(found[0][1]),
            remedy="add criteria that only one of them fulfils",
        )
    return found[0]
