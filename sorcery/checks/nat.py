"""Devices behind NAT: settings that only work together."""

from __future__ import annotations

from collections.abc import Iterator

from sorcery.checks.rule import Fault, rule
from sorcery.checks.system import System
from sorcery.findings import Severity
from sorcery.pjsip import Endpoint, Transport

__all__ = ["RULES"]

TRIO = ("rewrite_contact", "rtp_symmetric", "force_rport")


@rule(
    "nat-half",
    Severity.WARNING,
    what="Of `rewrite_contact`, `rtp_symmetric` and `force_rport` an endpoint has some and not all.",
    why="Signalling goes through the NAT and media does not, or the other way round: calls without sound, or no calls.",
    mending="Write all three as `yes` for a device behind NAT; for one that is not, leave the first two at `no`.",
)
def nat_half(system: System) -> Iterator[Fault]:
    for endpoint in system.all(Endpoint):
        rewrites, symmetric = endpoint.rewrite_contact, endpoint.rtp_symmetric
        if endpoint.ice_support or not (rewrites or symmetric) or (rewrites and symmetric and endpoint.force_rport):
            continue  # ICE finds its way without symmetric RTP
        set_ones = [name for name in TRIO if getattr(endpoint, name)]
        lacking = [name for name in TRIO if name not in set_ones]
        yield Fault(
            problem=f"{' and '.join(set_ones)}, and not {' and '.join(lacking)}: no device behind NAT is served",
            remedy=f"write {' and '.join(f'{name}=yes' for name in lacking)}",
            obj=endpoint,
            option="force_rport" if lacking == ["force_rport"] else set_ones[0],
        )


@rule(
    "nat-direct-media",
    Severity.WARNING,
    what="An endpoint behind NAT (`rewrite_contact=yes`) has direct media, which is the default.",
    why="After the answer the two phones are told to send media to each other's private addresses: silence.",
    mending="Write `direct_media=no`, or `disable_direct_media_on_nat=yes`.",
)
def nat_direct_media(system: System) -> Iterator[Fault]:
    for endpoint in system.all(Endpoint):
        if endpoint.rewrite_contact and endpoint.direct_media and not endpoint.disable_direct_media_on_nat:
            yield Fault(
                problem="it is behind NAT, and its media is to go directly to others",
                remedy="write direct_media=no",
                obj=endpoint,
                option="rewrite_contact",
            )


@rule(
    "external-without-local",
    Severity.WARNING,
    what="A transport has an external address and no `local_net`.",
    why="Without `local_net` every peer counts as outside: phones in the house are given the outer address.",
    mending="Write the inner networks as `local_net`.",
)
def external_without_local(system: System) -> Iterator[Fault]:
    for transport in system.all(Transport):
        for option in ("external_signaling_address", "external_media_address"):
            if getattr(transport, option) and not transport.local_net:
                yield Fault(
                    problem="without local_net every peer counts as outside, those in the house too",
                    remedy="write local_net=192.168.0.0/16, or whatever the inner networks are",
                    obj=transport,
                    option=option,
                )
                break


RULES = (nat_half, nat_direct_media, external_without_local)
