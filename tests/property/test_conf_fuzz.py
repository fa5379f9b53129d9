"""Whatever stands in `.conf` files, however long one tries: it is read or refused, soon, and written back as it was.

`SORCERY_SOAK_SECONDS` sets how long is tried, `SORCERY_SOAK_SEED` repeats the draws of a run.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from unittest.mock import patch

import pytest

from sorcery.conf import ConfFile, dump, dump_messages, read_conf
from sorcery.conf.editing import Document, EditRefused, Selector, Tree
from sorcery.conf.formatting import format_text
from sorcery.conf.text import decode
from sorcery.errors import ConfigurationError, ConfSyntaxError

SOAK = "SORCERY_SOAK_SECONDS"
SECONDS = float(os.environ.get(SOAK, "5"))
SEED = int(os.environ.get("SORCERY_SOAK_SEED", random.SystemRandom().randrange(2**32)))
SOON = 5.0
"""Seconds on the processor that one input of some kB may take at most; nearly all take milliseconds."""
LONGEST = 20_000
"""Bytes of one file."""

SKIPPED = (".json", ".sql", ".pem", ".key", ".crt")
DATA = Path(__file__).parents[1] / "data"
NAMES = ("main.conf", "i.inc", "j.inc", "sub/k.inc")
TOKENS = (
    *b"[ ] ( ) (!) (+) (+ , & = => += > \\ \" ' < ; ;-- --; ;--- * ? {2} ^ $ | [a-b] [[:alpha:]] [a] [t](!)".split(
        b" "
    ),
    *b"[a](t) [a](+) [a](+k=v) [](+TEMPLATES=restrict) k=v k+=v k=>v #include #tryinclude #exec i.inc j.inc".split(
        b" "
    ),
    *b"main.conf sub/* {i,j}.inc \xef\xbb\xbf \xc3\xa9 \0 \r \x7f \t".split(b" "),
    *(b"", b" ", b"\n", b"\n\n", b"n" * 79, b"v" * 8190, b"{a,b}" * 9, b";--" * 129, b"a{9}" * 5),
)
WORDS = (b"a", b"A", b"t", b"k", b"v", b"type", b"\xe9", b"x y")
TAME = 0.995
"""The part of the words that are no more than words: most files would be refused for the rest."""
HEAD = b"[a]\n[t](!)\ntype=t\nk=1\n[k]\n[v]\n[type]\n[\xe9]\nk=v\n[x y](t)\n"
LINES = (
    *(
        b"%s=%s",
        b"%s = %s ; %s",
        b"%s=>%s",
        b"%s += %s",
        b"; %s",
        b";-- %s --; %s=%s",
        b"[%s]",
        b"[%s](%s)",
        b"[%s](%s,%s)",
    )
    * 9,
    *(b"[%s](+%s=%s)", b"[](+%s=%s&%s=)", b"#include %s", b"#tryinclude %s", b"#exec %s", b"%s", b";-- %s", b"%s --;"),
)


def samples() -> list[bytes]:
    """Return the configurations that other tests read."""
    paths = (path for path in sorted(DATA.rglob("*")) if path.is_file() and path.suffix not in SKIPPED)
    return [content for path in paths if (content := path.read_bytes()) and len(content) <= LONGEST]


class Drawing:
    """Draws the contents of files."""

    def __init__(self, chance: random.Random, known: Sequence[bytes]) -> None:
        self._chance, self._known = chance, known

    def files(self) -> dict[str, bytes]:
        return {name: self._file() for name in NAMES[: self._chance.choice((1, 1, 4))]}

    def _file(self) -> bytes:
        draw = self._chance.choice((self._bytes, self._lines, self._lines, self._mutated, self._mutated))
        return draw()[:LONGEST]

    def _bytes(self) -> bytes:
        return self._chance.randbytes(self._chance.choice((5, 50, 500)))

    def _token(self) -> bytes:
        return self._chance.choice(WORDS if self._chance.random() < TAME else TOKENS)

    def _line(self) -> bytes:
        form = self._chance.choice(LINES)
        return form % tuple(self._token() for _ in range(form.count(b"%s")))

    def _lines(self) -> bytes:
        count = self._chance.choice((3, 10, 40, 200))
        return self._chance.choice((b"", HEAD, HEAD)) + b"\n".join(self._line() for _ in range(count))

    def _mutated(self) -> bytes:
        content = bytearray(self._chance.choice(self._known))
        for _ in range(self._chance.choice((1, 3, 10))):
            self._mutate(content)
        return bytes(content)

    def _mutate(self, content: bytearray) -> None:
        start = self._chance.randrange(len(content) + 1)
        end = min(len(content), start + self._chance.choice((0, 1, 5, 100)))
        match self._chance.randrange(6):
            case 0:
                content[start:end] = self._chance.randbytes(end - start)
            case 1:
                del content[start:end]
            case 2:
                content[start:end] *= self._chance.choice((2, 50))
            case 3:
                content[start:start] = self._token()
            case 4:
                content[start:start] = b"\n" + self._line() + b"\n"
            case _:
                other = self._chance.choice(self._known)
                content[start:end] = other[self._chance.randrange(len(other)) :][:300]


def outcome(path: Path) -> tuple[object, ...]:
    """Return what is read, or how it is refused."""
    try:
        conf = read_conf(path)
    except ConfigurationError as error:
        return type(error), str(error), error.place is not None, error.remedy != ""
    return dump(conf), dump_messages(conf.messages, conf.directory)


def edited(document: Document, conf: ConfFile, chance: random.Random) -> Document | None:
    """Return the document with one option set somewhere, or None where that is refused."""
    if not conf.categories:
        return None
    section = chance.choice(conf.categories)
    kind = section.first("type")
    selector = Selector(section.name, (("type", kind),) if kind else (), section.template)
    try:
        return document.set(selector, chance.choice(("k", "type", "new")), chance.choice(("v", "", "x;y\\")))
    except EditRefused:
        return None


def try_out(folder: Path, contents: Mapping[str, bytes], chance: random.Random) -> str:
    """Read, write back, edit and format some files; return what came of it."""
    main = folder / NAMES[0]
    for name in NAMES:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.unlink(missing_ok=True)
        if name in contents:
            path.write_bytes(contents[name])
    for content in contents.values():
        assert bytes(Tree.parse(content)) == content
        with suppress(ConfSyntaxError):
            assert format_text(again := format_text(decode(content))) == again
    found = outcome(main)
    with patch("sorcery.conf.drafts.plain_header", return_value=None):
        assert outcome(main) == found
    if isinstance(found[0], type):
        assert found[2:] == (True, True)
        with pytest.raises(found[0]):
            Document.read(main)
        return "refused"
    document = Document.read(main)
    assert {Path(path).read_bytes() for path in document.files} <= set(contents.values())
    assert (dump(document.conf), dump_messages(document.conf.messages, document.conf.directory)) == found
    new = edited(document, document.conf, chance)
    if new is None:
        return "read"
    new.save()
    assert dump(read_conf(main)) == dump(new.conf)
    assert all(Path(path).read_bytes() == content for path, content in new.files.items())
    return "edited"


@pytest.fixture
def low_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse sooner what is refused for its length, so that no input takes seconds without a fault."""
    monkeypatch.setattr("sorcery.conf.drafts.MAX_COPIES", 100_000)
    monkeypatch.setattr("sorcery.conf.drafts.COMPARED", 200_000)
    monkeypatch.setattr("sorcery.conf.drafts.APPENDED", 2_000_000)
    monkeypatch.setattr("sorcery.conf.files.MAX_REPEATED", 300_000)


@pytest.mark.usefixtures("low_limits")
@pytest.mark.timeout(SECONDS + 120)
def test_drawn_files_are_read_or_refused_soon_and_come_back_as_they_were(tmp_path: Path) -> None:
    print(f"SORCERY_SOAK_SEED={SEED}")  # noqa: T201 - shown where the test fails
    known, outcomes = samples(), Counter[str]()
    end, number = time.monotonic() + SECONDS, 0
    while time.monotonic() < end or number < 100:
        chance = random.Random(SEED + number)
        contents = Drawing(chance, known).files()
        used = time.process_time()
        try:
            outcomes[try_out(tmp_path, contents, chance)] += 1
        except Exception as error:
            error.add_note(f"input {number} of seed {SEED}: {contents}")
            raise
        assert time.process_time() - used < SOON, f"input {number} of seed {SEED}: {contents}"
        number += 1
    print(outcomes)  # noqa: T201
    assert min(outcomes[each] for each in ("read", "refused", "edited")) > 0
