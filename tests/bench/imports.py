"""Print what starting takes: processor time of the interpreter with what it imports, the best of several runs.

`python tests/bench/imports.py`
"""

from __future__ import annotations

import resource
import subprocess
import sys

RUNS = 9
STARTS = {
    "nothing": ["-c", "pass"],
    "import attrs": ["-c", "import attrs"],
    "import sorcery": ["-c", "import sorcery"],
    "import sorcery.pjsip, all types": ["-c", "import sorcery.pjsip"],
    "sorcery --help": ["-c", "import sorcery_cli; sorcery_cli.main(['--help'])"],
}


def main() -> None:
    """Start each several times."""
    for what, arguments in STARTS.items():
        best = min(_spent(arguments) for _ in range(RUNS))
        sys.stdout.write(f"{best * 1000:6.0f} ms: {what}\n")


def _spent(arguments: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
