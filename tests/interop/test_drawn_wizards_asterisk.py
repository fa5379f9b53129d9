"""Sections of `pjsip_wizard.conf` that are drawn by lot: a running Asterisk makes the same objects of them."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from sorcery import Sorcery
from tests.interop.asterisk import Asterisk
from tests.interop.test_pjsip_wizard_asterisk import TRANSPORT, keys, ours, understood

pytestmark = pytest.mark.interop

TEMPLATES, SECTIONS = 10, 150
SWITCHES = ("sends_auth", "accepts_auth", "sends_registrations", "sends_line_with_registrations", "has_phoneprov")
WORDS = ("yes", "no", "TRUE", "0", "on", "", "perhaps")
LINES = {
    **dict.fromkeys((*SWITCHES, "accepts_registrations", "has_hint", "Sends_Auth"), WORDS),
    "hint_exten": ("1", "", "x y"),
    "hint_context": ("hints", ""),
    "remote_hosts": (
        *("127.0.0.1", "127.0.0.1,127.0.0.2", "127.0.0.1:5070 , 127.0.0.3", ",127.0.0.1", "127.0.0.1,,127.0.0.2", ""),
        *("no host", "127.0.0.6:5061", "127.0.0.1, no host,127.0.0.2"),
    ),
    "REMOTE_HOSTS": ("127.0.0.44",),
    "transport": ("loop", "", "other"),
    "outbound_proxy": ("sip:127.0.0.9\\;lr", "", "nonsense"),
    "server_uri_pattern": ("sip:x@${REMOTE_HOST}", "", "sip:${REMOTE_HOST:0:3}.1", "nonsense"),
    "client_uri_pattern": ("sip:${USERNAME:1}@x", "sip:u@${REMOTE_HOST}", ""),
    "contact_pattern": ("sip:c@${REMOTE_HOST}", "", "${REMOTE_HOST}", "sip:${USERNAME}"),
    "inbound_auth/username": ("in",),
    "inbound_auth/password": ("secret",),
    "inbound_auth/auth_type": ("userpass", "md5", "nonsense"),
    "inbound_auth/realm": ("realm",),
    "outbound_auth/username": ("out",),
    "outbound_auth/password": ("secret",),
    "endpoint/context": ("calls", "other", ""),
    "endpoint/CONTEXT": ("shouted",),
    "endpoint/allow": ("ulaw", "!all,alaw"),
    "endpoint/aors": ("other",),
    "endpoint/auth": ("other",),
    "endpoint/transport": ("other",),
    "endpoint/outbound_proxy": ("sip:127.0.0.77",),
    "endpoint/dtmf_mode": ("nonsense",),
    "endpoint/@note": ("text",),
    "aor/max_contacts": ("1", "x"),
    "aor/contact": ("sip:127.0.0.5",),
    "aor/nonsense": ("1",),
    "AOR/contact": ("sip:127.0.0.5",),
    "identify/match": ("127.0.0.6",),
    "identify/match_header": ("X-A: b",),
    "identify/nonsense": ("1",),
    "registration/expiration": ("60", "x"),
    "registration/client_uri": ("sip:127.0.0.1",),
    "registration/line": ("yes",),
    "phoneprov/MAC": ("001122334455",),
    "phoneprov/mac": ("00",),
    "phoneprov/PROFILE": ("desk",),
    "phoneprov/MINE": ("1",),
    "nonsense": ("1",),
}


def drawn(seed: int) -> str:
    """Return a file of templates and sections, the same for the same seed."""
    random = Random(seed)
    return "".join(_sections(random))


def _sections(random: Random) -> Iterator[str]:
    for number in range(TEMPLATES):
        yield f"[t{number}](!)\ntype = wizard\n{_lines(random, 8)}"
    for number in range(SECTIONS):
        bases = random.sample(range(TEMPLATES), random.choice((0, 1, 1, 2)))
        header = f"({','.join(f't{base}' for base in bases)})" if bases else ""
        yield f"[s{number}]{header}\ntype = wizard\n{_lines(random, 18)}"


def _lines(random: Random, most: int) -> str:
    names = random.choices(tuple(LINES), k=random.randint(1, most))
    return "".join(f"{name} = {random.choice(LINES[name])}\n" for name in names)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_asterisk_and_we_make_the_same_objects(asterisk_root: Path, seed: int) -> None:
    text = drawn(seed)
    wanted = list(keys([text]))
    files = {"pjsip_wizard.conf": text, "pjsip.conf": TRANSPORT}
    with (
        Asterisk(asterisk_root, files) as asterisk,
        Sorcery.open(asterisk.configuration, compat=True, astdb=asterisk.astdb) as sorcery,
    ):
        said = understood(asterisk, wanted)
        assert len(said) > SECTIONS
        assert ours(sorcery, wanted) == said
