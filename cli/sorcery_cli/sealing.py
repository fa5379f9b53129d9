"""The work of `sorcery auth seal`: which objects are sealed, in batches of which each is stored or is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from sorcery import Finding, NotWritable, PartialWrite, Sorcery, SorceryError, Unavailable
from sorcery.kinds import Refused, split_names
from sorcery.pjsip import Auth
from sorcery.pjsip.kinds.digests import read_algorithms
from sorcery.pjsip.sealing import HASHES, Unsealable, is_sealed
from sorcery.pjsip.sealing import seal as sealed
from sorcery_cli.changes import advised
from sorcery_cli.context import Session, existing, require_kept, tell_refused
from sorcery_cli.exits import Exit, Misuse, exit_for, message
from sorcery_cli.output import accounting, console, note, print_json, print_text

__all__ = ["Outcome", "Wanted", "require_realm", "run"]

BATCH, BATCH_IN_FILES = 500, 5000
"""Objects per transaction; with each a file is written anew as a whole."""
SHOWN = 20
"""Objects with a reason that people see; JSON holds all of them."""


class UsersUnknown(SorceryError):
    """Objects that cannot be read now: what they answer others with may be among what is to be sealed."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(
            "nothing is sealed while objects that may answer others with a password cannot be read; mend them, name "
            "the auth objects one by one, or use --outbound"
        )
        for finding in findings[:SHOWN]:
            self.add_note(str(finding))
        if len(findings) > SHOWN:
            self.add_note(f"and {len(findings) - SHOWN} more: `sorcery check` lists them all")


@attrs.frozen
class Wanted:
    """What is asked for, whichever objects it concerns."""

    realm: str
    algorithms: tuple[str, ...]
    outbound: bool = False
    """Whether those that answer others are sealed too."""

    @classmethod
    def parse(cls, realm: str, algorithms: str, *, outbound: bool) -> Wanted:
        """Read the options; raises `Misuse`."""
        require_realm("--realm", realm)
        return cls(realm, _algorithms(algorithms), outbound)


def require_realm(option: str, text: str) -> None:
    """Refuse what names no realm that a digest could be made for; raises `Misuse`."""
    if text.strip() in ("", "*"):
        raise Misuse(f"{option} {text!r} is none; name the realm that phones are challenged with")


@attrs.frozen
class Change:
    """One object before and after."""

    old: Auth
    new: Auth

    def __str__(self) -> str:
        return f"auth {self.new.id}: {', '.join(self.new.password_digest)} of realm {self.new.realm}"


@attrs.define
class Outcome:
    """What became of the objects."""

    is_dry: bool = False
    done: list[Change] = attrs.field(factory=list)
    """Those that were sealed, or would be."""
    left: int = 0
    """How many are sealed already."""
    skipped: dict[str, str] = attrs.field(factory=dict)
    """Why an object is not to be sealed, by its id."""
    failed: dict[str, str] = attrs.field(factory=dict)
    """Why an object could not be stored, by its id."""
    inherited: list[str] = attrs.field(factory=list)
    """Those whose former password is that of a template still, which is shared and stays as it is."""
    stopped: Unavailable | PartialWrite | None = None
    """What ended the work before all was tried."""
    is_named: bool = False
    """The objects were named one by one: none of them is skipped as a matter of course."""

    @property
    def exit(self) -> Exit:
        """The exit code."""
        if self.stopped:
            return exit_for(self.stopped)
        return Exit.FINDINGS if self.failed or (self.is_named and self.skipped) else Exit.GOOD

    def data(self) -> dict[str, Any]:
        """Return what JSON holds."""
        return {
            "dry_run": self.is_dry,
            "sealed": [each.new.id for each in self.done],
            "left": self.left,
            "skipped": _reasons(self.skipped),
            "failed": _reasons(self.failed),
            "inherited": self.inherited,
            "stopped": message(self.stopped) if self.stopped else None,
        }

    def print(self, *, json: bool) -> None:
        """Print it: the reasons on standard error, what was done on standard output."""
        if json:
            print_json(self.data())
            return
        reasons = [f"not sealed: auth {id}: {reason}" for id, reason in self.failed.items()]
        reasons += [f"skipped: auth {id}: {reason}" for id, reason in self.skipped.items()]
        for reason in reasons[:SHOWN]:
            note(reason)
        if len(reasons) > SHOWN:
            note(f"and {len(reasons) - SHOWN} more: --json lists them all")
        if self.inherited:
            shown = ", ".join(self.inherited[:SHOWN]) + (", …" if len(self.inherited) > SHOWN else "")
            note(f"take the password out of the templates of {shown}: there it stands in clear, and nobody needs it")
        if self.stopped:
            note(f"stopped: {message(self.stopped)}; start it again once the store answers")
        if self.is_dry:
            print_text("\n".join(map(str, self.done)) or "nothing would be sealed")
        verb = "would be sealed" if self.is_dry else "sealed"
        counts = f"{len(self.done)} {verb}, {self.left} sealed before, {len(self.skipped)} skipped"
        print_text(f"{counts}, {len(self.failed)} failed")


def run(
    session: Session, ids: Sequence[str], wanted: Wanted, *, writable: bool, batch: int | None, dry_run: bool
) -> Outcome:
    """Seal the named objects, or all without any.

    Raises `NotFound`, `NotKept`, `NotWritable`, `UsersUnknown` and `Unavailable`.
    """
    outcome = Outcome(dry_run, is_named=bool(ids))
    with session.open(writable=writable) as s:
        require_kept(s, "auth")
        chosen = _chosen(s, ids)
        users = {} if wanted.outbound else _users(s)
        if not (ids or wanted.outbound) and (unknown := s.unreadable(_answering(s))):
            raise UsersUnknown(unknown)
        changes = list(_changes(chosen, users, wanted, outcome))
        if dry_run:
            outcome.done = changes
        else:
            lies_in_files = any(mapping.wizard == "config" for mapping in s.mappings(Auth))
            with accounting(lambda: f"{len(outcome.done)} sealed; the same command goes on with the rest"):
                _carry_out(s, changes, batch or (BATCH_IN_FILES if lies_in_files else BATCH), outcome)
            if lies_in_files and not outcome.stopped:
                outcome.inherited = _inherited(s, outcome.done)
    return outcome


def _chosen(s: Sorcery, ids: Sequence[str]) -> list[Auth]:
    if not ids:
        tell_refused(s, "auth")
        return s.retrieve_all(Auth)
    found = [existing(s, "auth", id) for id in dict.fromkeys(ids)]
    return [each for each in found if isinstance(each, Auth)]


def _changes(auths: Sequence[Auth], users: Mapping[str, str], wanted: Wanted, outcome: Outcome) -> Iterator[Change]:
    """Yield what is to change; the outcome tells of the rest. `users` are those whose passwords stay."""
    for auth in auths:
        if is_sealed(auth):
            outcome.left += 1
        elif auth.id in users:
            outcome.skipped[auth.id] = (
                f"{users[auth.id]} answers others with it, and they choose realm and algorithm; "
                "use --outbound if --realm is theirs"
            )
        else:
            try:
                yield Change(auth, sealed(auth, wanted.realm, wanted.algorithms))
            except Unsealable as error:
                outcome.skipped[auth.id] = f"{error.reason}; {error.remedy}" if error.remedy else error.reason


def _users(s: Sorcery) -> Mapping[str, str]:
    """Return who answers challenges with an auth object, by its id."""
    users: dict[str, str] = {}
    for name in _answering(s):
        for obj in s.retrieve_all(name):
            for id in obj.outbound_auth:
                users.setdefault(id, f"{name} {obj.id}")
    return users


def _answering(s: Sorcery) -> list[str]:
    """Return the types whose objects answer challenges."""
    options = {name: cls.__sorcery__.options.get("outbound_auth") for name, cls in s.types.items()}
    return [name for name, option in options.items() if option is not None and option.refers_to]


def _carry_out(s: Sorcery, changes: Sequence[Change], size: int, outcome: Outcome) -> None:
    """Store the changes in transactions of a bounded size, and show how far it is."""
    from rich.progress import Progress

    terminal = console(stderr=True)
    with Progress(console=terminal, transient=True, disable=not terminal.is_terminal) as progress:
        bar = progress.add_task("sealing", total=len(changes))
        for start in range(0, len(changes), size):
            part = changes[start : start + size]
            try:
                _store_or_split(s, part, outcome)
            except (Unavailable, PartialWrite) as error:
                outcome.stopped = error
                return
            progress.advance(bar, len(part))


def _inherited(s: Sorcery, done: Sequence[Change]) -> list[str]:
    """Return the ids of those that had to be given a line `password =`: without it that of a template would count."""
    audit = s.audit([Auth])
    return [each.new.id for each in done if audit.place(each.new, "password") != audit.place(each.new)]


def _store_or_split(s: Sorcery, changes: Sequence[Change], outcome: Outcome) -> None:
    """Store changes as a whole; if they are refused, each half by itself, down to those that are to blame.

    Raises `Unavailable` and `PartialWrite`, and `NotWritable` where no object of the type can be stored.
    """
    try:
        with advised(), s.transaction() as transaction:
            for change in changes:
                transaction.update(change.new, expected=change.old)
    except (Unavailable, PartialWrite):
        raise
    except SorceryError as error:
        if isinstance(error, NotWritable) and not error.id:
            raise
        if len(changes) == 1:
            outcome.failed[changes[0].old.id] = message(error)
            return
        half = len(changes) // 2
        for part in (changes[:half], changes[half:]):
            _store_or_split(s, part, outcome)
    else:
        outcome.done.extend(changes)


def _algorithms(text: str) -> tuple[str, ...]:
    """Return the algorithms of an option; raises `Misuse`."""
    try:
        found = read_algorithms(split_names(text))
    except Refused as refusal:
        raise Misuse(f"--algorithm {text}: {refusal.reason}; use {', '.join(HASHES)}") from None
    if not found or any(name not in HASHES for name in found):
        raise Misuse(f"--algorithm {text}: use {', '.join(HASHES)}")
    return found


def _reasons(reasons: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"id": id, "reason": reason} for id, reason in reasons.items()]
