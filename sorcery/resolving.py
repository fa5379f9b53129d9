"""Where secrets lie that a text only refers to: `env:ALICE_PW`, `file:/run/secrets/alice`, `vault:kv/alice#password`.

Asterisk reads such a text literally, and a password may begin like one. So references are followed only where
`[secrets]` in `sorcery.conf`, which Asterisk passes over, or the caller of `Sorcery.open` names their scheme.
"""

from __future__ import annotations

import math
import os
import re
import stat
import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

import attrs

from sorcery.errors import ConfigurationError, Unavailable, Unresolvable
from sorcery.place import Place
from sorcery.secret import Secret

__all__ = [
    "GROUP",
    "NONE",
    "EnvironmentVariables",
    "Remembering",
    "Resolver",
    "Resolvers",
    "SecretFiles",
    "looks_like_reference",
    "open_at_once",
    "read_secret",
    "resolvers_of",
]

GROUP = "sorcery.secrets"
"""The entry points of other resolvers: each is called with what `[secrets]` says, and returns a `Resolver`."""
NONE: Mapping[str, Resolver] = MappingProxyType({})
"""No resolvers."""
REMEMBERED = 30.0
"""Seconds for which the answer of such a resolver is good."""
PAUSE = 5.0
"""Seconds for which one that was down is not asked."""
_PATIENCE = 3
"""Answers in a row that it is down, before that."""
_MOST = 100_000
_LONGEST = 65_536
"""Bytes of the line that a file gives."""
_SCHEME = re.compile(r"[a-z][a-z0-9_-]*\Z")
_USUAL = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*\Z|file:/|vault:\w[\w.-]*/")


class Resolver(Protocol):
    """Finds the secrets of one scheme; called from many threads."""

    def resolve(self, reference: str) -> str:
        """Return the secret that a reference, given without its scheme, stands for; may block.

        Raises `Unresolvable` where there is none, and `Unavailable` where it cannot be said now.
        """
        ...


@attrs.frozen(slots=True)
class EnvironmentVariables:
    """`env:NAME`: a variable of this process."""

    def resolve(self, reference: str) -> str:
        """Return the variable's text; an empty one is no secret."""
        _require_name(reference)
        text = os.environ.get(reference, "")
        if not text:
            raise Unresolvable(f"the environment holds no {reference}", f"set {reference} for this process")
        return text


@attrs.frozen(slots=True)
class SecretFiles:
    """`file:PATH`: the first line of a file beneath one folder, as container platforms mount secrets."""

    folder: Path | None = None
    """None lets any file be read."""

    def resolve(self, reference: str) -> str:
        """Return the file's first line; raises `Unresolvable` also for what lies outside the folder by way of links."""
        path = self.path(reference)
        try:
            with open(path, "rb", opener=open_at_once) as file:
                is_regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
                line = file.readline(_LONGEST + 1) if is_regular else b""
        except OSError as error:
            remedy = "write the secret there" if isinstance(error, FileNotFoundError) else "let this user read it"
            raise Unresolvable(f"{path} cannot be read: {error.strerror}", remedy) from None
        secret = line.rstrip(b"\r\n")
        if not secret or len(line) > _LONGEST:
            what = "its first line is too long" if secret else "its first line is empty"
            what = what if is_regular else "it is no regular file"
            raise Unresolvable(f"{path} holds no secret: {what}", "write the secret into its first line")
        return secret.decode("utf-8", "surrogateescape")

    def path(self, reference: str) -> Path:
        """Return where the secret lies, links followed; raises `Unresolvable` for what the folder does not hold."""
        _require_name(reference)
        if self.folder is None:
            return Path(reference)
        folder = Path(os.path.realpath(self.folder))
        path = Path(os.path.realpath(folder / reference))
        if not path.is_relative_to(folder):
            raise Unresolvable(
                f"{reference} does not lie beneath {self.folder}", f"move it there, or name {path.parent} in [secrets]"
            )
        return path

    def is_exposed(self, reference: str) -> bool:
        """Tell whether others than its owner may read or write the file; False where nobody can say."""
        try:
            return bool(self.path(reference).stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
        except (OSError, Unresolvable):
            return False


class Remembering:
    """Asks another resolver again only when an answer is older than `seconds`: rows are read again and again.

    One that is down costs each who asks it the time that it takes to notice. So after a few in a row to whom it could
    not say anything, nobody asks it for a moment: a load of 25,000 objects would last for days.
    """

    def __init__(
        self, resolver: Resolver, seconds: float = REMEMBERED, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._resolver, self._seconds, self._clock = resolver, seconds, clock
        self._answers: dict[str, tuple[float, Secret]] = {}
        self._failures, self._silence, self._pause = 0, ("", ""), -math.inf
        """How often in a row it could not say anything, what it gave as the reason, and until when nobody asks."""

    def resolve(self, reference: str) -> str:
        """Return the remembered answer, or a new one; raises what the resolver raises, `Unresolvable` for no text."""
        answers, now = self._answers, self._clock()  # what is asked for before all is forgotten is forgotten too
        known = answers.get(reference)
        if known is not None and now - known[0] < self._seconds:
            return known[1].reveal()
        text = self._asked(reference, now)
        if not isinstance(text, str) or not text:  # it is somebody else's: who has no secret may say None
            raise Unresolvable("what was asked for it gave no text", "write the secret there")
        if len(answers) >= _MOST:
            answers.clear()
        answers[reference] = now, Secret(text)
        return text

    def _asked(self, reference: str, now: float) -> str:
        if now < self._pause:
            raise Unavailable(*self._silence)
        try:
            text = self._resolver.resolve(reference)
        except Unavailable as error:
            self._failures += 1
            if self._failures >= _PATIENCE:
                self._silence, self._pause = (error.store, error.reason), self._clock() + PAUSE
            raise
        except Unresolvable:
            self._failures = 0
            raise
        self._failures = 0
        return text

    def forget(self) -> None:
        """Ask anew from now on."""
        self._answers, self._failures, self._pause = {}, 0, -math.inf


@attrs.frozen(slots=True)
class Resolvers:
    """The resolvers of one system, by scheme; without any, every text means itself."""

    by_scheme: Mapping[str, Resolver] = attrs.field(factory=dict, eq=False, repr=False)
    meaning: Hashable = ()
    """What they were made of: as long as it is equal, one system follows the same references."""

    def __bool__(self) -> bool:
        return bool(self.by_scheme)

    def follow(self, secret: Secret) -> Secret:
        """Return the secret that a stored one refers to now, with its reference; the stored text if it is none here.

        Blocks on resolvers; raises `Unresolvable` and `Unavailable`.
        """
        stored = secret.stored
        scheme, colon, rest = stored.partition(":")
        resolver = self.by_scheme.get(scheme) if colon else None
        if resolver is not None:
            return Secret(resolver.resolve(rest), stored)
        return Secret(stored) if secret.reference else secret

    def beside(self, meaning: Hashable) -> Hashable:
        """Return what a mapping means together with these: stores open anew when other references are followed."""
        return (meaning, self.meaning) if self else meaning

    def forget(self) -> None:
        """Let whatever is remembered be asked for anew."""
        for resolver in self.by_scheme.values():
            if isinstance(resolver, Remembering):
                resolver.forget()


def open_at_once(path: str, flags: int) -> int:
    """Open a file, and wait for nobody who would have to write into it."""
    return os.open(path, flags | os.O_NONBLOCK)


def _require_name(reference: str) -> None:
    """Refuse what no file or variable can be called; raises `Unresolvable`."""
    try:
        is_name = b"\0" not in os.fsencode(reference)
    except UnicodeEncodeError:
        is_name = False
    if not is_name:
        raise Unresolvable("no file or variable can be called so", "write its name")


def looks_like_reference(text: str) -> bool:
    """Tell whether a text is written like a reference of one of the usual schemes."""
    return _USUAL.match(text) is not None


def read_secret(reference: str) -> str:
    """Return what `env:NAME` or `file:PATH` stands for, once; any path is read. Raises `Unresolvable`."""
    scheme, _, rest = reference.partition(":")
    readers: Mapping[str, Resolver] = {"env": EnvironmentVariables(), "file": SecretFiles()}
    if scheme not in readers or not rest:
        raise Unresolvable("this names no secret", "write env:NAME or file:PATH")
    return readers[scheme].resolve(rest)


def resolvers_of(lines: Iterable[tuple[str, str, Place | None]], given: Mapping[str, Resolver] = NONE) -> Resolvers:
    """Return the resolvers of the lines (scheme, text, place) of `[secrets]`, and those that a caller gives.

    Those of the caller come first. Raises `ConfigurationError` for a line that means nothing.
    """
    found: dict[str, Resolver] = {}
    meaning: list[Hashable] = []
    for scheme, text, place in lines:
        if scheme in given or text.lower() == "no":
            continue
        found[scheme] = _resolver(scheme, text, place)
        meaning.append((scheme, text))
    for scheme, resolver in given.items():
        if not _SCHEME.match(scheme):
            raise ConfigurationError(f"{scheme!r} is no scheme of references", remedy="name it in small letters")
        found[scheme] = Remembering(resolver)
    return Resolvers(found, (*meaning, *given))


def _resolver(scheme: str, text: str, place: Place | None) -> Resolver:
    if scheme == "env":
        if text.lower() != "yes":
            raise _refused(scheme, text, "it is neither yes nor no", "write env = yes", place)
        return EnvironmentVariables()
    if scheme == "file":
        if not text.startswith("/"):
            raise _refused(scheme, text, "it is no folder's full path", "write file = /run/secrets", place)
        return SecretFiles(Path(text))
    return Remembering(_load(scheme, text, place))


def _load(scheme: str, text: str, place: Place | None) -> Resolver:
    """Return the resolver that another distribution offers under a scheme."""
    from importlib.metadata import entry_points  # costs more than the look-up itself

    found = entry_points(group=GROUP)
    named = [point for point in found if point.name == scheme]
    if len({point.value for point in named}) != 1:
        reason = "several distributions offer that scheme" if named else "nobody offers that scheme"
        known = ", ".join(sorted({"env", "file", *found.names}))
        raise _refused(scheme, text, reason, f"use one of: {known}, or install a distribution with it", place)
    try:
        resolver: Resolver = named[0].load()(text)
    except Exception as error:  # whatever somebody else's module does
        raise _refused(scheme, text, f"{named[0].value} cannot be used: {error}", "mend it", place) from error
    return resolver


def _refused(scheme: str, text: str, reason: str, remedy: str, place: Place | None) -> ConfigurationError:
    return ConfigurationError(f"[secrets] {scheme}={text}: {reason}", place=place, remedy=remedy)
