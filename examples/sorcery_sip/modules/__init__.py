"""The application: who may come in, whose a request is, and what becomes of it.

These modules read sorcery objects and know nothing of sockets. `application` puts them together.
"""

from sorcery_sip.modules.application import Application, build
from sorcery_sip.modules.contract import Decision, Incoming, Verdict
from sorcery_sip.modules.distributor import Distributor
from sorcery_sip.modules.pipeline import Pipeline, Result

__all__ = ["Application", "Decision", "Distributor", "Incoming", "Pipeline", "Result", "Verdict", "build"]
