"""Dialogs: who talks to whom, by which route, in which order (RFC 3261 12)."""

from sorcery_sip.dialog.dialog import Dialog, Refusal
from sorcery_sip.dialog.ids import DialogId, dialog_id_of_request, dialog_id_of_response

__all__ = ["Dialog", "DialogId", "Refusal", "dialog_id_of_request", "dialog_id_of_response"]
