"""Whom a feed tells: what an address and its options on the command line stand for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import attrs

from sorcery import ConfigurationError, Secret
from sorcery.environment import Environment
from sorcery.errors import Unresolvable
from sorcery.pjsip import TYPES
from sorcery.resolving import looks_like_reference, read_secret
from sorcery_ami import AmiAddress
from sorcery_cli.asterisk.visit import secret_of
from sorcery_cli.context import Session, is_address
from sorcery_cli.exits import Misuse
from sorcery_feed import AsteriskTarget, KamailioTarget, RpcAddress, Target
from sorcery_feed.asterisk import Tables, default_tables, tables_of

__all__ = ["Neighbours"]


@attrs.frozen(kw_only=True)
class Neighbours:
    """Makes targets of addresses."""

    session: Session
    environment: Environment
    caches: Mapping[str, str]
    """Names of Asterisk's caches, by type."""
    htables: Mapping[str, str]
    """Names of Kamailio's htables, by table."""
    takes_clear: bool = False
    """Whether passwords may stand in addresses."""

    @classmethod
    def of(
        cls,
        session: Session,
        environment: Environment,
        *,
        caches: Sequence[str],
        htables: Sequence[str],
        takes_clear: bool,
    ) -> Neighbours:
        """Take the options as they are written; raises `Misuse`."""
        named = _pairs("--cache", caches)
        known = {each.__sorcery__.plain_name for each in TYPES}
        for name in named:
            if name not in known:
                raise Misuse(f"--cache: {name} is no type; use one of: {', '.join(sorted(known))}")
        return cls(
            session=session,
            environment=environment,
            caches=named,
            htables=_pairs("--kamailio-htable", htables),
            takes_clear=takes_clear,
        )

    def target(self, text: str, is_there: Callable[[str, str], bool]) -> Target:
        """Return who is at an address; `is_there` tells whether a table holds an id. Raises `Misuse`."""
        if text.startswith("kamailio-rpc"):
            try:
                return KamailioTarget(RpcAddress.parse(text), is_there=is_there, htables=self.htables)
            except ConfigurationError as error:
                raise Misuse(f"--to: {error}") from error
        ami, secret = self._login(text)
        return AsteriskTarget(ami, secret, self._tables(), self.caches)

    def _login(self, text: str) -> tuple[AmiAddress, Secret]:
        """Return an address and the password of its user; raises `Misuse`, which quotes no password."""
        try:
            ami = AmiAddress.parse(text)
        except ConfigurationError as error:
            raise Misuse(f"--to: {error}; or kamailio-rpc://HOST:PORT for a Kamailio") from None
        if looks_like_reference(ami.secret):
            try:
                return ami, Secret(_one_line(read_secret(ami.secret)))
            except Unresolvable as error:
                raise Misuse(f"--to {ami}: {error}") from error
        if ami.secret and not self.takes_clear:
            raise Misuse(
                f"--to {ami}: a password on a command line is seen by all who list processes; "
                "write env:NAME or file:PATH in its place, or add --clear-password"
            )
        target = self.session.target
        found = secret_of(ami, None, None if is_address(target) else Path(target))
        if not found:
            raise Misuse(
                f"--to {ami}: no password of {ami.user} is known; write :env:NAME or :file:PATH behind the user"
            )
        return ami, Secret(found)

    def _tables(self) -> Tables:
        """Return what is kept of tables by an Asterisk that does not show its own configuration."""
        around = self.environment
        if not is_address(self.session.target):
            return tables_of(around.mappings, around.families)
        drivers = {family.driver for lines in around.families.values() for family in lines}
        return default_tables((cls.__sorcery__ for cls in TYPES), min(drivers))


def _one_line(secret: str) -> str:
    if "\n" in secret or "\r" in secret:
        raise Unresolvable("that has several lines", "a password of Asterisk's is one")
    return secret


def _pairs(option: str, texts: Sequence[str]) -> dict[str, str]:
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            raise Misuse(f"{option} {text}: write it as {'TYPE' if option == '--cache' else 'TABLE'}=NAME")
        found[name] = value
    return found
