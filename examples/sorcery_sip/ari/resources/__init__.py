"""The resources of the REST interface, one module each."""

from sorcery_sip.ari.operations import Resource
from sorcery_sip.ari.resources.applications import APPLICATIONS
from sorcery_sip.ari.resources.asterisk import ASTERISK
from sorcery_sip.ari.resources.bridges import BRIDGES
from sorcery_sip.ari.resources.channels import CHANNELS
from sorcery_sip.ari.resources.endpoints import ENDPOINTS
from sorcery_sip.ari.resources.events import EVENTS
from sorcery_sip.ari.resources.playbacks import PLAYBACKS

__all__ = ["RESOURCES"]

RESOURCES: tuple[Resource, ...] = (ASTERISK, ENDPOINTS, CHANNELS, BRIDGES, PLAYBACKS, EVENTS, APPLICATIONS)
