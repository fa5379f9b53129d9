"""What `CHANNEL(…)` reads of a call over SIP."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sorcery_sip.modules.session import CallSession

__all__ = ["read_variable"]


def read_variable(session: CallSession, name: str) -> str | None:
    """Return what `CHANNEL(name)` reads: `endpoint`, `contact`, `aor`, `pjsip,<item>`; None for what is not known."""
    kind, _, item = (part.strip() for part in name.partition(","))
    if kind == "pjsip":
        read = _OF_THE_SESSION.get(item) if session.has_begun else None
        return None if read is None else read(session)
    read = _OF_THE_ENDPOINT.get(kind)
    return None if read is None else read(session)


def _uri(which: str) -> Callable[[CallSession], str]:
    def read(session: CallSession) -> str:
        dialog = session.invite.dialog
        return "" if dialog is None else str(getattr(dialog, which).uri)

    return read


def _tag(which: str) -> Callable[[CallSession], str]:
    def read(session: CallSession) -> str:
        dialog = session.invite.dialog
        return "" if dialog is None else getattr(dialog, which).tag or ""

    return read


def _target(session: CallSession) -> str:
    dialog = session.invite.dialog
    return "" if dialog is None else str(dialog.remote_target)


def _contact(session: CallSession) -> str:
    return session.contact.id if session.contact is not None else ""


_OF_THE_SESSION: Mapping[str, Callable[[CallSession], str]] = {
    "call-id": lambda session: session.invite.invite.call_id,
    "local_uri": _uri("local"),
    "remote_uri": _uri("remote"),
    "local_tag": _tag("local"),
    "remote_tag": _tag("remote"),
    "target_uri": _target,
    "request_uri": lambda session: str(session.invite.invite.uri),
    "remote_addr": lambda session: str(session.invite.peer),
    "secure": lambda session: "1" if session.invite.invite.uri.scheme.lower() == "sips" else "0",
}
_OF_THE_ENDPOINT: Mapping[str, Callable[[CallSession], str]] = {
    "endpoint": lambda session: session.endpoint.id,
    "contact": _contact,
    "aor": lambda session: session.aor.id if session.aor is not None else "",
}
