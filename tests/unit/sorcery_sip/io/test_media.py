import asyncio

import pytest

from sorcery_sip.errors import NoPorts
from sorcery_sip.io.media import MediaLoop, PortRange, open_rtp, open_udptl


def test_ports_run_out_and_come_back() -> None:
    async def run() -> None:
        media, ports = MediaLoop(), PortRange(20000, 20999)
        found = open_rtp("127.0.0.1", ports, media)  # a pair that is free
        found.close()
        few = PortRange(found.port, found.port + 1)
        one = open_rtp("127.0.0.1", few, media)
        assert one.local == ("127.0.0.1", few.first)
        for opening in (open_rtp, open_udptl):
            with pytest.raises(NoPorts, match=f"{few.first} to {few.last}"):
                opening("127.0.0.1", few, media)
        one.close()
        open_udptl("127.0.0.1", few, media).close()
        assert len(few) == 1
        media.close()

    asyncio.run(run())


def test_an_address_that_is_not_ours_is_told() -> None:
    async def run() -> None:
        media, ports = MediaLoop(), PortRange(20000, 20999)
        for opening in (open_rtp, open_udptl):
            with pytest.raises(OSError, match="address"):
                opening("192.0.2.1", ports, media)
        assert len(ports) == 500
        media.close()

    asyncio.run(run())
