"""The dialplan: `extensions.conf` as values, and how a channel goes through it."""

from sorcery_sip.pbx.dialplan.arguments import split_arguments
from sorcery_sip.pbx.dialplan.control import CONTROL
from sorcery_sip.pbx.dialplan.dialplan import Dialplan
from sorcery_sip.pbx.dialplan.execution import Application, ApplicationFailed, Execution
from sorcery_sip.pbx.dialplan.functions import STANDARD
from sorcery_sip.pbx.dialplan.model import Context, Extension, Include, Match, Problem, Settings, Step
from sorcery_sip.pbx.dialplan.reading import Line, Section, build_dialplan
from sorcery_sip.pbx.dialplan.scope import BadCall, Function, Scope, World

__all__ = [
    "CONTROL",
    "STANDARD",
    "Application",
    "ApplicationFailed",
    "BadCall",
    "Context",
    "Dialplan",
    "Execution",
    "Extension",
    "Function",
    "Include",
    "Line",
    "Match",
    "Problem",
    "Scope",
    "Section",
    "Settings",
    "Step",
    "World",
    "build_dialplan",
    "split_arguments",
]
