"""Requests that are taken for somebody else's, and endpoints that no request is taken for."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from sorcery.checks.networks import Deciding, NetworkIndex
from sorcery.checks.rule import Fault, rule
from sorcery.checks.system import System
from sorcery.findings import Severity
from sorcery.pjsip import Endpoint, Identify, Registration
from sorcery.pjsip.kinds.networks import Network

__all__ = ["RULES"]

UNLIKE_VALUES = ("~7", "Zq, <x>", "_%")
UNLIKE_URIS = ("sip:7@0", "sip:Z@[::a]")
"""Texts that have nothing in common: what fits all of them fits whatever there is. Short, for any expression to end."""
BY_NAME = frozenset({"username", "auth_username"})


@rule(
    "identify-everybody",
    Severity.WARNING,
    what="An `identify` matches every address, every value of a header, or every Request-URI.",
    why="The world is taken for that endpoint: strangers call with its rights, and whoever is asked for after it is "
    "never found.",
    mending="Name the networks that the endpoint sends from.",
)
def identify_everybody(system: System) -> Iterator[Fault]:
    for identify in system.all(Identify):
        for network in identify.match.networks:
            if _is_everything(network):
                remedy = "name the networks that the endpoint sends from"
                yield _everybody(identify, "match", network.short, remedy)
        if all(map(identify.match_header.matches, UNLIKE_VALUES)):
            yield _everybody(identify, "match_header", str(identify.match_header), "write the value that only it sends")
        if all(map(identify.match_request_uri.matches, UNLIKE_URIS)):
            yield _everybody(identify, "match_request_uri", str(identify.match_request_uri), "write the URI")


def _everybody(identify: Identify, option: str, value: str, remedy: str) -> Fault:
    problem = f"everybody is taken for endpoint {identify.endpoint!r}"
    return Fault(problem=problem, remedy=remedy, obj=identify, option=option, value=value)


def _is_everything(network: Network) -> bool:
    return not network.inverted and not int(network.mask)


@attrs.frozen(slots=True, order=True)
class _Range:
    """The addresses of one network, in the order that lets a wider one come before those within it."""

    version: int
    first: int
    end: int
    """The last address, negated."""
    identify: Identify = attrs.field(order=False)
    network: Network = attrs.field(order=False)


class _Around:
    """The networks met so far; those of other endpoints are found without a look at one's own."""

    def __init__(self) -> None:
        self._index = NetworkIndex[dict[int | None, dict[str, list[_Range]]]]()

    def add(self, each: _Range) -> None:
        """Take note of a network."""
        by_port = self._index.setdefault(each.network, {})
        for port in (each.network.port, None):
            by_port.setdefault(port, {}).setdefault(each.identify.endpoint, []).append(each)

    def others(self, each: _Range) -> Iterator[_Range]:
        """Yield those that hold the network, lead to another endpoint, and may be asked from the same port."""
        port = each.network.port
        for by_port in self._index.around(each.network):
            for wanted in (0, port) if port else (None,):
                for endpoint, ranges in by_port.get(wanted, {}).items():
                    if endpoint != each.identify.endpoint:
                        yield from ranges


@rule(
    "identify-overlap",
    Severity.WARNING,
    what="Two `identify` objects of different endpoints match the same address.",
    why="Which of them counts is the order of their ids or of a hash, not which is more exact: calls of the one are "
    "taken for the other's.",
    mending="Take the narrower network out of the wider one, as in `192.0.2.0/24,!192.0.2.9/32`; leave one that both "
    "have to one of them.",
)
def identify_overlap(system: System) -> Iterator[Fault]:
    around = _Around()
    deciding = {identify.id: Deciding(identify.match.networks) for identify in system.all(Identify)}
    for each in sorted(_ranges(system)):
        for wider in around.others(each):
            port = each.network.port or wider.network.port
            if all(deciding[one.identify.id].matches(each.network, port) for one in (wider, each)):
                yield _overlap(wider, each)
                break
        around.add(each)


def _overlap(wider: _Range, each: _Range) -> Fault:
    return Fault(
        problem=f"{each.network.short} leads to endpoint {each.identify.endpoint!r}, and identify "
        f"{wider.identify.id!r} leads {wider.network.short} to {wider.identify.endpoint!r}",
        remedy=f"leave {each.network.short} to one of the two"
        if wider.network == each.network
        else f"add !{each.network.short} to the match of {wider.identify.id}",
        obj=each.identify,
        option="match",
        value=each.network.short,
    )


def _ranges(system: System) -> Iterator[_Range]:
    """Yield what the objects match, but for what is everything and told by another rule."""
    for identify in system.all(Identify):
        for network in identify.match.networks:
            if not network.inverted and not _is_everything(network):
                first, width = int(network.address), network.address.max_prefixlen
                last = first | (~int(network.mask) & ((1 << width) - 1))
                yield _Range(network.address.version, first, -last, identify, network)


@rule(
    "never-identified",
    Severity.WARNING,
    what="`identify_by` names neither `username` nor `auth_username`, and no `identify` or `line` leads to it.",
    why="No request is ever taken for the endpoint's: its calls and registrations are answered as a stranger's.",
    mending="Add an `identify`, or `username` to `identify_by`.",
)
def never_identified(system: System) -> Iterator[Fault]:
    if not (system.is_known(Identify) and system.is_known(Registration)):
        return
    led = {each.endpoint for each in system.all(Identify)} | {each.endpoint for each in system.all(Registration)}
    for endpoint in system.all(Endpoint):
        by_name = BY_NAME.intersection(endpoint.identify_by) or endpoint.id.partition("@")[0] == "anonymous"
        if not by_name and endpoint.id not in led:
            yield Fault(
                problem="no request is ever taken for its own: no identify leads to it, and its name is not looked at",
                remedy="write an identify for it, or add username to identify_by",
                obj=endpoint,
                option="identify_by",
            )


RULES = (identify_everybody, identify_overlap, never_identified)
