"""Sections of files that an Asterisk and we are given alike, and what each makes of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from sorcery import InvalidObject, Object
from sorcery.pjsip import Phoneprov, Transport
from tests.interop.asterisk import Asterisk, Attributes
from tests.interop.objects import asked, comparable, known_there, printed, section
from tests.interop.ports import LOOPBACK, free_port

Lines = Sequence[tuple[str, str]]

AROUND = {
    "pjsip.conf": (
        f"[around-udp]\ntype=transport\nbind={LOOPBACK}:{{}}\n"
        f"[around-tcp]\ntype=transport\nprotocol=tcp\nbind={LOOPBACK}:{{}}\n"
    ),
    "ari.conf": "[general]\nenabled=yes\n[interop]\ntype=user\npassword=interop\n[u]\ntype=user\npassword=p\n",
    "websocket_client.conf": "[c]\ntype=websocket_client\nuri=ws://127.0.0.1:9\nconnection_type=persistent\n",
}
"""What objects need to exist: a registration a transport, an outbound websocket its client and its user."""


class Trial(NamedTuple):
    """The lines of one section, without its `type`."""

    cls: type[Object]
    lines: Lines


class Verdict(NamedTuple):
    """What both made of a trial: what they print, None for a refused object."""

    trial: Trial
    id: str
    ours: Attributes | None
    theirs: Attributes | None

    @property
    def is_alike(self) -> bool:
        """Tell whether both take it and print the same, or both refuse it."""
        return self.ours == self.theirs

    @property
    def difference(self) -> frozenset[str]:
        """Say who refuses it, or what is printed differently."""
        if self.ours is None or self.theirs is None:
            told = {"we refuse what Asterisk takes": self.ours, "Asterisk refuses what we take": self.theirs}
            return frozenset(text for text, printed in told.items() if printed is None and not self.is_alike)
        names = self.ours.keys() | self.theirs.keys()
        return frozenset(name for name in names if self.ours.get(name) != self.theirs.get(name))


def judged(root: Path, trials: Iterable[Trial]) -> list[Verdict]:
    """Load all trials into one Asterisk, which starts and ends here, and ask for each."""
    ports = _distinct_ports()
    named = [
        (f"{trial.cls.__sorcery__.plain_name}-{number}", _placed(trial, ports)) for number, trial in enumerate(trials)
    ]
    with Asterisk(root, _files(named, ports)) as asterisk:
        return [_verdict(asterisk, id, trial) for id, trial in named]


def built(id: str, trial: Trial) -> Object | None:
    """Return the object that we make of a trial, or None."""
    try:
        return trial.cls.__sorcery__.build(id, trial.lines, compat=True)
    except InvalidObject:
        return None


def _distinct_ports() -> Iterator[int]:
    seen = set[int]()
    while True:
        port = free_port()
        if port not in seen:
            seen.add(port)
            yield port


def _placed(trial: Trial, ports: Iterator[int]) -> Trial:
    """Give a transport a socket of its own."""
    if trial.cls is not Transport:
        return trial
    others = [(name, text) for name, text in trial.lines if name.lower() != "bind"]
    return Trial(trial.cls, [("bind", f"{LOOPBACK}:{next(ports)}"), *others])


def _files(named: Iterable[tuple[str, Trial]], ports: Iterator[int]) -> dict[str, str]:
    files = defaultdict(str, AROUND)
    files["pjsip.conf"] = files["pjsip.conf"].format(next(ports), next(ports))
    for id, trial in named:
        own = trial.cls.__sorcery__
        files[str(own.conf)] += section(id, own.plain_name, trial.lines)
        if trial.cls is Transport:  # what Asterisk leaves behind of a refused one goes into the next, this sound one
            files[str(own.conf)] += section(f"after-{id}", "transport", [("bind", f"{LOOPBACK}:{next(ports)}")])
    return files


def _verdict(asterisk: Asterisk, id: str, trial: Trial) -> Verdict:
    obj, said = built(id, trial), asked(asterisk, trial.cls.__sorcery__, id)
    ours = None if obj is None else comparable(known_there(obj, printed(obj)))
    if said is not None and ours is not None and trial.cls is Phoneprov:  # the module adds variables of its own
        said = {name: text for name, text in said.items() if name in ours}
    return Verdict(trial, id, ours, None if said is None else comparable(said))
