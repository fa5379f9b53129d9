import asyncio
import itertools
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
        media, got, turns = MediaLoop(), list[int](), list[int]()
        sockets, sender = [bound() for _ in range(12)], bound()
        for each in sockets:
            media.watch(each, lambda each=each: got.append(int(each.recv(99))))  # type: ignore[misc]
        for number in range(1200):
            sender.sendto(b"%d" % number, sockets[number % 12].getsockname())
        while len(got) < 1200:
            turns.append(len(got))
            await asyncio.sleep(0)
        assert sorted(got) == list(range(1200))
        assert max(later - turn for turn, later in itertools.pairwise([*turns, 1200])) < 600
        for each in sockets:
            media.forget(each)
            sender.sendto(b"1", each.getsockname())
        await asyncio.sleep(0.01)
        assert len(got) == 1200
        media.close()
        for each in (*sockets, sender):
            each.close()

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
