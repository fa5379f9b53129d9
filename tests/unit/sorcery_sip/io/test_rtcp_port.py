import pytest

from sorcery_sip.rtp.rtcp import Report, ReportBlock, write_report
from tests.unit.sorcery_sip.io.phones import Phone, Scene, scene, until

REPORT = write_report(Report(1, None, (ReportBlock(2, 0, 5, 6, 7),)), "x")


def rtcp_of(scene: Scene) -> tuple[str, int]:
    return scene.one.local[0], scene.one.local[1] + 1


@pytest.mark.parametrize("data", [b"", b"x", REPORT[:-1], b"\x80" * 40], ids=["empty", "short", "cut", "no RTCP"])
def test_what_is_no_rtcp_is_dropped_and_counted(data: bytes) -> None:
    async def play(scene: Scene) -> None:
        scene.configure()
        scene.one.connect(scene.other)
        scene.alice.rtcp.sendto(data, rtcp_of(scene))
        scene.alice.rtcp.sendto(b"no rtcp either", rtcp_of(scene))
        await until(lambda: scene.one.rtcp.dropped)
        with pytest.raises(BlockingIOError):
            scene.bob.rtcp.recv(2048)

    scene(play)


def test_rtcp_of_strangers_is_dropped() -> None:
    async def play(scene: Scene) -> None:
        scene.configure(remote=("127.0.0.9", 4000), remote_rtcp=None)
        scene.alice.rtcp.sendto(REPORT, rtcp_of(scene))
        await until(lambda: scene.one.rtcp.dropped == 1)

    scene(play)


def test_symmetric_rtcp_is_answered_to_where_it_comes_from() -> None:
    async def play(scene: Scene) -> None:
        nat = Phone()
        scene.configure(symmetric=True)
        nat.rtcp.sendto(REPORT, rtcp_of(scene))
        await until(lambda: scene.one.peer.rtcp_destination == nat.rtcp_address)
        scene.now += 5
        scene.media.checks.turn()
        await nat.hear_rtcp()
        nat.close()

    scene(play)


def test_nothing_is_passed_on_before_anything_was_relayed() -> None:
    async def play(scene: Scene) -> None:
        scene.configure()
        scene.one.connect(scene.other)
        scene.alice.rtcp.sendto(REPORT, rtcp_of(scene))
        assert (await scene.bob.hear_rtcp())[:4] == REPORT[:4]

    scene(play)
