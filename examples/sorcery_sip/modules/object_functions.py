"""`PJSIP_DIAL_CONTACTS`, `PJSIP_ENDPOINT`, `PJSIP_AOR`, `PJSIP_CONTACT`: what the stores say, for the dialplan."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sorcery import Object, SorceryError
from sorcery.aio import AsyncSorcery
from sorcery.pjsip import Aor, Contact, Endpoint
from sorcery_sip.modules.targets import Targets
from sorcery_sip.pbx.dialplan.arguments import split_arguments
from sorcery_sip.pbx.dialplan.scope import BadCall, Function, Scope

__all__ = ["object_functions"]


def object_functions(sorcery: AsyncSorcery, targets: Targets) -> dict[str, Function]:
    """Return the functions by name; each waits for stores, and is nothing where these do not answer."""

    async def dial_contacts(call: Scope, arguments: str) -> str:
        name, aors, user, *_ = (*split_arguments(arguments), "", "")
        try:
            return await targets.dial_contacts(name, aors, user)
        except SorceryError as error:
            raise BadCall(str(error)) from error

    found = {"PJSIP_DIAL_CONTACTS": Function(read=dial_contacts)}
    for function, cls in (("PJSIP_ENDPOINT", Endpoint), ("PJSIP_AOR", Aor), ("PJSIP_CONTACT", Contact)):
        found[function] = Function(read=_option_of(sorcery, cls))
    return found


def _option_of(sorcery: AsyncSorcery, cls: type[Object]) -> Callable[[Scope, str], Awaitable[str]]:
    """Return what reads `ID,OPTION` as the object prints the option; several lines with commas between them."""

    async def read(call: Scope, arguments: str) -> str:
        id, option, *_ = (*split_arguments(arguments), "")
        if not id or not option:
            raise BadCall("write the id of an object and the name of an option")
        try:
            obj = await sorcery.retrieve_by_id(cls, id)
        except SorceryError as error:
            raise BadCall(str(error)) from error
        if obj is None:
            raise BadCall(f"{id!r} does not exist")
        values = [text for name, text in obj.objectset() if name == option]
        if not values:
            raise BadCall(f"{option!r} is no option of it")
        return ",".join(values)

    return read
