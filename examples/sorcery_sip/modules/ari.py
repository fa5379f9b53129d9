"""The REST interface of a server: served as `http.conf` and `ari.conf` say, also after a reload."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Sequence
from importlib import metadata
from typing import TYPE_CHECKING

from sorcery import Sorcery, SorceryError
from sorcery.plain import plain
from sorcery_sip.ari.errors import AriError
from sorcery_sip.ari.settings import AriSettings
from sorcery_sip.ari.state import Ari, EndpointState, ServerInfo
from sorcery_sip.modules.access import AccessLists
from sorcery_sip.modules.ari_conf import read_ari_settings
from sorcery_sip.modules.ari_endpoints import endpoint_states
from sorcery_sip.pbx.media import Sounds
from sorcery_sip.pbx.pbx import Pbx
from sorcery_sip.pbx.stasis import StasisApplications

if TYPE_CHECKING:
    from sorcery_sip.ari.server import AriServer

__all__ = ["AriInterface"]

_LOG = logging.getLogger(__name__)


class AriInterface:
    """Serve the REST interface of a PBX while its configuration wants that."""

    def __init__(
        self, sorcery: Sorcery, lists: AccessLists, pbx: Pbx, stasis: StasisApplications, sounds: Sounds
    ) -> None:
        self._sorcery, self._lists = sorcery, lists
        self._reloaded: float | None = None
        info = ServerInfo(metadata.version("pysorcery"), _entity_id(), reloaded=lambda: self._reloaded)
        self._ari = Ari(pbx, stasis, sounds, info, endpoints=self._endpoints)
        self._settings = AriSettings()
        self._server: AriServer | None = None

    @property
    def address(self) -> tuple[str, int] | None:
        """Return where it is served; None while it is not."""
        return None if self._server is None else self._server.address

    async def follow(self) -> None:
        """Read the configuration, and serve as it says: start, stop, or let in whom it names now.

        What cannot be done is logged, and calls go on without.
        """
        before = self._settings
        self._settings = await asyncio.to_thread(read_ari_settings, self._sorcery, self._lists, before)
        self._reloaded = time.time()
        if self._server is not None and self._settings.http != before.http:
            await self.stop()
        if self._server is not None:
            self._server.follow(self._settings)
        elif self._settings.http is not None:
            await self._start(self._settings)

    async def stop(self) -> None:
        """Disconnect all applications and close the socket."""
        if self._server is not None:
            server, self._server = self._server, None
            await server.stop()

    async def _start(self, settings: AriSettings) -> None:
        try:
            from sorcery_sip.ari.server import AriServer
        except ImportError:
            _LOG.error("ari.conf: the REST interface needs aiohttp: pip install 'pysorcery[ari]'")
            return
        assert settings.http is not None
        server = AriServer(self._ari, settings, settings.http)
        try:
            host, port = await server.start()
        except (OSError, UnicodeError) as error:  # the second for what can be no host name
            http = settings.http
            _LOG.error("http.conf: the REST interface cannot listen on %s:%d: %s", plain(http.host), http.port, error)
            return
        self._server = server
        _LOG.info("REST interface on http://%s:%d%s/ari", host, port, settings.http.prefix)

    async def _endpoints(self) -> Sequence[EndpointState]:
        try:
            return await asyncio.to_thread(endpoint_states, self._sorcery, time.time())
        except SorceryError as error:
            _LOG.error("ARI: endpoints cannot be told: %s", error)
            raise AriError(503, "Endpoints cannot be read now") from None


def _entity_id() -> str:
    """Return what names this machine in events: a hardware address of it."""
    return ":".join(f"{byte:02x}" for byte in uuid.getnode().to_bytes(6, "big"))
