"""Whatever a file says, the check comes to an end, tells rules that there are, at places that there are."""

import contextlib
import io
import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from sorcery.checks.catalogue import CATALOGUE
from sorcery.pjsip import Acl, Aor, Auth, Endpoint, Global, Identify, Registration, Transport
from sorcery_cli import main

TYPES = (Acl, Aor, Auth, Endpoint, Global, Identify, Registration, Transport)
KEYS = sorted({name for cls in TYPES for name in cls.__sorcery__.options})
VALUES = [
    "",
    "yes",
    "no",
    "0",
    "1",
    "-5",
    "many",
    "a",
    "b",
    "a,b",
    "0.0.0.0/0",
    "10.0.0.1,!10.0.0.0/8",
    "sip:a@127.0.0.1",
]
VALUES += [
    "all",
    "!all,ulaw",
    "To: /.*/",
    "tls",
    "udp",
    "127.0.0.1",
    "MD5",
    "SHA-256:" + "0" * 64,
    "0" * 32,
    "username",
    "ü;x",
]
names = st.sampled_from(["a", "b", "a_b", "t", ""])
words = st.one_of(st.sampled_from(VALUES), st.text("ab;=[]()\\-:/,\x1b\udc80", max_size=8))
keys = st.one_of(st.sampled_from(KEYS), st.sampled_from(KEYS).map(lambda key: key[1:]), st.just("type"))
comments = st.sampled_from(["", " ; sorcery: ignore weak-secret", " ; sorcery: ignore nat-half,x y", " ;-- x", " --;"])
lines = st.builds("{}{}{}{}".format, keys, st.sampled_from(["=", "=>", "+=", " "]), words, comments)
headers = st.builds("[{}]{}{}".format, names, st.sampled_from(["", "", "(!)", "(t)", "(+)", "(", "(+,a)"]), comments)
types = st.builds("type={}".format, st.sampled_from([cls.__sorcery__.name for cls in TYPES] + ["Aor", "contact"]))
sections = st.builds(lambda head, type, body: [head, type, *body], headers, types, st.lists(lines, max_size=6))
files = st.lists(sections, max_size=6).map(lambda drawn: "\n".join(line for part in drawn for line in part))


def check(folder: Path, *words: str) -> str:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
        assert main(["-C", str(folder), "check", *words]) in (0, 1)
    return printed.getvalue()


@settings(deadline=None, max_examples=120)
@given(files, st.sampled_from([(), ("--target", "asterisk:20")]))
def test_a_check_tells_rules_of_the_table_at_lines_of_the_file(text: str, words: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "pjsip.conf")
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        for finding in json.loads(check(path.parent, "--json", *words)):
            assert finding["rule"] in CATALOGUE
            if finding["line"] is not None:
                (line,) = path.read_bytes().split(b"\n")[finding["line"] - 1 : finding["line"]]
                assert 1 <= finding["column"] <= len(line) + 1
        check(path.parent, *words)
        json.loads(check(path.parent, "--format", "sarif", *words))


@settings(deadline=None, max_examples=60)
@given(files)
def test_what_can_be_mended_is_mended_at_once(text: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "pjsip.conf")
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        check(path.parent, "--fix")
        once = path.read_bytes()
        check(path.parent, "--fix")
        assert path.read_bytes() == once
