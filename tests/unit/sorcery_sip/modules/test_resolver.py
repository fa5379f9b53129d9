"""From URIs to addresses: literal ones, SRV and NAPTR, what is remembered."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Mapping, Sequence

import pytest

from sorcery_sip.message.uri import SipUri, parse_uri
from sorcery_sip.modules.dns import Naptr, Srv
from sorcery_sip.modules.resolver import KEPT, HostPort, Resolver, in_order


class Zone:
    """Name servers that know a few names, and remember what they were asked."""

    def __init__(
        self,
        hosts: Mapping[str, Sequence[str]],
        srv: Mapping[str, Sequence[Srv]] | None = None,
        naptr: Mapping[str, Sequence[Naptr]] | None = None,
    ) -> None:
        self._hosts, self._srv, self._naptr = hosts, srv or {}, naptr or {}
        self.asked: list[str] = []

    async def addresses(self, host: str) -> tuple[str, ...]:
        self.asked.append(host)
        await asyncio.sleep(0)
        return tuple(self._hosts.get(host, ()))

    async def srv(self, name: str) -> tuple[Srv, ...]:
        self.asked.append(name)
        return tuple(self._srv.get(name, ()))

    async def naptr(self, domain: str) -> tuple[Naptr, ...]:
        self.asked.append(f"naptr {domain}")
        return tuple(self._naptr.get(domain, ()))


def uri(text: str) -> SipUri:
    found = parse_uri(text)
    assert isinstance(found, SipUri)
    return found


def resolve(zone: Zone, text: str) -> tuple[HostPort, ...]:
    return asyncio.run(Resolver(zone, chance=random.Random(1)).resolve(uri(text)))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("sip:bob@192.0.2.1", ("192.0.2.1", 5060)),
        ("sip:192.0.2.1:5070;transport=UDP", ("192.0.2.1", 5070)),
        ("sip:bob@[2001:db8::1]:5070", ("2001:db8::1", 5070)),
        ("sip:bob@example.com;maddr=192.0.2.9", ("192.0.2.9", 5060)),
    ],
)
def test_a_literal_address_is_known_without_asking(text: str, found: tuple[str, int]) -> None:
    zone = Zone({})
    assert Resolver(zone).known(uri(text)) == (found,)
    assert zone.asked == []


@pytest.mark.parametrize(
    "text",
    ["sips:bob@192.0.2.1", "SIPS:bob@192.0.2.1", "sip:bob@192.0.2.1;transport=tcp", "sip:a@example.com;transport=ws"],
)
def test_what_is_not_udp_leads_nowhere(text: str) -> None:
    assert resolve(Zone({"example.com": ["192.0.2.1"]}), text) == ()


def test_a_port_asks_for_addresses_alone() -> None:
    zone = Zone({"example.com": ["192.0.2.1", "192.0.2.2"]})
    assert resolve(zone, "sip:example.com:5080") == (("192.0.2.1", 5080), ("192.0.2.2", 5080))
    assert zone.asked == ["example.com"]


def test_a_name_without_srv_is_at_5060() -> None:
    zone = Zone({"example.com": ["192.0.2.1"]})
    assert resolve(zone, "sip:bob@example.com") == (("192.0.2.1", 5060),)
    assert zone.asked == ["naptr example.com", "_sip._udp.example.com", "example.com"]


def test_srv_gives_servers_by_priority() -> None:
    servers = [Srv(20, 0, 5062, "backup.example.com"), Srv(10, 0, 5061, "main.example.com")]
    zone = Zone(
        {"main.example.com": ["192.0.2.1"], "backup.example.com": ["192.0.2.2"]}, {"_sip._udp.example.com": servers}
    )
    assert resolve(zone, "sip:example.com") == (("192.0.2.1", 5061), ("192.0.2.2", 5062))


def test_naptr_names_the_srv_record_unless_the_uri_names_its_transport() -> None:
    zone = Zone(
        {"a.example.com": ["192.0.2.1"], "b.example.com": ["192.0.2.2"]},
        {"_sip._udp.elsewhere": [Srv(1, 1, 5061, "a.example.com")], "_sip._udp.x.org": [Srv(1, 1, 5, "b.example.com")]},
        {"x.org": [Naptr(1, 1, "SIP+D2T", "_sip._tcp.x.org"), Naptr(2, 1, "SIP+D2U", "_sip._udp.elsewhere")]},
    )
    assert resolve(zone, "sip:x.org") == (("192.0.2.1", 5061),)
    assert resolve(zone, "sip:x.org;transport=udp") == (("192.0.2.2", 5),)


def test_a_service_that_says_it_is_not_there_leads_nowhere() -> None:
    zone = Zone({"example.com": ["192.0.2.1"]}, {"_sip._udp.example.com": [Srv(0, 0, 0, "")]})
    assert resolve(zone, "sip:example.com") == ()


def test_a_name_that_does_not_resolve_leads_nowhere_and_is_asked_for_again() -> None:
    async def main() -> None:
        zone = Zone({})
        resolver = Resolver(zone)
        assert await resolver.resolve(uri("sip:nobody.example:1")) == ()
        assert await resolver.resolve(uri("sip:nobody.example:1")) == ()
        assert zone.asked == ["nobody.example"] * 2

    asyncio.run(main())


def test_an_answer_is_used_again_for_a_while_whatever_the_user_is() -> None:
    async def main() -> None:
        now = 0.0
        zone = Zone({"example.com": ["192.0.2.1"]})
        resolver = Resolver(zone, clock=lambda: now)
        assert resolver.known(uri("sip:a@example.com:5060")) is None
        await resolver.resolve(uri("sip:a@example.com:5060"))
        assert resolver.known(uri("sip:b@EXAMPLE.com:5060;ob")) == (("192.0.2.1", 5060),)
        now = KEPT
        assert resolver.known(uri("sip:a@example.com:5060")) is None

    asyncio.run(main())


def test_who_asks_for_the_same_name_meanwhile_joins() -> None:
    async def main() -> None:
        zone = Zone({"example.com": ["192.0.2.1"]})
        resolver = Resolver(zone)
        found = await asyncio.gather(*(resolver.resolve(uri("sip:example.com:5060")) for _ in range(5)))
        assert found == [(("192.0.2.1", 5060),)] * 5
        assert zone.asked == ["example.com"]

    asyncio.run(main())


def test_who_gives_up_does_not_break_off_what_others_wait_for() -> None:
    async def main() -> None:
        resolver = Resolver(Zone({"example.com": ["192.0.2.1"]}))
        first = asyncio.create_task(resolver.resolve(uri("sip:example.com:5060")))
        second = asyncio.create_task(resolver.resolve(uri("sip:example.com:5060")))
        await asyncio.sleep(0)
        first.cancel()
        assert await second == (("192.0.2.1", 5060),)

    asyncio.run(main())


def test_no_more_answers_are_kept_than_a_server_can_bear() -> None:
    async def main() -> None:
        resolver = Resolver(Zone({f"h{n}.example": ["192.0.2.1"] for n in range(1100)}))
        for number in range(1100):
            await resolver.resolve(uri(f"sip:h{number}.example:5060"))
        known = [resolver.known(uri(f"sip:h{number}.example:5060")) is not None for number in range(1100)]
        assert known == [False] * 76 + [True] * 1024

    asyncio.run(main())


def test_servers_of_one_priority_are_chosen_by_weight() -> None:
    chance = random.Random(7)
    servers = [Srv(1, 90, 1, "heavy"), Srv(1, 10, 1, "light"), Srv(1, 0, 1, "none"), Srv(0, 0, 1, "first")]
    orders = [[server.target for server in in_order(servers, chance)] for _ in range(1000)]
    assert {order[0] for order in orders} == {"first"}
    second = Counter(order[1] for order in orders)
    assert 850 < second["heavy"] < 950
    assert second["none"] < 10
