"""Check 40,000 users in one `pjsip.conf` and print how long it takes: `python tests/bench/check_40000.py [users]`."""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
import time
from pathlib import Path

from sorcery_cli import main as sorcery
from tests.bench.load_40000 import provisioned

__all__ = ["main"]


def main(users: int) -> None:
    """Run `sorcery check` on good users, on ones with a finding each, and against another release; print seconds."""
    with tempfile.TemporaryDirectory(prefix="sorcery-bench-") as folder:
        path = Path(folder, "pjsip.conf")
        text = provisioned(users)
        path.write_text(text)
        _timed("check", folder)
        _timed("check for another release", folder, "--target", "asterisk:20")
        path.write_text(text.replace("password = secret", "password = "))
        _timed("check, a finding for each user", folder)


def _timed(what: str, folder: str, *words: str) -> None:
    start, used, printed = time.perf_counter(), time.process_time(), io.StringIO()
    with contextlib.redirect_stdout(printed):
        sorcery(["-C", folder, "check", *words])
    used = time.process_time() - used
    summary = printed.getvalue().splitlines()[-1]
    sys.stdout.write(
        f"{time.perf_counter() - start:8.3f} s, {used:.3f} s of them on the processor: {what}: {summary}\n"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40_000)
