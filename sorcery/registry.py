"""How a wizard is found by its name."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from sorcery.errors import ConfigurationError, UnknownWizard

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from sorcery.wizard import Wizard

__all__ = ["GROUP", "Factory", "Registry"]

GROUP = "sorcery.wizards"
EXTRAS = {"realtime": "realtime"}
"""Our own wizards that need an extra installed."""

Factory = Callable[[], "Wizard"]


class Registry:
    """Wizards by name: those registered here, then the one entry point of that name.

    Nothing is imported before a wizard is asked for, and one that cannot be imported hides no other.
    """

    def __init__(self) -> None:
        self._factories: dict[str, Factory] = {}
        self._registered: set[str] = set()
        """The names that `register` was called with; the other factories are entry points that were loaded."""
        self._lock = threading.Lock()

    def register(self, name: str, factory: Factory) -> None:
        """Add a wizard; raises `ConfigurationError` if the name is taken here."""
        with self._lock:
            if name in self._factories:
                raise ConfigurationError(f"wizard {name!r} is registered already")
            self._factories[name] = factory
            self._registered.add(name)

    def unregister(self, name: str) -> None:
        """Take a wizard off that was registered here; systems that have it open keep it.

        Raises `UnknownWizard` if there is none.
        """
        with self._lock:
            if name not in self._registered:
                raise UnknownWizard(name, self._registered)
            self._registered.remove(name)
            del self._factories[name]

    def factory(self, name: str) -> Factory:
        """Return what makes the wizard; raises `UnknownWizard`, or `ConfigurationError` if it cannot be loaded."""
        with self._lock:
            found = self._factories.get(name)
            if found is None:
                found = self._factories[name] = _load(name, tuple(self._factories))
            return found


def _load(name: str, known: tuple[str, ...]) -> Factory:
    from importlib.metadata import entry_points  # costs more than the look-up itself

    found = entry_points(group=GROUP)
    named = [point for point in found if point.name == name]
    if not named:
        raise UnknownWizard(name, {*known, *found.names})
    if len({point.value for point in named}) > 1:
        raise ConfigurationError(f"wizard {name!r} is claimed by {' and '.join(map(_claim, named))}")
    try:
        factory: Factory = named[0].load()
    except ImportError as error:
        extra = EXTRAS.get(name)
        remedy = f"install pysorcery[{extra}]" if extra else f"mend the distribution of {_claim(named[0])}"
        raise ConfigurationError(f"wizard {name!r} cannot be loaded: {error}", remedy=remedy) from error
    return factory


def _claim(point: EntryPoint) -> str:
    return f"{point.value} ({point.dist.name})" if point.dist else point.value
