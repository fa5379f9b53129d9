"""Transactions: repeats, time-outs and matching (RFC 3261 17), without sockets and users."""

from sorcery_sip.transaction.client import ClientTransaction
from sorcery_sip.transaction.key import client_key, invite_key, server_key
from sorcery_sip.transaction.machine import Action, Input, State
from sorcery_sip.transaction.server import ServerTransaction
from sorcery_sip.transaction.table import TransactionTable
from sorcery_sip.transaction.timers import Timers

__all__ = [
    "Action",
    "ClientTransaction",
    "Input",
    "ServerTransaction",
    "State",
    "Timers",
    "TransactionTable",
    "client_key",
    "invite_key",
    "server_key",
]
