"""References that are no ids of objects."""

from __future__ import annotations

from collections.abc import Iterator

from sorcery.checks.rule import Fault, rule
from sorcery.checks.system import System
from sorcery.conf import ConfSyntaxError
from sorcery.findings import Severity
from sorcery.objects import Object
from sorcery.pjsip import Acl, Endpoint

__all__ = ["RULES"]


@rule(
    "dangling-acl",
    Severity.ERROR,
    what="An option names a list that `acl.conf` does not hold.",
    why="Asterisk takes the name, and refuses every address: the object is dead, and an `acl` object silences all.",
    mending="Write the list into `acl.conf`, or correct the name.",
)
def dangling_acl(system: System) -> Iterator[Fault]:
    if system.environment.directory is None or "acls" in system.environment.families:
        return
    known, refusal = _lists(system)
    users: tuple[type[Object], ...] = (Endpoint, Acl)
    for obj in (obj for cls in users for obj in system.all(cls)):
        for option in ("acl", "contact_acl"):
            for name in getattr(obj, option).names:
                if name not in known:
                    problem = f"{refusal or f'acl.conf holds no [{name}]'}, so every address is refused"
                    remedy = "mend acl.conf" if refusal else f"write [{name}] into acl.conf, or correct the name"
                    yield Fault(problem=problem, remedy=remedy, obj=obj, option=option, value=name)


def _lists(system: System) -> tuple[frozenset[str], str]:
    """Return the names of all lists, and why there are none where the file is refused."""
    try:
        conf = system.conf("acl.conf")
    except ConfSyntaxError as error:
        return frozenset(), f"acl.conf is refused ({error.place}: {error.reason})"
    return frozenset(section.name for section in conf.sections()) if conf else frozenset(), ""


RULES = (dangling_acl,)
