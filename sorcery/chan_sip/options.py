"""What is known of an option of chan_sip: where it may stand, and what it is in PJSIP."""

from __future__ import annotations

import enum

import attrs

from sorcery.chan_sip.words import Reading, as_is, number, yes_no

__all__ = ["SipOption", "Where", "direct", "joint", "lost", "number_to", "states", "switch"]


class Where(enum.Enum):
    """Where an option may stand."""

    GENERAL = "`[general]`"
    PEER = "a peer"
    BOTH = "both"
    """In `[general]` it is the default of all peers."""
    AUTHENTICATION = "`[authentication]`"


@attrs.frozen(slots=True, kw_only=True, eq=False)
class SipOption:
    """One option of `sip.conf`."""

    name: str
    where: Where
    becomes: str = ""
    """What it becomes, in words; empty for what is lost."""
    why: str = ""
    """How its meaning changes, or why it is lost."""
    target: str = ""
    """`type/option` of PJSIP that one line becomes by itself; empty where several lines decide together."""
    reading: Reading = as_is
    accepts: str = ""
    """The words that it knows, for the note on any other."""
    aliases: tuple[str, ...] = ()
    """Older names."""
    repeats: bool = False
    """Each line counts, where of other options the last does."""
    rests: bool = False
    """It is off by default, and off is what PJSIP does."""
    is_state: bool = False
    """No setting, but what a phone registered: a column of `sippeers`."""

    @property
    def names(self) -> tuple[str, ...]:
        """All names that it goes by."""
        return self.name, *self.aliases

    @property
    def is_lost(self) -> bool:
        """Whether PJSIP has nothing like it."""
        return not self.becomes


def direct(
    name: str,
    target: str,
    where: Where = Where.BOTH,
    *,
    reading: Reading = as_is,
    why: str = "",
    accepts: str = "",
    aliases: tuple[str, ...] = (),
    repeats: bool = False,
) -> SipOption:
    """Declare an option each line of which becomes one option of PJSIP."""
    return SipOption(
        name=name,
        where=where,
        becomes=_spoken(target),
        why=why,
        target=target,
        reading=reading,
        accepts=accepts,
        aliases=aliases,
        repeats=repeats,
    )


def switch(name: str, target: str, where: Where = Where.BOTH) -> SipOption:
    """Declare an option that is yes or no on both sides."""
    return direct(name, target, where, reading=yes_no)


def number_to(name: str, target: str, where: Where = Where.BOTH, *, aliases: tuple[str, ...] = ()) -> SipOption:
    """Declare an option that is the same number on both sides."""
    return direct(name, target, where, reading=number, accepts="a number", aliases=aliases)


def joint(
    name: str,
    becomes: str,
    where: Where = Where.BOTH,
    *,
    why: str = "",
    aliases: tuple[str, ...] = (),
    repeats: bool = False,
) -> SipOption:
    """Declare an option that takes thought: a function of the conversion reads it, perhaps with others."""
    return SipOption(name=name, where=where, becomes=becomes, why=why, aliases=aliases, repeats=repeats)


def states(*names: str) -> tuple[SipOption, ...]:
    """Declare columns of `sippeers` that hold what a phone registered, or that only rows have."""
    becomes = "nothing: a state of the row, no setting"
    return tuple(SipOption(name=name, where=Where.PEER, becomes=becomes, is_state=True) for name in names)


def lost(why: str, *names: str, where: Where = Where.GENERAL, rests: bool = False) -> tuple[SipOption, ...]:
    """Declare options that PJSIP has nothing for; of those that `rest` nothing is lost when they are off."""
    return tuple(SipOption(name=name, where=where, why=why, rests=rests) for name in names)


def _spoken(target: str) -> str:
    type_name, _, option = target.partition("/")
    return f"{type_name} `{option}`"
