"""The object type `wizard`: a template of `pjsip_wizard.conf`."""

from __future__ import annotations

from typing import Any

from sorcery.draft import Draft
from sorcery.kinds import Boolean, NamedLines, Names, Reference, Text
from sorcery.objects import Object, object_type, rule
from sorcery.options import Value, option

__all__ = ["Wizard"]

Lines = tuple[tuple[str, str], ...]


def _text(doc: str, default: str = "") -> Any:
    return option(Text(), default=default, doc=doc, is_printed=False, exact_name=True)


def _switch(doc: str) -> Any:
    return option(Boolean(), default="no", doc=doc, is_printed=False, exact_name=True)


def _passed(name: str, to: str, *, secret: bool = False) -> Any:
    return option(
        NamedLines(),
        name=f"{name}/*",
        default="",
        doc=f"Passed to the {to}.",
        secret=secret,
        is_printed=False,
        exact_name=True,
    )


@object_type("wizard", section="", conf="pjsip_wizard.conf", default_mapping="memory", lenient=True)
class Wizard(Object):
    """What Asterisk makes an endpoint of, with all that belongs to it; the id becomes that of endpoint and AOR.

    It is no type of Sorcery, whose mappings name the objects that are made of it. To look at the templates
    themselves, map the type to their file.
    """

    transport: str = option(
        Reference(),
        default="",
        doc="Transport of the endpoint and the registrations.",
        refers_to="transport",
        is_printed=False,
        exact_name=True,
    )
    remote_hosts: Value[tuple[str, ...]] = option(
        Names(), default="", doc="Remote hosts, host[:port].", is_printed=False, exact_name=True
    )
    outbound_proxy: str = _text("Proxy copied to endpoint, AOR and registrations.")
    sends_auth: bool = _switch("Create NAME-oauth and use it for endpoint and registrations.")
    accepts_auth: bool = _switch("Create NAME-iauth and use it for the endpoint.")
    sends_registrations: bool = _switch("Create NAME-reg-N for every remote host, N counting from 0.")
    sends_line_with_registrations: bool = _switch("Set line and endpoint on the registrations, create no identify.")
    accepts_registrations: bool = _switch("Allow REGISTER; no identify is created then.")
    has_phoneprov: bool = _switch("Create NAME-phoneprov.")
    server_uri_pattern: str = _text("Pattern of registration server_uri.", "sip:${REMOTE_HOST}")
    client_uri_pattern: str = _text("Pattern of registration client_uri.", "sip:${USERNAME}@${REMOTE_HOST}")
    contact_pattern: str = _text("Pattern of AOR contacts.", "sip:${REMOTE_HOST}")
    has_hint: bool = _switch("Create the hint, and drop it when turned off.")
    hint_context: str = _text("Context of the hint.")
    hint_exten: str = _text("Extension of the hint.")
    hint_application: str = _text("Application at priority 1 of hint_exten, App(args).")
    endpoint: Value[Lines] = _passed("endpoint", "endpoint NAME")
    aor: Value[Lines] = _passed("aor", "AOR NAME")
    inbound_auth: Value[Lines] = _passed("inbound_auth", "auth NAME-iauth", secret=True)
    outbound_auth: Value[Lines] = _passed("outbound_auth", "auth NAME-oauth", secret=True)
    identify: Value[Lines] = _passed("identify", "identify NAME-identify")
    registration: Value[Lines] = _passed("registration", "registrations NAME-reg-N")
    phoneprov: Value[Lines] = _passed("phoneprov", "phoneprov NAME-phoneprov")

    @rule
    def needs(draft: Draft) -> None:
        """Say what will be missing: each object is made by itself, and one that cannot be is left out."""
        if not (draft["accepts_registrations"] or draft["sends_line_with_registrations"]):
            _need(draft, bool(draft["remote_hosts"]), "remote_hosts", "no identify is made")
        if draft["sends_registrations"]:
            _need(draft, bool(draft["remote_hosts"]), "remote_hosts", "no registration is made")
        for switch, lines, name in (
            ("sends_auth", "outbound_auth", "username"),
            ("accepts_auth", "inbound_auth", "username"),
            ("has_phoneprov", "phoneprov", "MAC"),
        ):
            if draft[switch]:
                _need(draft, bool(dict(draft[lines]).get(name)), f"{lines}/{name}", f"nothing is made for {switch}")
        if draft["has_hint"]:
            _need(draft, bool(draft["hint_exten"]), "hint_exten", "no hint is made")


def _need(draft: Draft, given: bool, name: str, outcome: str) -> None:
    if not given:
        draft.warn("is missing", outcome, name, rule="incomplete-wizard")
