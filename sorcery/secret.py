"""A text that must not be seen."""

from __future__ import annotations

import attrs

__all__ = ["Secret"]


@attrs.frozen(slots=True, repr=False)
class Secret:
    """Hold a password or key so that no log, `repr`, traceback or f-string shows it by accident."""

    _text: str = attrs.field()

    @_text.validator
    def _is_text(self, attribute: object, value: object) -> None:
        if not isinstance(value, str):
            raise TypeError(f"a Secret is made of text, not of {type(value).__name__}")  # never says which

    def reveal(self) -> str:
        """Return the text itself; call it only where the text is used."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __str__(self) -> str:
        return "********" if self._text else ""

    def __repr__(self) -> str:
        return "Secret('********')" if self._text else "Secret('')"
