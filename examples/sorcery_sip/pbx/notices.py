"""What observers of a channel are told besides its events: what the PBX did with it."""

from __future__ import annotations

import attrs

__all__ = ["ApplicationStarted", "ConnectedLineChanged", "Created", "Ended", "StateChanged", "VariableSet"]


@attrs.frozen(slots=True)
class Created:
    """The channel is new."""


@attrs.frozen(slots=True)
class StateChanged:
    """The channel's state is another."""


@attrs.frozen(slots=True)
class ConnectedLineChanged:
    """The channel's peer speaks with another party now."""


@attrs.frozen(slots=True)
class ApplicationStarted:
    """The dialplan runs an application: `Channel.application` with `Channel.arguments`."""


@attrs.frozen(slots=True)
class VariableSet:
    """A variable was given a value."""

    name: str
    value: str


@attrs.frozen(slots=True)
class Ended:
    """The channel is gone."""
