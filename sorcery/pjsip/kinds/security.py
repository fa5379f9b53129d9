"""Security mechanisms to agree on before registering (RFC 3329, 3GPP TS 33.328)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs

from sorcery.kinds import Kind, Refused, Warn

__all__ = ["MECHANISMS", "SecurityMechanism", "SecurityMechanisms"]

MECHANISMS = ("none", "msrp-tls", "sdes-srtp", "dtls-srtp")


@attrs.frozen(slots=True)
class SecurityMechanism:
    """One mechanism with its parameters; `q` is the preference from 0 to 1 as written, empty when not given."""

    mechanism: str
    parameters: tuple[str, ...] = ()
    q: str = ""

    def __str__(self) -> str:
        return ";".join((self.mechanism, *self.parameters))


class SecurityMechanisms(Kind[tuple[SecurityMechanism, ...]]):
    """A comma list of `mechanism;parameter;…`; what cannot be read is dropped, nothing prints while empty."""

    zero: tuple[SecurityMechanism, ...] = ()

    def parse(self, text: str, before: tuple[SecurityMechanism, ...], warn: Warn) -> tuple[SecurityMechanism, ...]:
        """Read the items that can be read."""
        items = [item.strip() for item in text.split(",")]
        read = [_mechanism(item, warn) for item in items if item]
        return tuple(mechanism for mechanism in read if mechanism is not None)

    def accept(self, value: Any) -> tuple[SecurityMechanism, ...]:
        """Take an iterable of `SecurityMechanism`s or texts."""
        if not isinstance(value, Iterable):
            return super().accept(value)
        found: list[SecurityMechanism] = []
        for item in value:
            text = _written(item) if isinstance(item, SecurityMechanism) else item
            if not isinstance(text, str):
                raise Refused(f"{item!r} is no mechanism", f"pass {self.expects()}")
            found += self.convert(text)
        return tuple(found)

    def expects(self) -> str:
        return f"any of {', '.join(MECHANISMS)}, each with ;parameters"

    def printed(self, value: tuple[SecurityMechanism, ...]) -> str:
        return ", ".join(map(str, value))

    def texts(self, value: tuple[SecurityMechanism, ...]) -> tuple[str, ...]:
        """Write the preferences too, which are never printed."""
        return (",".join(map(_written, value)),)

    def pairs(self, name: str, value: tuple[SecurityMechanism, ...]) -> Iterable[tuple[str, str]]:
        """Print nothing while the list is empty."""
        return ((name, self.printed(value)),) if value else ()


def _mechanism(item: str, warn: Warn) -> SecurityMechanism | None:
    name, *parameters = item.split(";")
    kept, q = [], ""
    for parameter in parameters:
        if parameter.lower().startswith("q="):
            q = parameter[2:].strip()
            if not _is_preference(q):
                warn(f"{q!r} is no preference from 0 to 1", f"{item!r} is dropped")
                return None
        else:
            kept.append(parameter)
    if name.strip().lower() not in MECHANISMS:
        warn(f"{name!r} is none of {', '.join(MECHANISMS)}", f"{item!r} is dropped")
        return None
    return SecurityMechanism(name.strip().lower(), tuple(kept), q)


def _is_preference(text: str) -> bool:
    whole, _, fraction = text.partition(".")
    return text.isascii() and (whole + fraction).isdigit() and 0 <= float(text) <= 1


def _written(value: SecurityMechanism) -> str:
    return f"{value};q={value.q}" if value.q else str(value)
