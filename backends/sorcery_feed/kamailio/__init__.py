"""A Kamailio, told through the JSON-RPC interface of its module jsonrpcs.

| module | its idea |
|---|---|
| `address` | where it listens: a UDP port, a Unix socket, or HTTP |
| `rpc` | one call and its answer, over each of these |
| `target` | telling it, and what its answers mean |
"""

from sorcery_feed.kamailio.address import RpcAddress
from sorcery_feed.kamailio.target import KamailioTarget

__all__ = ["KamailioTarget", "RpcAddress"]
