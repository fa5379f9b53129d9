"""What surrounds the objects: directories, mappings, realtime families and the addresses of databases.

Read from the files of a configuration directory: `sorcery.conf`, `extconfig.conf`, `asterisk.conf` as Asterisk
reads them, and `databases.conf`, which is ours: one section per database name, with its address as `url`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Table
from pathlib import Path

import attrs

from sorcery.conf import ConfFile, FileStamp, Stamp, read_conf
from sorcery.conf import findings as findings_of
from sorcery.conf.files import is_missing
from sorcery.errors import ConfigurationError, ConfMissing
from sorcery.extconfig import Family, databases_of, families_of
from sorcery.findings import Finding, Severity
from sorcery.kinds import is_true
from sorcery.mapping import Mapping, parse_mapping
from sorcery.place import Place
from sorcery.policy import Policy, names_file, parse_permission, parse_policy
from sorcery.release import Release
from sorcery.resolving import NONE, Resolver, Resolvers, resolvers_of

__all__ = ["Environment", "Family", "Setting", "control_socket", "environment_for_url", "read_environment"]

FILES = ("sorcery.conf", "extconfig.conf", "databases.conf")
DEFAULT_ASTDB_DIRECTORY = "/var/lib/asterisk"
DEFAULT_RUN_DIRECTORY = "/var/run/asterisk"
CONTROL = "sorcery.ctl"
RESERVED = frozenset({"general", "memory_cache", "writes", "image", "target", "secrets", "shadow"})
"""Sections of `sorcery.conf` that map nothing. Asterisk reads `[general]` alone of them."""
PJSIP_WIZARD = "pjsip_wizard.conf"
EXPANDED = ("auth", "aor", "endpoint", "identify", "registration", "phoneprov")
"""The types that the sections of that file stand for."""
DRIVERS = {"sqlite": "sqlite3", "postgresql": "pgsql", "postgres": "pgsql"}


@attrs.frozen(slots=True)
class Setting:
    """One line of a section that maps nothing."""

    name: str
    value: str
    place: Place | None = attrs.field(default=None, eq=False)


@attrs.frozen(slots=True, kw_only=True)
class Environment:
    """Everything outside the objects that loading depends on; an immutable value, read anew on reload."""

    directory: Path | None = None
    """The configuration directory."""
    compat: bool = False
    """Decide and print as Asterisk does even where that is a defect."""
    release: Release | None = None
    """The release of Asterisk that reads what is here: what it does not know is neither loaded nor written."""
    exec_includes: bool = False
    create_on_update_miss: bool = False
    """An update of an absent object creates it (`update_or_create_on_update_miss`)."""
    astdb: Path | None = None
    """The AstDB file."""
    system_name: str = ""
    mappings: Table[str, tuple[Mapping, ...]] = attrs.field(factory=dict)
    """By section of `sorcery.conf`, in lower case."""
    sections: Table[str, tuple[Setting, ...]] = attrs.field(factory=dict)
    """The lines of the sections of `sorcery.conf` that map nothing, as `general` and `writes`."""
    last: Table[str, Mapping] = attrs.field(factory=dict)
    """By type, the mapping behind all others, whatever `sorcery.conf` says: `pjsip_wizard.conf` makes it."""
    policies: Table[str, Policy] = attrs.field(factory=dict)
    """Which stores take the changes of a type, by its name, where `[writes]` says it."""
    writable: bool = False
    """Whether objects may be written into their files, whatever `[writes]` says."""
    writable_files: frozenset[Path] = frozenset()
    """The files that `[writes]` lets objects be written into."""
    secrets: Resolvers = attrs.field(factory=Resolvers, repr=False)
    """Follows the references that stand in the place of secrets, as `[secrets]` and the caller allow it."""
    families: Table[str, tuple[Family, ...]] = attrs.field(factory=dict)
    """By family in lower case, sorted by priority."""
    databases: Table[str, str] = attrs.field(factory=dict, repr=False)
    """Addresses by database name."""
    database_places: Table[str, Place] = attrs.field(factory=dict, eq=False)
    """Where each address stands."""
    findings: tuple[Finding, ...] = attrs.field(default=(), eq=False)
    stamps: tuple[Stamp, ...] = attrs.field(default=(), eq=False)
    """The files as they were when they were read, those that they include too."""
    undecidable: bool = attrs.field(default=False, eq=False)
    """Only reading again tells whether anything has changed."""
    files: frozenset[Path] = attrs.field(default=frozenset(), eq=False)
    """The files that there are; the others are as good as empty."""

    def has_changed(self) -> bool:
        """Tell whether a file may have changed since; costs a stat per file, and a look into `pjsip_wizard.conf`."""
        return self.undecidable or not all(stamp.holds() for stamp in self.stamps) or self.last != _last(self.directory)

    def require_files_of(self, before: Environment) -> None:
        """Raise `ConfigurationError` for a file that was there before and is gone: it would move types elsewhere."""
        for file in sorted(before.files - self.files):
            raise ConfigurationError(
                "the file is gone", place=Place(str(file)), remedy="put it back, or make an empty one"
            )

    def may_write(self, name: str) -> bool:
        """Tell whether objects may be written into a file, named relative to the configuration directory."""
        return self.writable or self.path(name) in self.writable_files

    def path(self, name: str) -> Path:
        """Return the path of a file that is named relative to the configuration directory."""
        return (self.directory or Path()) / name


def read_environment(
    directory: Path,
    *,
    compat: bool = False,
    release: Release | None = None,
    astdb: Path | None = None,
    writable: bool = False,
    secrets: Table[str, Resolver] = NONE,
) -> Environment:
    """Read the files of a configuration directory; raises `ConfigurationError` for one that is refused.

    A missing file is as good as an empty one, a file that cannot be read is not: it would move every type elsewhere.
    `release` counts instead of `[target]`; `astdb` names the AstDB file instead of `asterisk.conf`; `writable` lets
    objects be written into any file; `secrets` are resolvers by scheme, beside those of `[secrets]`.
    """
    _require_directory(directory)
    asterisk = _read(directory / "asterisk.conf")
    exec_includes = is_true(_first(asterisk, "options", "execincludes"))
    sorcery, extconfig, databases = (_read(directory / name, exec_includes=exec_includes) for name in FILES)
    confs = (asterisk, sorcery, extconfig, databases)
    findings = [finding for conf in confs for finding in findings_of(conf)]
    addresses = databases_of(databases, directory, findings)
    sections = _sections(sorcery)
    writes = sections.get("writes", ())
    return Environment(
        directory=directory,
        compat=compat,
        release=release or _release(sections.get("target", ())),
        exec_includes=exec_includes,
        create_on_update_miss=is_true(_first(sorcery, "general", "update_or_create_on_update_miss")),
        astdb=astdb or _astdb(directory, asterisk),
        system_name=_first(asterisk, "options", "systemname"),
        mappings=_mappings(sorcery, findings, compat=compat),
        sections=sections,
        last=_last(directory),
        policies={
            each.name: parse_policy(each.name, each.value, each.place) for each in writes if not names_file(each.name)
        },
        writable=writable,
        writable_files=_writable_files(directory, writes),
        secrets=resolvers_of(((each.name, each.value, each.place) for each in sections.get("secrets", ())), secrets),
        families=families_of(extconfig, findings),
        databases={name: url for name, (url, _) in addresses.items()},
        database_places={name: place for name, (_, place) in addresses.items()},
        findings=tuple(findings),
        stamps=tuple(stamp for conf in confs for stamp in conf.files),
        undecidable=any(conf.undecidable for conf in confs),
        files=frozenset(Path(conf.path) for conf in confs if not conf.is_absent),
    )


def environment_for_url(
    url: str,
    families: Iterable[str],
    *,
    compat: bool = False,
    release: Release | None = None,
    astdb: Path | None = None,
    writable: bool = False,
    secrets: Table[str, Resolver] = NONE,
) -> Environment:
    """Return the environment in which all of the families lie in one database."""
    driver = DRIVERS.get(url.partition(":")[0].partition("+")[0], "odbc")
    return Environment(
        compat=compat,
        release=release,
        astdb=astdb or _beside(url),
        writable=writable,
        families={family.lower(): (Family(family, driver, "url", family),) for family in families},
        databases={"url": url},
        secrets=resolvers_of((), secrets),
    )


def control_socket(directory: Path) -> Path:
    """Return where the process that runs on a directory listens for commands; raises `ConfigurationError`.

    Beside Asterisk's own socket or, without an `asterisk.conf`, beside the configuration.
    """
    asterisk = _read(directory / "asterisk.conf")
    if asterisk.is_absent:
        return directory.absolute() / CONTROL
    return Path(_first(asterisk, "directories", "astrundir") or DEFAULT_RUN_DIRECTORY) / CONTROL


def _require_directory(directory: Path) -> None:
    place = Place(str(directory))
    try:
        is_there = directory.is_dir()
    except OSError as error:
        reason = f"the directory cannot be reached: {error.strerror}"
        raise ConfigurationError(reason, place=place, remedy="let this user enter it") from error
    if not is_there:
        raise ConfigurationError("no such directory", place=place, remedy="name a directory with .conf files")


def _beside(url: str) -> Path:
    """Return the AstDB file that goes with a database: in its folder if it is a file, else in the working directory."""
    head, _, path = url.partition(":///")
    folder = Path(path.partition("?")[0]).parent if head.partition("+")[0] == "sqlite" else Path()
    return (folder / "astdb.sqlite3").absolute()


def _read(path: Path, *, exec_includes: bool = False) -> ConfFile:
    try:
        return read_conf(path, exec_includes=exec_includes)
    except ConfMissing:
        if not is_missing(path):
            raise
        absent = path.absolute()  # it may come while the working directory is another one
        return ConfFile(str(absent), str(absent.parent), files=(FileStamp(str(absent)),))


def _first(conf: ConfFile, section: str, key: str) -> str:
    category = conf.category(section)
    return (category.first(key) if category else None) or ""


def _astdb(directory: Path, asterisk: ConfFile) -> Path:
    """Return the AstDB file: beside the configuration where no `asterisk.conf` says that it is Asterisk's."""
    if asterisk.is_absent:
        return directory / "astdb.sqlite3"
    return Path(_first(asterisk, "directories", "astdbdir") or DEFAULT_ASTDB_DIRECTORY) / "astdb.sqlite3"


def _mappings(conf: ConfFile, findings: list[Finding], *, compat: bool) -> Table[str, tuple[Mapping, ...]]:
    sections: dict[str, list[Mapping]] = {}
    for category in conf.sections():
        if category.name.lower() in RESERVED:
            continue
        found = sections.setdefault(category.name.lower(), [])
        for variable in category.variables:
            place = conf.place_of(variable)
            mapping = parse_mapping(variable.key, variable.value, place)
            if mapping is None:
                message = f"the line '{variable.key}={variable.value}' names no type or no wizard and is ignored"
                findings.append(_warning("broken-mapping", message, place, "write type = wizard[,arguments]"))
            elif _is_taken(mapping, found, findings, compat=compat):
                found.append(mapping)
                findings.extend(_odd_options(variable.key, place))
    return {name: tuple(found) for name, found in sections.items()}


def _last(directory: Path | None) -> Table[str, Mapping]:
    """Return the mappings behind all others: those to `pjsip_wizard.conf`, if that says anything."""
    if directory is None or not _may_have_sections(directory / PJSIP_WIZARD):
        return {}
    return {name: Mapping(name, "pjsip_wizard") for name in EXPANDED}


def _may_have_sections(path: Path) -> bool:
    """Tell whether a file has a line that begins a section or includes a file; reads no further than that."""
    try:
        with path.open("rb") as file:
            return any(line.lstrip(b"\xef\xbb\xbf \t")[:1] in (b"[", b"#") for line in file)
    except OSError:
        return not is_missing(path)  # why it cannot be read is told when it is loaded


def _odd_options(key: str, place: Place) -> Iterator[Finding]:
    """Yield a finding for what follows a type's name and is not the option that there is."""
    options = key.partition("/")[2]
    if options not in ("", "cache"):
        taken = "is taken for cache" if "cache" in options else "means nothing"
        yield _warning("mapping-option", f"{options!r} in {key} {taken}", place, "write type or type/cache")


def _is_taken(mapping: Mapping, before: Iterable[Mapping], findings: list[Finding], *, compat: bool) -> bool:
    """Tell whether a mapping counts beside those before it: Asterisk takes each wizard of a type once."""
    same = [other for other in before if (other.type_name, other.wizard) == (mapping.type_name, mapping.wizard)]
    if not same:
        return True
    repeated = compat or any(other.arguments == mapping.arguments for other in same)
    fate = "and is ignored" if repeated else "with other arguments: an Asterisk that reads this file ignores the line"
    message = f"{mapping} repeats a wizard of that type {fate}"
    rule, remedy = ("duplicate-mapping", "remove the line") if repeated else ("second-mapping", "keep one of the two")
    findings.append(_warning(rule, message, mapping.place, remedy))
    return not repeated


def _sections(conf: ConfFile) -> Table[str, tuple[Setting, ...]]:
    found: dict[str, tuple[Setting, ...]] = {}
    for category in conf.sections():
        name = category.name.lower()
        if name in RESERVED:
            lines = (Setting(each.key, each.value, conf.place_of(each)) for each in category.variables)
            found[name] = (*found.get(name, ()), *lines)
    return found


def _release(lines: Iterable[Setting]) -> Release | None:
    """Return the release that `[target]` names, the last one; raises `ConfigurationError` for what is none."""
    release = None
    for line in lines:
        name = line.name.lower()
        try:
            release = Release.parse(line.value if name == "asterisk" else f"{name}:{line.value}")
        except ConfigurationError as error:
            reason = f"[target] {line.name}={line.value}: {error.reason}"
            raise ConfigurationError(
                reason, place=line.place, remedy="write asterisk = 22, or another release"
            ) from None
    return release


def _writable_files(directory: Path, writes: Iterable[Setting]) -> frozenset[Path]:
    said = {
        directory / each.name: parse_permission(each.name, each.value, each.place)
        for each in writes
        if names_file(each.name)
    }
    return frozenset(path for path, is_allowed in said.items() if is_allowed)


def _warning(rule: str, message: str, place: Place | None, remedy: str = "") -> Finding:
    return Finding(severity=Severity.WARNING, rule=rule, message=message, place=place, remedy=remedy)
