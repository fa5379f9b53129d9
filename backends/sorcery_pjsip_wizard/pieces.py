"""What a section comes to: for each type its objects, with the options that the wizard adds to those passed on.

Added options stand behind the others, and so overrule them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import attrs

from sorcery.kinds import Refused
from sorcery.plan import ORIGIN
from sorcery_pjsip_wizard.section import WizardSection

__all__ = ["PIECES", "Piece", "owner"]

SUFFIX = re.compile(r"-(?:[io]auth|identify|phoneprov|reg-\d+)\Z")
Added = tuple[str, str, str]
"""An added option, its text, and the option of the section that it comes from; empty for the section as such."""


@attrs.frozen(slots=True)
class Piece:
    """One object in the making."""

    id: str
    prefix: str
    """Whose options are passed on to it."""
    added: tuple[Added, ...] = ()
    refusal: Refused | None = None
    """Why there is no such object; its `option` is one of the section."""


def owner(type_name: str, id: str) -> str:
    """Return the name of the section that an object of this id comes from."""
    return id if type_name in ("endpoint", "aor") else SUFFIX.sub("", id)


def _endpoint(section: WizardSection) -> Iterator[Piece]:
    added = [("aors", section.name, ""), *_copied(section, "outbound_proxy", "transport")]
    if section.says("sends_auth"):
        added.append(("outbound_auth", f"{section.name}-oauth", "sends_auth"))
    if section.says("accepts_auth"):
        added.append(("auth", f"{section.name}-iauth", "accepts_auth"))
    if section.text("hint_exten"):
        source = "hint_context" if section.text("hint_context") else "endpoint/context"
        added.append(("@hint_context", section.hint_context, source))
        added.append(("@hint_exten", section.text("hint_exten"), "hint_exten"))
    yield _piece(section, section.name, "endpoint", added)


def _aor(section: WizardSection) -> Iterator[Piece]:
    added, refusal = _copied(section, "outbound_proxy"), None
    if not section.line("aor/contact") and section.pattern("contact_pattern"):
        source = section.source("contact_pattern")
        try:
            contacts = [section.filled("contact_pattern", {"REMOTE_HOST": host}) for host in section.hosts]
            added += [("contact", contact, source) for contact in contacts]
        except Refused as refused:
            refusal = refused
    yield _piece(section, section.name, "aor", added, refusal)


def _auths(section: WizardSection) -> Iterator[Piece]:
    for switch, prefix, suffix in (("sends_auth", "outbound_auth", "oauth"), ("accepts_auth", "inbound_auth", "iauth")):
        if section.says(switch):
            added = [] if section.line(f"{prefix}/auth_type") else [("auth_type", "userpass", switch)]
            yield _piece(section, f"{section.name}-{suffix}", prefix, added, _needs_user(section, switch, prefix))


def _identify(section: WizardSection) -> Iterator[Piece]:
    if not section.is_identified_by_host:
        return
    refusal, added = None, [("endpoint", section.name, "")]
    if not section.hosts:
        refusal = Refused("needs remote_hosts", "write remote_hosts = HOST, or accepts_registrations = yes")
    elif not section.line("identify/match"):
        added += [("match", host, "remote_hosts") for host in section.hosts]
    yield _piece(section, f"{section.name}-identify", "identify", added, refusal)


def _registrations(section: WizardSection) -> Iterator[Piece]:
    if not section.says("sends_registrations"):
        return
    refusal = None
    if not section.hosts:
        refusal = Refused("needs remote_hosts", "write remote_hosts = HOST", option="sends_registrations")
    elif section.says("sends_auth"):
        refusal = _needs_user(section, "sends_auth", "outbound_auth")
    if refusal:
        yield _piece(section, f"{section.name}-reg-0", "registration", [], refusal)
        return
    for number, host in enumerate(section.hosts):
        yield _registration(section, f"{section.name}-reg-{number}", host)


def _registration(section: WizardSection, id: str, host: str) -> Piece:
    sends_auth, added, refusal = section.says("sends_auth"), [], None
    user = section.text("outbound_auth/username") if sends_auth else section.name
    for option in ("server_uri", "client_uri"):
        pattern = f"{option}_pattern"
        try:
            text = section.filled(pattern, {"REMOTE_HOST": host, "USERNAME": user})
            added.append((option, text, section.source(pattern)))
        except Refused as refused:
            refusal = refused
    added += _copied(section, "outbound_proxy", "transport")
    if sends_auth:
        added.append(("outbound_auth", f"{section.name}-oauth", "sends_auth"))
    if section.says("sends_line_with_registrations"):
        added.append(("line", "yes", "sends_line_with_registrations"))
        added.append(("endpoint", section.name, "sends_line_with_registrations"))
    return _piece(section, id, "registration", added, refusal)


def _phoneprov(section: WizardSection) -> Iterator[Piece]:
    if section.says("has_phoneprov"):
        refusal = None
        if not section.line("phoneprov/MAC"):
            refusal = Refused("needs phoneprov/MAC", "write phoneprov/MAC = 12 hex digits", option="has_phoneprov")
        yield _piece(section, f"{section.name}-phoneprov", "phoneprov", [("endpoint", section.name, "")], refusal)


PIECES: Mapping[str, Callable[[WizardSection], Iterator[Piece]]] = {
    "auth": _auths,
    "aor": _aor,
    "endpoint": _endpoint,
    "identify": _identify,
    "registration": _registrations,
    "phoneprov": _phoneprov,
}
"""What makes the objects of each type."""


def _piece(section: WizardSection, id: str, prefix: str, added: list[Added], refusal: Refused | None = None) -> Piece:
    return Piece(id, prefix, (*added, (ORIGIN, section.name, "")), refusal)


def _copied(section: WizardSection, *options: str) -> list[Added]:
    """Return those of the options that the section sets, as they are."""
    return [(option, section.text(option), option) for option in options if section.text(option)]


def _needs_user(section: WizardSection, switch: str, prefix: str) -> Refused | None:
    needed = f"{prefix}/username"
    if section.line(needed):
        return None
    return Refused(f"needs {needed}", f"write {needed} = NAME, or {switch} = no", option=switch)
