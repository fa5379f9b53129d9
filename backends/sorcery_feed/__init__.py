"""The feed: what changes in a database, told to the neighbours that keep copies of it.

| module | its idea |
|---|---|
| `targets` | what a neighbour is told, and what tells it |
| `asterisk` | an Asterisk, told through its manager interface |
| `kamailio` | a Kamailio, told by JSON-RPC |
| `rows` | how rows are named |
| `agenda` | what a neighbour has still to be told |
| `feeding` | one neighbour, told of what changes in one database |
| `positions` | up to where each was told, over restarts |
| `figures` | how far behind they are, and what became of what they were told |
| `metrics` | showing figures |
| `feed` | all neighbours and all databases |
"""

from sorcery_feed.asterisk import AsteriskTarget
from sorcery_feed.errors import TellingRefused
from sorcery_feed.feed import Feed, Pair
from sorcery_feed.feeding import Changes, Feeding, Positions
from sorcery_feed.figures import Figures, feed_text
from sorcery_feed.kamailio import KamailioTarget, RpcAddress
from sorcery_feed.positions import PositionFile, read_positions
from sorcery_feed.targets import Command, Target

__all__ = [
    "AsteriskTarget",
    "Changes",
    "Command",
    "Feed",
    "Feeding",
    "Figures",
    "KamailioTarget",
    "Pair",
    "PositionFile",
    "Positions",
    "RpcAddress",
    "Target",
    "TellingRefused",
    "feed_text",
    "read_positions",
]
