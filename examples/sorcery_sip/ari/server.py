"""The HTTP server of the REST interface, on aiohttp."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from sorcery_sip.ari.access import authenticated
from sorcery_sip.ari.connection import Connection
from sorcery_sip.ari.documents import declaration, listing
from sorcery_sip.ari.errors import AriError
from sorcery_sip.ari.operations import Arguments, Operation
from sorcery_sip.ari.resources import RESOURCES
from sorcery_sip.ari.settings import AriSettings, HttpSettings
from sorcery_sip.ari.state import Ari
from sorcery_sip.errors import shorten

__all__ = ["AriServer"]

PATIENCE = 2.0
"""Seconds that a stop waits for requests in progress."""
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_LOG = logging.getLogger(__name__)
_HTTP_LOG = logging.getLogger(f"{__name__}.http")


def _briefly(record: logging.LogRecord) -> bool:
    """Tell in one line of what cannot be read as HTTP: whatever clients send, it is no fault of ours."""
    if record.exc_info and isinstance(record.exc_info[1], HttpProcessingError):
        record.levelno, record.levelname, record.exc_info = logging.INFO, "INFO", None
        record.msg = f"ARI: {record.msg}: it is no HTTP"
    return True


_HTTP_LOG.addFilter(_briefly)


class AriServer:
    """Serve an `Ari` to its users. Make and use it in the thread of a running event loop."""

    def __init__(self, ari: Ari, settings: AriSettings, http: HttpSettings) -> None:
        self.ari, self._http = ari, http
        self.follow(settings)
        self.address: tuple[str, int] | None = None
        """Where it listens, once it does."""
        self._connections: set[Connection] = set()
        self._runner = web.AppRunner(self._application(), access_log=None, logger=_HTTP_LOG, shutdown_timeout=PATIENCE)

    def follow(self, settings: AriSettings) -> None:
        """Take other settings, also while it runs: users and what else does not move it."""
        self._settings = settings
        self.ari.channel_variables = settings.channel_variables

    async def start(self) -> tuple[str, int]:
        """Listen, and return the address: port 0 takes a free one. Raises `OSError` or `UnicodeError` where not."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._http.host, self._http.port).start()
        except (OSError, UnicodeError):
            await self._runner.cleanup()
            raise
        host, port = self._runner.addresses[0][:2]
        self.address = (host, port)
        return self.address

    async def stop(self) -> None:
        """Disconnect all applications, break off what goes on for them, and close the sockets."""
        for connection in tuple(self._connections):
            await connection.socket.close(code=1001)
        await self.ari.tasks.stop()
        await self._runner.cleanup()

    def _application(self) -> web.Application:
        application = web.Application(middlewares=[self._guard])
        base = f"{self._http.prefix}/ari"
        for resource in RESOURCES:
            for operation in resource.operations:
                handler = self._connect if operation.upgrade else self._handler(operation)
                application.router.add_route(operation.method, f"{base}{operation.path}", handler)
        application.router.add_get(f"{base}/api-docs/{{name}}.json", self._document)
        return application

    @web.middleware
    async def _guard(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Let nobody in without a password, and write every refusal as JSON."""
        refusal = self._refusal(request)
        response = refusal if refusal is not None else await self._answer(request, handler)
        origin = request.headers.get("Origin", "")
        if not response.prepared and origin and ("*" in self._settings.origins or origin in self._settings.origins):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Allow-Credentials"] = "true"
        return response

    def _refusal(self, request: web.Request) -> web.Response | None:
        """Return why somebody may not use it, or not in this way."""
        users, query = self._settings.users, request.query
        user = authenticated(users, request.headers.get("Authorization", ""), query.get("api_key", ""))
        if user is None:
            realm = self._settings.realm
            return self._refused(401, "Authentication required", {"WWW-Authenticate": f'Basic realm="{realm}"'})
        if not user.admits(request.remote or ""):
            return self._refused(403, "Access denied by ACL")
        if user.read_only and request.method not in ("GET", "OPTIONS"):
            return self._refused(403, "Write access denied")
        return None

    async def _answer(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        if request.method == "OPTIONS":
            return self._options(request)
        try:
            return await handler(request)
        except AriError as error:
            return self._refused(error.status, error.message)
        except web.HTTPMethodNotAllowed as error:
            return self._refused(405, "Invalid method", {"Allow": ",".join(sorted(error.allowed_methods))})
        except web.HTTPNotFound:
            return self._refused(404, "Resource not found")
        except web.HTTPException as error:
            return self._refused(error.status, error.reason)
        except Exception:  # noqa: BLE001 - logged, and told to the client
            _LOG.exception("ARI: %s %s broke down", request.method, shorten(request.path))
            return self._refused(500, "Internal Server Error")

    def _options(self, request: web.Request) -> web.Response:
        error = request.match_info.http_exception
        if not isinstance(error, web.HTTPMethodNotAllowed):
            return self._refused(404, "Resource not found")
        return web.Response(status=204, headers={"Allow": ",".join(["OPTIONS", *sorted(error.allowed_methods)])})

    def _handler(self, operation: Operation) -> _Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            value = await operation.handler(self.ari, await _arguments(request))
            return web.Response(status=204) if value is None else self._json(value, operation.status)

        return handle

    def _json(self, value: object, status: int = 200) -> web.Response:
        layout: dict[str, Any] = {"indent": 2} if self._settings.is_pretty else {"separators": (",", ":")}
        return web.Response(text=json.dumps(value, **layout), status=status, content_type="application/json")

    def _refused(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> web.Response:
        response = self._json({"message": message}, status)
        response.headers.update(headers or {})
        return response

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        arguments = Arguments(dict(request.query))
        arguments.needed("app", "Missing parameter app")
        if not web.WebSocketResponse().can_prepare(request).ok:
            raise AriError(426, "Upgrade Required")
        connection = Connection(self.ari.hub, arguments.several("app"), hears_all=arguments.flag("subscribeAll"))
        self._connections.add(connection)
        try:
            return await connection.run(request)
        except ConnectionResetError:
            _LOG.debug("ARI: a client left before it was connected")
            return web.Response()  # nobody reads it
        finally:
            self._connections.discard(connection)

    async def _document(self, request: web.Request) -> web.StreamResponse:
        base = f"http://{request.host}{self._http.prefix}/ari"
        name = request.match_info["name"]
        if name == "resources":
            return self._json(listing(RESOURCES, base))
        for resource in RESOURCES:
            if resource.name == name:
                return self._json(declaration(resource, base))
        raise AriError(404, "Resource not found")


async def _arguments(request: web.Request) -> Arguments:
    """Return the parameters of a request: its body's, over them its query's, over them its path's."""
    values: dict[str, Any] = {}
    if request.body_exists and request.content_type == "application/json":
        try:
            read = await request.json()
        except (ValueError, LookupError, RecursionError):  # the second for a charset that nobody knows
            raise AriError(400, "Request body is no JSON") from None
        if not isinstance(read, dict):
            raise AriError(400, "Request body is no JSON object")
        values |= read
    elif request.body_exists:
        try:
            form = await request.post()
        except (ValueError, LookupError, HttpProcessingError):
            raise AriError(400, "Request body is no form") from None
        values |= {name: value for name, value in form.items() if isinstance(value, str)}
    return Arguments({**values, **request.query, **request.match_info})
