"""Drawn configurations of chan_sip: every line is told once, and what is written is read as it was meant."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from sorcery.chan_sip import CATALOGUE, Conversion, Verdict, convert, convert_rows, pjsip_conf
from sorcery.conf import ConfFile, read_conf

SECRET = "dontTellAnybody"
NAMES = sorted({name for each in CATALOGUE for name in each.names} | {"foo", "secert", "Type", "HOST"})
VALUES = (
    *("yes", "no", "", "all", "dynamic", "192.0.2.1", "2001:db8::1", "sip.example.com:5070", "0.0.0.0/0", "::", "60"),
    *("friend", "peer", "user", "port,invite", "ulaw,h264", "tcp,udp", "wss", "force_rport,auto_comedia", "pai"),
    *("nonsense", "a\\;b", "101@default", "-1", "99999999999", '"A" <1>', "tls://proxy,force", "x=1", "9" * 300),
    *(SECRET, f"u:{SECRET}@r", f"u:{SECRET}:a@192.0.2.1:5070/1~60", f"p1?tcp://u@d:{SECRET}@p1", "u#00@r"),
)
SECRETS = ("secret", "remotesecret", "md5secret", "auth", "register", "mwi", "secert")
lines = st.tuples(st.sampled_from(NAMES), st.sampled_from(("=", "=>")), st.sampled_from(VALUES)).filter(
    lambda line: SECRET not in line[2] or line[0] in SECRETS
)
headers = st.sampled_from(
    (
        "[general]",
        "[authentication]",
        "[p1]",
        "[p2]",
        "[p1](t)",
        "[p3](t,u)",
        "[t](!)",
        "[u](!,t)",
        "[a/b]",
        "[anonymous]",
    )
)
bodies = st.lists(lines, max_size=8)
peers = st.sampled_from(("", "type = friend\nhost = dynamic\n", "type = peer\nhost = 192.0.2.7\n", "type = user\n"))


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Draw the text of a sip.conf: templates first, as they have to stand before their use."""
    parts = ["[t](!)\n", *(f"{a} {b} {c}\n" for a, b, c in draw(bodies)), "[u](!,t)\n"]
    for header in draw(st.lists(headers, max_size=6)):
        parts += [f"{header}\n", draw(peers), *(f"{a} {b} {c}\n" for a, b, c in draw(bodies))]
    return "".join(parts)


def read(text: str) -> ConfFile:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sip.conf"
        path.write_text(text, encoding="utf-8")
        return read_conf(path)


def places(conf: ConfFile) -> Counter[tuple[str, str, int]]:
    """Count the lines of a file by section, and those of templates that no section took over."""
    own = Counter((section.name, each.key, each.line) for section in conf.sections() for each in section.variables)
    taken = {(each.key, each.line) for section in conf.sections() for each in section.variables}
    own.update(
        (template.name, each.key, each.line)
        for template in conf.categories
        for each in template.variables
        if template.template and not each.inherited and (each.key, each.line) not in taken
    )
    return own


def told(made: Conversion) -> Counter[tuple[str, str, int]]:
    return Counter(
        (each.section, each.option, each.place.line or 0) for each in made.notes if each.option and each.place.line
    )


@given(texts())
def test_every_line_has_exactly_one_note(text: str) -> None:
    conf = read(text)
    assert told(convert(conf)) == places(conf)


@given(texts())
def test_what_is_written_is_read_as_it_was_meant(text: str) -> None:
    made = convert(read(text))
    back = read(pjsip_conf(made))
    assert back.messages == ()
    assert [(each.name, [(line.key, line.value) for line in each.variables][1:]) for each in back.sections()] == [
        (part.id, [(pair.option, pair.text) for pair in part.pairs if pair.text]) for part in made.parts
    ]
    for part in made.parts:
        if part.type_name != "identify":  # whose host names would be looked up
            part.build()


@given(texts())
def test_no_note_tells_a_password(text: str) -> None:
    assert SECRET not in "".join(map(str, convert(read(text)).notes))


@given(texts())
def test_what_lost_nothing_became_something_or_was_nothing(text: str) -> None:
    for each in convert(read(text)).notes:
        assert each.became or each.why
        assert each.verdict is not Verdict.LOST or each.why


rows = st.lists(
    st.dictionaries(st.sampled_from(NAMES), st.sampled_from(VALUES) | st.none() | st.integers(0, 9), max_size=9).map(
        lambda row: {"name": "p", "type": "friend"} | row
    ),
    max_size=3,
)


def values(column: object) -> list[str]:
    """Return what a column holds where the driver splits it at `;`."""
    text = "" if column is None else str(column)
    return [chunk.strip() for chunk in text.split(";") if chunk.strip()]


@given(rows)
def test_every_value_of_a_column_has_exactly_one_note(rows: list[dict[str, object]]) -> None:
    columns = Counter(
        ("".join(values(row["name"])[-1:]), column) for row in rows for column in row for _ in values(row[column])
    )
    made = convert_rows(rows)
    assert Counter((each.section, each.option) for each in made.notes if each.verdict is not Verdict.DEFAULT) == columns
