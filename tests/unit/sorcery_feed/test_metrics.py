"""Figures by HTTP and in a file."""

from __future__ import annotations

import socket
import stat
import struct
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from sorcery_feed.metrics import serving, write_figures


def test_a_collector_gets_the_figures_of_now() -> None:
    texts = iter(["a 1\n", "a 2\n"])
    with serving("127.0.0.1", 0, lambda: next(texts)) as port:
        for expected in (b"a 1\n", b"a 2\n"):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics?x=1", timeout=60) as response:
                assert response.read() == expected
                assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")


def test_there_is_nothing_else() -> None:
    with serving("127.0.0.1", 0, str) as port:
        with pytest.raises(urllib.error.HTTPError, match="404") as told:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60)
        told.value.close()


def test_it_listens_on_an_address_of_version_6() -> None:
    with serving("::1", 0, str) as port, urllib.request.urlopen(f"http://[::1]:{port}/metrics", timeout=60) as response:
        assert response.status == 200


def test_a_collector_that_hangs_up_leaves_no_traceback(capfd: pytest.CaptureFixture[str]) -> None:
    with serving("127.0.0.1", 0, str) as port:
        with socket.create_connection(("127.0.0.1", port)) as collector:
            collector.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset
            collector.sendall(b"GET /met")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60):  # served after it
            pass
        deadline = time.monotonic() + 60
        while any("process_request_thread" in thread.name for thread in threading.enumerate()):
            assert time.monotonic() < deadline
            time.sleep(0.01)
    assert capfd.readouterr().err == ""


def test_a_port_that_is_taken_is_told() -> None:
    with serving("127.0.0.1", 0, str) as port, pytest.raises(OSError, match="in use"):
        serving("127.0.0.1", port, str).__enter__()


def test_a_file_is_replaced_as_a_whole_and_may_be_read_by_all(tmp_path: Path) -> None:
    path = tmp_path / "feed.prom"
    write_figures(path, "a 1\n")
    write_figures(path, "a 2\n")
    assert path.read_text() == "a 2\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert [each.name for each in tmp_path.iterdir()] == ["feed.prom"]


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "feed.prom").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_figures(tmp_path / "feed.prom", "a 1\n")
    assert [each.name for each in tmp_path.iterdir()] == ["feed.prom"]
