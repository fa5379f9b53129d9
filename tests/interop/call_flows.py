"""What a flow of a call is, and a server of many of them: one configuration that Asterisk and our stack read alike."""

from __future__ import annotations

import contextlib
import importlib
import pkgutil
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.interop import flows
from tests.interop.call_scenario import Phone, Step
from tests.interop.calls_sipp import FlowError, Running, playing
from tests.interop.ports import LOOPBACK, free_port

PATIENCE = 30
"""Seconds that a phone waits for one message, where a flow does not say otherwise."""
NOBODY = 9
"""A port where no phone is."""
MOST = 30
"""Seconds that a flow takes at most beside its longest wait."""
SYSTEM = "timer_t1=100\ntimer_b=6400"
"""Timers that are usual where a failure must show soon."""


OUTSIDE = "external_signaling_address=198.51.100.1\nexternal_signaling_port=5099\nexternal_media_address=198.51.100.2"
"""How the server is seen from beyond its NAT, which is everywhere: it has no `local_net`."""


@dataclass(frozen=True)
class Flow:
    """One call: what the caller does, what the called phone does (if one is called), their options, the dialplan.

    `differs` says why Asterisk does otherwise, or cannot be asked. `beside` is run while the phones play.
    """

    caller: Sequence[Step]
    called: Sequence[Step] = ()
    steps: Sequence[str] = ("Answer()", "Wait(20)")
    third: Sequence[Step] = ()
    """What a phone does that the called one names as `[third]`."""
    caller_options: str = ""
    called_options: str = ""
    calls: str = ""
    """The number that is called; its own extension where there is none."""
    user: str = ""
    """Who calls; its own endpoint where there is none."""
    sections: str = ""
    """More of `extensions.conf`; `{n}` is the number of the flow."""
    program: Sequence[str] = ()
    """Further options of sipp for both phones."""
    differs: str = ""
    patience: int = PATIENCE
    """Seconds that a phone waits for one message."""
    is_outside: bool = False
    """Whether the caller is beyond a NAT of the server."""
    has_media: bool = False
    """Whether each phone gets a socket for its media, which `beside` plays on."""
    beside: Callable[[Running, Running | None], object] | None = None

    @property
    def sides(self) -> str:
        """Name the phones that take part: the caller, the called one, and who is called in its place."""
        return "a" + "b" * bool(self.called) + "c" * bool(self.third)

    @property
    def is_slow(self) -> bool:
        """Whether it is better played beside others."""
        return self.patience > PATIENCE


class Flows:
    """Flows with a port for each phone, kept until it is used."""

    def __init__(self, flows: Mapping[str, Flow]) -> None:
        self._flows = flows
        self._numbers = {name: number for number, name in enumerate(flows)}
        self._sockets = {(name, side): _bound() for name, flow in flows.items() for side in flow.sides}
        self._outside = free_port()
        self._ports = {place: int(one.getsockname()[1]) for place, one in self._sockets.items()}

    def configuration(self, port: int) -> dict[str, str]:
        """Return the files of a server that listens on a port."""
        pjsip = [
            f"[system]\ntype=system\n{SYSTEM}\n[global]\ntype=global\nuser_agent=server\n",
            f"[udp]\ntype=transport\nprotocol=udp\nbind={LOOPBACK}:{port}\n",
            f"[outside]\ntype=transport\nprotocol=udp\nbind={LOOPBACK}:{self._outside}\n{OUTSIDE}\n",
        ]
        pjsip.append("[login]\ntype=auth\nusername=me\npassword=secret\n")
        extensions = ["[calls]", "exten => 2000,1,Answer()", " same => n,Wait(20)"]
        for name, flow in self._flows.items():
            number = self._numbers[name]
            phone = "type=endpoint\ncontext=calls\nallow=ulaw\ndirect_media=no\nrtp_symmetric=yes\n"
            contact = f"sip:bob{number}@{LOOPBACK}:{self._ports.get((name, 'b'), NOBODY)}"
            pjsip.append(
                f"[alice{number}]\n{phone}{flow.caller_options}\n"
                f"[bob{number}]\n{phone}aors=bob{number}\n{flow.called_options}\n"
                f"[bob{number}]\ntype=aor\ncontact={contact}\n"
            )
            steps = [step.replace("{bob}", f"PJSIP/bob{number}") for step in flow.steps]
            extensions.append(f"exten => {1000 + number},1,NoOp()")
            extensions += [f" same => n,{step}" for step in steps]
        extensions += [flow.sections.format(n=self._numbers[name]) for name, flow in self._flows.items()]
        return {
            "pjsip.conf": "\n".join(pjsip),
            "extensions.conf": "\n".join([*extensions, ""]),
            "rtp.conf": "[general]\nrtpstart=16000\nrtpend=20000\n",
        }

    def run(self, sipp: Path, name: str, server: tuple[str, int]) -> None:
        """Have the phones of a flow play; raises `FlowError` with what they saw."""
        flow, number = self._flows[name], self._numbers[name]
        server = (server[0], self._outside) if flow.is_outside else server
        calls, user = flow.calls or str(1000 + number), flow.user or f"alice{number}"
        with contextlib.ExitStack() as phones:
            third = called = None
            if flow.third:
                carol = Phone(f"carol{number}", "", self._free(name, "c"), 40004, flow.program)
                third = phones.enter_context(playing(sipp, carol, flow.third, server))
            if flow.called:
                place = f"carol{number}@{LOOPBACK}:{self._ports.get((name, 'c'), NOBODY)}"
                options = (*flow.program, "-key", "third", place)
                media = phones.enter_context(_media(flow, 40002))
                bob = Phone(f"bob{number}", "", self._free(name, "b"), media[0], options, flow.patience, media[1])
                called = phones.enter_context(playing(sipp, bob, flow.called, server))
            media = phones.enter_context(_media(flow, 40000))
            alice = Phone(user, calls, self._free(name, "a"), media[0], flow.program, flow.patience, media[1])
            caller = phones.enter_context(playing(sipp, alice, flow.caller, server))
            if flow.beside is not None:
                flow.beside(caller, called)
            _finish([phone for phone in (caller, called, third) if phone is not None], MOST + flow.patience)

    def run_together(self, sipp: Path, names: Sequence[str], server: tuple[str, int]) -> list[str]:
        """Play several flows at once, and return what went wrong: for those that take their time."""
        with ThreadPoolExecutor(len(names)) as pool:
            errors = [pool.submit(self.run, sipp, name, server).exception for name in names]
            return [f"{name}: {error}" for name, wait in zip(names, errors, strict=True) if (error := wait())]

    def close(self) -> None:
        """Let go of the ports that were not used."""
        for one in self._sockets.values():
            one.close()

    def _free(self, name: str, side: str) -> int:
        self._sockets[name, side].close()
        return self._ports[name, side]


def all_flows() -> dict[str, Flow]:
    """Return the flows of every module of `flows`, by name."""
    modules = [importlib.import_module(f"{flows.__name__}.{one.name}") for one in pkgutil.iter_modules(flows.__path__)]
    return {name: flow for module in modules for name, flow in module.FLOWS.items()}


def _finish(phones: Sequence[Running], seconds: float) -> None:
    """Wait for the end of all; when one has failed the others get a moment more."""
    errors: list[str] = []
    for phone in phones:
        try:
            phone.finish(1 if errors else seconds)
        except FlowError as error:
            errors.append(str(error))
    if errors:
        raise FlowError("\n".join(errors))


@contextlib.contextmanager
def _media(flow: Flow, port: int) -> Iterator[tuple[int, socket.socket | None]]:
    """Make the socket for a phone's media and name its port, or else that port."""
    if not flow.has_media:
        yield port, None
        return
    with _bound() as made:
        made.settimeout(PATIENCE)
        yield int(made.getsockname()[1]), made


def _bound() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((LOOPBACK, 0))
    return made
