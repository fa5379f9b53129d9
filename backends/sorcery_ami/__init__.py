"""Asterisk's manager interface (AMI): one action at a time, and what comes back.

| module | its idea |
|---|---|
| `address` | where it is, and as whom to log in: `ami://user@host:port` |
| `client` | a connection that is logged in, and takes actions |
"""

from sorcery_ami.address import AmiAddress
from sorcery_ami.client import ActionRefused, AmiClient, Message

__all__ = ["ActionRefused", "AmiAddress", "AmiClient", "Message"]
