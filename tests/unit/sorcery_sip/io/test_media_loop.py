import asyncio
import socket

from sorcery_sip.io.media_loop import MediaLoop
from tests.unit.sorcery_sip.io.phones import until


def bound() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)
    made.bind(("127.0.0.1", 0))
    return made


def test_everything_that_waits_is_taken_in_and_other_work_of_the_loop_is_done_between() -> None:
    async def run() -> None:
        media, got, turns = MediaLoop(), list[bytes](), list[int]()
        one, other = bound(), bound()
        media.watch(one, lambda: got.append(one.recv(99)))
        for number in range(100):
            other.sendto(b"%d" % number, one.getsockname())
        while len(got) < 100:
            turns.append(len(got))
            await asyncio.sleep(0)
        assert got == [b"%d" % number for number in range(100)]
        assert len(turns) >= 6  # 16 of one socket at a time
        media.forget(one)
        other.sendto(b"late", one.getsockname())
        await asyncio.sleep(0.01)
        assert len(got) == 100
        media.close()
        one.close()
        other.close()

    asyncio.run(run())


def test_a_port_that_another_closes_in_the_same_turn_does_no_harm() -> None:
    async def run() -> None:
        media, got = MediaLoop(), list[str]()
        sockets = [bound() for _ in range(3)]

        def close_all(name: str) -> None:
            got.append(name)
            for each in sockets:
                if each.fileno() != -1:
                    media.forget(each)
                    each.close()

        def reader(place: int) -> None:
            try:
                sockets[place].recv(99)
            except OSError:
                got.append("closed")
                return
            close_all("closes")

        for place, each in enumerate(sockets):
            media.watch(each, lambda place=place: reader(place))  # type: ignore[misc]
            sockets[0].sendto(b"x", each.getsockname())
        await until(lambda: len(got) >= 3)
        assert got == ["closes", "closed", "closed"]
        media.close()

    asyncio.run(run())
