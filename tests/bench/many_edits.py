"""What large transactions on one `pjsip.conf` cost: `python tests/bench/many_edits.py [objects …]`.

Seconds are those of the processor, and µs those for each object: they should not grow with the number of objects.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sorcery import Sorcery, Transaction
from sorcery.pjsip import Auth
from sorcery.pjsip.sealing import seal

__all__ = ["main"]


def main(counts: Sequence[int]) -> None:
    """Create, seal and delete so many objects, each in one transaction."""
    for count in counts:
        auths = [Auth(f"a{number}", username=f"a{number}", password=f"secret{number}") for number in range(count)]
        sealed = [seal(each, "pbx.example.com") for each in auths]
        with tempfile.TemporaryDirectory(prefix="sorcery-bench-") as folder:
            Path(folder, "pjsip.conf").write_text("")
            with Sorcery.open(folder, writable=True) as s:
                _timed("create", s, auths, Transaction.create)
                _timed("seal", s, sealed, Transaction.update)
                _timed("delete", s, sealed, Transaction.delete)


def _timed(what: str, s: Sorcery, objects: Sequence[Auth], change: Callable[[Transaction, Auth], None]) -> None:
    begun = time.process_time()
    with s.transaction() as transaction:
        for obj in objects:
            change(transaction, obj)
    spent = time.process_time() - begun
    each = spent / len(objects) * 1e6
    sys.stdout.write(f"{len(objects):8} objects  {spent:7.3f} s  {each:6.1f} µs for each: {what}\n")


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [1000, 5000, 25_000])
