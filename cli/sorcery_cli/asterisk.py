"""The chain to a running Asterisk, through its manager interface: does it run on what the files say."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import attrs

from sorcery import Sorcery
from sorcery.conf import read_conf
from sorcery.doctor.chains import Chain
from sorcery.doctor.looking import Looking
from sorcery.errors import ConfigurationError, ConfMissing, Unavailable
from sorcery.place import Place
from sorcery.plain import plain
from sorcery.steps import Broken, Limited, Step
from sorcery_ami import ActionRefused, AmiAddress, AmiClient, Message
from sorcery_cli.context import Session, is_address
from sorcery_cli.exits import Misuse

__all__ = ["asterisk_chain", "secret_of"]

WAIT: Final = 5.0
"""Seconds for each answer."""
LISTING: Final = 60.0
"""Seconds to list the endpoints on both sides."""
SHOWN: Final = 5
"""Endpoints that are named."""
MODULES: Final = {
    "config": "res_sorcery_config",
    "realtime": "res_sorcery_realtime",
    "astdb": "res_sorcery_astdb",
    "memory": "res_sorcery_memory",
    "memory_cache": "res_sorcery_memory_cache",
    "pjsip_wizard": "res_pjsip_config_wizard",
}
"""What Asterisk needs for each wizard."""
DRIVERS: Final = {
    "odbc": "res_config_odbc",
    "pgsql": "res_config_pgsql",
    "mysql": "res_config_mysql",
    "sqlite3": "res_config_sqlite3",
}
"""What it needs for each driver of `extconfig.conf`."""
RELOAD_ODBC: Final = "asterisk -rx 'module reload res_odbc.so'"
RIGHTS: Final = "write = system,command,config,reporting"


def asterisk_chain(session: Session, address: str, secret: str | None) -> Chain:
    """Return the chain to the Asterisk at an address; changes nothing there. Blocks on it.

    `secret` says where the password is, `env:NAME` or `file:PATH`. Raises `Misuse` for an address or a secret that
    cannot be read.
    """
    try:
        parsed = AmiAddress.parse(address)
    except ConfigurationError as error:
        raise Misuse(f"--ami: {error}") from error
    directory = None if is_address(session.target) else Path(session.target)
    with ExitStack() as held:
        visit = _Visit(session, directory, parsed, secret_of(parsed, secret, directory), held)
        return Chain(title=f"Asterisk at {parsed}", links=Looking().links(visit.steps()))


def secret_of(address: AmiAddress, named: str | None, directory: Path | None) -> str:
    """Return the password of a manager: where it is named, in the address, or in `manager.conf`; else empty.

    Raises `Misuse` for one that is named and not there.
    """
    if named is None:
        return address.secret or _written(address.user, directory)
    scheme, _, name = named.partition(":")
    if scheme == "env" and name in os.environ:
        return os.environ[name]
    if scheme == "file" and name:
        try:
            return Path(name).read_text("utf-8").rstrip("\r\n")
        except (OSError, UnicodeError) as error:
            raise Misuse(f"--ami-secret-from: {name} cannot be read; name a file that holds the password") from error
    raise Misuse("--ami-secret-from: write env:NAME of a variable that is set, or file:PATH")


def _written(user: str, directory: Path | None) -> str:
    """Return a manager's password as `manager.conf` has it; empty where it has none, or cannot be read."""
    if directory is None:
        return ""
    try:
        section = read_conf(directory / "manager.conf", directory=directory).category(user)
    except ConfigurationError:
        return ""
    return (section.first("secret") if section else None) or ""


@attrs.define(eq=False)
class _Visit:
    """One look at an Asterisk, over one connection."""

    session: Session
    directory: Path | None
    address: AmiAddress
    secret: str = attrs.field(repr=False)
    held: ExitStack
    client: AmiClient | None = None

    def steps(self) -> Iterator[Step]:
        """Yield the links, in the order in which they depend on each other."""
        yield Step("port", self._connect)
        yield Step("login", self._login)
        yield Step("version", self._version)
        yield Step("modules", self._modules)
        if self.directory is not None:
            yield Step("files", self._files)
            yield Step("families", self._families)
            yield Step("databases", self._databases, patience=30.0)
            yield Step("caches", self._caches)
        yield Step("endpoints", self._endpoints, patience=LISTING)

    def _connect(self) -> str:
        try:
            self.client = self.held.enter_context(AmiClient.connect(self.address, patience=WAIT))
        except Unavailable as error:
            mending = "start Asterisk; in manager.conf, [general], write enabled = yes, bindaddr and port"
            raise Broken(f"{self.address}: {error.reason}", mending, silent=True) from error
        return f"manager interface {self.client.version}"

    @property
    def _asterisk(self) -> AmiClient:
        assert self.client is not None, "a step before this one is broken"
        return self.client

    def _login(self) -> str:
        user = self.address.user
        if not self.secret:
            raise Broken(f"no password of {user} is known", "name it: --ami-secret-from env:NAME or file:PATH")
        try:
            self._asterisk.login(user, self.secret)
        except ActionRefused as error:
            mending = f"correct the password; [{user}] of manager.conf has secret, permit and deny: then run: "
            raise Broken(
                f"Asterisk refuses {user}: {error.reason}", f"{mending}asterisk -rx 'manager reload'"
            ) from error
        return f"as {user}"

    def _ask(self, ask: Callable[[], list[Message]]) -> list[Message]:
        """Ask; raises `Broken` where the user has no right to it."""
        try:
            return ask()
        except ActionRefused as error:
            if "ermission" not in error.reason:
                raise
            mending = (
                f"write {RIGHTS} in [{self.address.user}] of manager.conf, then run: asterisk -rx 'manager reload'"
            )
            raise Broken(f"{self.address.user} may not ask that: {error}", mending, goes_on=True) from error

    def _action(self, name: str, **headers: str) -> list[Message]:
        return self._ask(lambda: self._asterisk.action(name, **headers))

    def _command(self, text: str) -> Sequence[str]:
        return self._action("Command", Command=text)[0].get("Output", "").split("\n")

    def _version(self) -> str:
        return f"Asterisk {plain(self._action('CoreSettings')[0].get('AsteriskVersion', ''))}"

    @functools.cached_property
    def _system(self) -> Sorcery:
        return self.held.enter_context(self.session.open())

    def _mapped(self) -> Iterator[tuple[str, str]]:
        """Yield wizard and arguments of each mapping."""
        for name in self._system.types:
            yield from ((mapping.wizard, mapping.arguments) for mapping in self._system.mappings(name))

    def _modules(self) -> str:
        families = self._system.environment.families
        wanted = {"res_pjsip", "chan_pjsip", "res_pjsip_registrar"}
        for wizard, arguments in self._mapped():
            wanted |= {MODULES[wizard]} & set(MODULES.values()) if wizard in MODULES else set()
            if wizard == "realtime":
                lines = families.get(arguments.partition(",")[0].lower(), ())
                wanted |= {DRIVERS[line.driver] for line in lines if line.driver in DRIVERS}
        if self.directory is None:
            wanted = {"res_pjsip", "chan_pjsip", "res_pjsip_registrar"}
        lacking = [name for name in sorted(wanted) if not self._runs(name)]
        if lacking:
            reason = f"{', '.join(lacking)} {'is' if len(lacking) == 1 else 'are'} not running"
            mending = (
                f"run: asterisk -rx 'module load {lacking[0]}.so' (modules.conf may keep it out; its log says why)"
            )
            raise Broken(reason, mending, goes_on="res_pjsip" not in lacking)
        return f"{len(wanted)} running"

    def _runs(self, module: str) -> bool:
        lines = self._command(f"module show like {module}.so")
        return any(
            line.startswith(f"{module}.so") and " Running" in line and "Not Running" not in line for line in lines
        )

    def _files(self) -> str:
        """Compare what Asterisk reads as `sorcery.conf` and `extconfig.conf` with ours."""
        assert self.directory is not None
        for name in ("sorcery.conf", "extconfig.conf"):
            theirs, ours = self._read_there(name), _read_here(self.directory / name)
            if theirs != ours:
                raise Broken(
                    f"Asterisk reads another {name} than {self.directory / name}",
                    "name its own directory with -C (astetcdir in asterisk.conf), or copy the file",
                    place=Place(str(self.directory / name)),
                    goes_on=True,
                )
        return "the same sorcery.conf and extconfig.conf"

    def _read_there(self, name: str) -> list[tuple[str, str]]:
        try:
            (answer,) = self._action("GetConfig", Filename=name)
        except ActionRefused:  # it is not there
            return []
        return [
            (header, text.replace("=>", "=")) for header, text in answer.items() if header.startswith(("Cat", "Line"))
        ]

    def _families(self) -> str:
        """Compare the families that Asterisk knows: it reads `extconfig.conf` when it starts, or is told to."""
        known: dict[str, str] = {}
        engine = ""
        for line in self._command("core show config mappings"):
            if line.startswith("Config Engine: "):
                engine = line.removeprefix("Config Engine: ").strip()
            elif found := re.match(r"===> (\S+) \(db=(.*), table=(.*)\)", line):
                known[found[1].lower()] = f"{engine},{found[2]},{found[3]}"
        wanted = {
            name: f"{lines[0].driver},{lines[0].database},{lines[0].table}"
            for name, lines in self._system.environment.families.items()
        }
        for name, text in wanted.items():
            if known.get(name) != text:
                there = f"knows {name} as {known[name]}" if name in known else f"does not know {name}"
                mending = "run: asterisk -rx 'module reload extconfig'; if that does not help, restart Asterisk"
                raise Broken(f"Asterisk {there}, where extconfig.conf says {text}", mending, goes_on=True)
        return f"{len(wanted)} known"

    def _databases(self) -> str | Limited:
        """Let Asterisk read a row that there is not, and look what became of its connections."""
        families = self._system.environment.families
        used = {arguments.partition(",")[0].lower() for wizard, arguments in self._mapped() if wizard == "realtime"}
        first = {
            lines[0].database: name for name, lines in families.items() if name in used and lines[0].driver == "odbc"
        }
        if not first:
            return "none by ODBC" if used else "none in use"
        for family in first.values():
            self._command(f"realtime load {family} id sorcery-doctor")
        pools = _pools(self._command("odbc show all"))
        for name in first:
            if name not in pools:
                mending = f"write [{name}] with enabled => yes in res_odbc.conf, then run: {RELOAD_ODBC}"
                raise Broken(f"res_odbc.conf of Asterisk has no [{name}] that is enabled", mending, goes_on=True)
            if pools[name] == 0:
                mending = "see odbc.ini and the log of Asterisk; try: isql -v DSN USER PASSWORD"
                raise Broken(f"Asterisk has no connection to [{name}]", mending, goes_on=True)
        return f"connected: {', '.join(sorted(first))}"

    def _caches(self) -> str:
        names = list(self._system.caches)
        for name in names:
            try:
                self._command(f"sorcery memory cache show {name}")
            except ActionRefused as error:
                mending = "restart Asterisk: it reads sorcery.conf when its modules are loaded"
                raise Broken(f"Asterisk has no cache {name}", mending, goes_on=True) from error
        return f"{len(names)} there"

    def _endpoints(self) -> str:
        """Compare the ids on both sides."""
        listed = self._action("PJSIPShowEndpoints")
        theirs = {each["ObjectName"] for each in listed if each.get("Event") == "EndpointList"}
        ours = {endpoint.id for endpoint in self._system.retrieve_all("endpoint")}
        if theirs == ours:
            return f"{len(ours)} on both sides"
        lacking, extra = _named(ours - theirs), _named(theirs - ours)
        parts = [f"it lacks {lacking}"] * bool(lacking) + [f"it alone has {extra}"] * bool(extra)
        mending = "run: asterisk -rx 'module reload res_pjsip.so'; then its log says what it refuses"
        raise Broken(f"Asterisk has {len(theirs)} endpoints and we have {len(ours)}: {'; '.join(parts)}", mending)


def _named(ids: set[str]) -> str:
    more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
    return ", ".join(map(plain, sorted(ids)[:SHOWN])) + more


def _read_here(path: Path) -> list[tuple[str, str]]:
    """Return the lines of a file as Asterisk's GetConfig numbers them."""
    try:
        conf = read_conf(path, directory=path.parent)
    except ConfMissing:
        return []
    found: list[tuple[str, str]] = []
    for number, section in enumerate(conf.sections()):
        found.append((f"Category-{number:06}", section.name))
        for place, line in enumerate(section.variables):
            found.append((f"Line-{number:06}-{place:06}", f"{line.key}={line.value}"))
    return found


def _pools(lines: Sequence[str]) -> dict[str, int]:
    """Return the connections of each database of ODBC."""
    pools: dict[str, int] = {}
    name = ""
    for line in lines:
        key, _, value = line.strip().partition(":")
        if key == "Name":
            name = value.strip()
        elif key == "Number of active connections" and name:
            pools[name] = int(value.split()[0])
    return pools
