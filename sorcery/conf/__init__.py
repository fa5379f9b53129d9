"""The `.conf` dialect: templates, `(+)`, `+=`, `=>`, nested comments, includes, as Asterisk 22 reads it."""

from sorcery.conf.dump import dump, dump_error, dump_messages
from sorcery.conf.messages import RULES, Message, Rule, findings
from sorcery.conf.model import Block, Category, ConfFile, FileStamp, PatternStamp, Stamp, Variable
from sorcery.conf.outline import Outline
from sorcery.conf.reader import read_conf, read_outline
from sorcery.errors import ConfMissing, ConfSyntaxError

__all__ = [
    "RULES",
    "Block",
    "Category",
    "ConfFile",
    "ConfMissing",
    "ConfSyntaxError",
    "FileStamp",
    "Message",
    "Outline",
    "PatternStamp",
    "Rule",
    "Stamp",
    "Variable",
    "dump",
    "dump_error",
    "dump_messages",
    "findings",
    "read_conf",
    "read_outline",
]
