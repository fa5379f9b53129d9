"""A text that must not be seen."""

from __future__ import annotations

from typing import Any, NoReturn

__all__ = ["Secret"]


class Secret:
    """Hold a password or key so that no log, `repr`, traceback or f-string shows it by accident.

    `reference` is set where the text was found elsewhere: it is what stores keep in the text's place, e.g.
    `env:ALICE_PW`. Immutable, and equal by value. No attrs class, for `attrs.asdict` and printers look into those.
    """

    __slots__ = ("_text", "reference")

    _text: str
    reference: str

    def __init__(self, text: str, reference: str = "") -> None:
        object.__setattr__(self, "_text", text if isinstance(text, str) else "")
        object.__setattr__(self, "reference", reference)
        if not isinstance(text, str):
            name = type(text).__name__
            del text  # what shows the variables of a traceback shows it too
            raise TypeError(f"a Secret is made of text, not of {name}")

    def reveal(self) -> str:
        """Return the text itself; call it only where the text is used."""
        return self._text

    @property
    def stored(self) -> str:
        """The text that stores keep: the reference, or in its absence the text itself."""
        return self.reference or self._text

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a Secret is immutable, so {name} stays as it is")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a Secret is immutable, so {name} stays as it is")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return self._text == other._text and self.reference == other.reference

    def __hash__(self) -> int:
        return hash((self._text, self.reference))

    def __bool__(self) -> bool:
        return bool(self._text)

    def __str__(self) -> str:
        return "********" if self._text else ""

    def __repr__(self) -> str:
        return "Secret('********')" if self._text else "Secret('')"

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return Secret, (self._text, self.reference)
