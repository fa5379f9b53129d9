"""The modules put together over one `Sorcery`."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

import attrs

from sorcery import Sorcery
from sorcery_sip.modules.access import AccessLists
from sorcery_sip.modules.acl import AclGate
from sorcery_sip.modules.authenticator_digest import DigestAuthenticator
from sorcery_sip.modules.contacts import Contacts
from sorcery_sip.modules.contract import RequestHandler
from sorcery_sip.modules.endpoint_acl import EndpointAcl
from sorcery_sip.modules.extensions import Extensions, NoExtensions
from sorcery_sip.modules.identification import Identification
from sorcery_sip.modules.identifier_anonymous import AnonymousIdentifier
from sorcery_sip.modules.identifier_ip import HeaderIdentifier, IpIdentifier, RequestUriIdentifier
from sorcery_sip.modules.identifier_user import AuthUsernameIdentifier, UsernameIdentifier
from sorcery_sip.modules.names import Names
from sorcery_sip.modules.options import Options
from sorcery_sip.modules.pipeline import Pipeline
from sorcery_sip.modules.registrar import Registrar
from sorcery_sip.modules.session import Caller, SessionHandler
from sorcery_sip.modules.settings import Settings
from sorcery_sip.modules.stray import StrayGate
from sorcery_sip.modules.unhandled import Unhandled
from sorcery_sip.modules.uri_filter import UriFilter, UriGate

__all__ = ["Application", "build"]


@attrs.frozen(slots=True, kw_only=True)
class Application:
    """What a server needs of the modules."""

    settings: Settings
    lists: AccessLists
    contacts: Contacts
    pipeline: Pipeline
    acl: AclGate
    uri_gate: UriGate

    def close(self) -> None:
        """Stop observing; the `Sorcery` stays open."""
        self.settings.close()
        self.acl.close()


def build(
    sorcery: Sorcery,
    *,
    settings: Settings | None = None,
    extensions: Extensions | None = None,
    calls: Caller | None = None,
    server_id: str = "",
    clock: Callable[[], float] = time.time,
) -> Application:
    """Put the modules together. `server_id` is random unless given; `clock` tells unix seconds.

    INVITEs are accepted for `extensions`, and handed to `calls`; without these there are none.
    """
    settings, contacts = settings or Settings(sorcery), Contacts(sorcery)
    extensions = extensions or NoExtensions()
    names = Names(sorcery, settings)
    directory = sorcery.environment.directory
    lists = AccessLists(directory / "acl.conf" if directory else None)
    identifiers = (
        IpIdentifier(sorcery),
        UsernameIdentifier(names),
        AnonymousIdentifier(names),
        HeaderIdentifier(sorcery),
        RequestUriIdentifier(sorcery),
        AuthUsernameIdentifier(names),
    )
    handlers: list[RequestHandler] = [Registrar(sorcery, names, contacts), Options(names, extensions), Unhandled()]
    if calls is not None:
        handlers.append(SessionHandler(names, extensions, calls))
    acl, uri_gate = AclGate(sorcery, lists), UriGate()
    pipeline = Pipeline(
        settings=settings,
        gates=(acl, uri_gate, StrayGate()),
        uri_filter=UriFilter(sorcery),
        identification=Identification(settings, identifiers, compat=sorcery.environment.compat),
        endpoint_acl=EndpointAcl(lists),
        authenticator=DigestAuthenticator(sorcery, settings, server_id or secrets.token_hex(16)),
        handlers=handlers,
        clock=clock,
    )
    return Application(settings=settings, lists=lists, contacts=contacts, pipeline=pipeline, acl=acl, uri_gate=uri_gate)
