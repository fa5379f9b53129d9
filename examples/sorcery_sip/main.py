"""`sorcery-sip --config-dir DIR`: the reference SIP stack over a directory of Asterisk's configuration files."""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from sorcery import ConfigurationError, Report, Sorcery, SorceryError
from sorcery.environment import control_socket
from sorcery.running.commands import commands
from sorcery.running.control import ControlServer
from sorcery_sip.errors import SipError
from sorcery_sip.modules.server import Server, log_report

__all__ = ["main"]

_LOG = logging.getLogger(__name__)
_FAILED = 1
_COLLECT_AFTER = (2_000, 10, 50)
"""New objects before the youngest are looked through, how many such rounds before the older ones are, and then all.

A pass over twenty thousand objects takes ten milliseconds, one over all that a busy server holds for the half minute
after its calls a fifth of a second: that waits for a million. Calls that are over do not need it, they are no circles.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the server until SIGTERM or SIGINT, which end all calls; reload on SIGHUP; return the exit status.

    0 after a clean stop, 1 with a message on standard error where it cannot start.
    """
    options = _parser().parse_args(arguments)
    _set_up_logging(verbose=options.verbose)
    try:
        with Sorcery.open(options.config_dir) as sorcery, sorcery.watch(files=False):  # files wait for a reload
            log_report(sorcery.report)
            sorcery.queue.resume()
            _runner()(_serve(sorcery, options.control_socket or control_socket(options.config_dir)))
    except (SorceryError, SipError) as error:
        print("\n  ".join([f"sorcery-sip: {error}", *getattr(error, "__notes__", ())]), file=sys.stderr)
        return _FAILED
    return 0


async def _serve(sorcery: Sorcery, socket: Path) -> None:
    """Serve until a signal says stop."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = Server(sorcery)
    loop.add_signal_handler(signal.SIGHUP, server.reload)
    try:
        addresses = await server.start()
        _spare_the_collector()
        with _control(sorcery, server, socket):
            print(f"sorcery-sip ready on {', '.join(f'udp {address}' for address in addresses)}", flush=True)
            await stop.wait()
    finally:
        await server.stop()


def _spare_the_collector() -> None:
    """Let the garbage collector pass over what stays for good, and look for cycles more rarely.

    Calls live for seconds: at its defaults it goes through thousands of them each time, which phones hear as a gap.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)


def _control(sorcery: Sorcery, server: Server, socket: Path) -> AbstractContextManager[object]:
    """Take commands on the control socket; without one the server does its work all the same."""
    loop = asyncio.get_running_loop()

    def reload() -> Report:
        return asyncio.run_coroutine_threadsafe(server.reloaded(), loop).result()

    try:
        return ControlServer(socket, commands(sorcery, reload=reload))
    except ConfigurationError as error:
        _LOG.warning("%s; until then `sorcery reload`, `prune` and `cache` find nobody", error)
        return nullcontext()


def _runner() -> Callable[[Coroutine[Any, Any, None]], None]:
    """Return what runs a coroutine: on uvloop where it is installed, else on asyncio's own loop."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run
    return uvloop.run


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sorcery-sip", description="A SIP registrar and PBX over Asterisk's configuration."
    )
    parser.add_argument(
        "--config-dir", type=Path, required=True, metavar="DIR", help="directory with pjsip.conf, extensions.conf, …"
    )
    parser.add_argument(
        "--control-socket", type=Path, metavar="PATH", help="where `sorcery reload` and the like find this process"
    )
    parser.add_argument("--verbose", action="store_true", help="log challenges and dropped datagrams too")
    return parser


def _set_up_logging(*, verbose: bool) -> None:
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO,
        format="%(asctime)s %(levelname)s %(message)s",
        stream=sys.stderr,
    )
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    # none of these is ever printed, and each costs a system call per line
    logging.logProcesses = logging.logThreads = logging.logMultiprocessing = False


if __name__ == "__main__":
    sys.exit(main())
