"""The same `pjsip_wizard.conf` in a running Asterisk and in `Sorcery.open`: the same objects, also after a reload."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from sorcery import Sorcery
from tests.interop.asterisk import Asterisk, Attributes
from tests.interop.objects import comparable, printed

pytestmark = pytest.mark.interop

TYPES = ("endpoint", "aor", "auth", "identify", "registration", "phoneprov")
SUFFIXES = ("", "-oauth", "-iauth", "-identify", "-phoneprov", *(f"-reg-{number}" for number in range(5)))
TRANSPORT = "[loop]\ntype = transport\nbind = 127.0.0.1:0\n"
LATER = frozenset({"ENDPOINT_ID", "TRANSPORT", "TRANSPORT_ID"})
"""What Asterisk adds to a phoneprov object when it looks at its endpoint: no option of it."""

Objects = dict[str, Attributes | None]

TRUNKS = """
[provider](!)
type = wizard
sends_auth = yes
sends_registrations = yes
endpoint/context = from-provider
endpoint/allow = !all,alaw
outbound_auth/password = secret
[one](provider)
remote_hosts = 127.0.0.1:5080
outbound_auth/username = number
outbound_auth/username = account
[several](provider)
remote_hosts = 127.0.0.1:5080 , 127.0.0.2,127.0.0.3:5090
outbound_auth/username = account
transport = loop
outbound_proxy = sip:127.0.0.9\\;lr
aor/qualify_frequency = 30
identify/srv_lookups = no
registration/expiration = 600
endpoint/set_var = FIRST=1
endpoint/set_var = SECOND=2
endpoint/allow = ulaw
[overruled](provider)
remote_hosts = 127.0.0.4
outbound_auth/username = account
endpoint/aors = others
endpoint/outbound_auth = others
endpoint/@pjsip_wizard = others
registration/server_uri = sip:127.0.0.99
registration/outbound_auth = others
identify/endpoint = others
[by-name]
type = wizard
sends_registrations = yes
remote_hosts = 127.0.0.5
[line]
type = wizard
sends_registrations = yes
sends_line_with_registrations = yes
remote_hosts = 127.0.0.6
[own-contact]
type = wizard
remote_hosts = 127.0.0.7
aor/contact = sip:ours@127.0.0.8
identify/match = 127.0.0.8
identify/match_header = X-Trunk: ours
[no-contact]
type = wizard
remote_hosts = 127.0.0.7
contact_pattern =
[empty-contact]
type = wizard
remote_hosts = 127.0.0.7
aor/contact =
[static]
type = wizard
remote_hosts = 127.0.0.10
transport =
outbound_proxy =
[provider2](provider)
type = other
remote_hosts = 127.0.0.11
outbound_auth/username = account
"""
PHONES = """
[desk](!)
type = wizard
accepts_registrations = yes
accepts_auth = yes
inbound_auth/password = secret
aor/max_contacts = 1
endpoint/context = phones
[alice](desk)
inbound_auth/username = alice
hint_exten = 100
has_hint = yes
hint_context = hints
hint_application = Dial(PJSIP/alice)
[bob](desk)
inbound_auth/username = bob
hint_exten = 101
[carol](desk)
inbound_auth/username = carol
inbound_auth/auth_type = md5
inbound_auth/md5_cred = 0123456789abcdef0123456789abcdef
hint_exten = 102
hint_context = other
hint_context =
endpoint/@hint_exten = 999
endpoint/context = own
[dave](desk)
inbound_auth/username = dave
has_hint = yes
hint_exten =
hint_context = hints
[erin](desk)
accepts_auth = no
hint_exten = 103
endpoint/context =
[provisioned](desk)
inbound_auth/username = p
has_phoneprov = yes
phoneprov/MAC = 001122334455
phoneprov/PROFILE = desk
phoneprov/MINE = 1
[switches](desk)
accepts_auth = TRUE
sends_auth = 1
sends_registrations = nonsense
inbound_auth/username = in
outbound_auth/username = out
outbound_auth/password = secret
[slash/and dot.](desk)
inbound_auth/username = x
"""
PATTERNS = """
[patterns](!)
type = wizard
sends_registrations = yes
remote_hosts = 127.0.0.7,127.0.0.77:5070
[plain](patterns)
server_uri_pattern = sip:registrar@${REMOTE_HOST}\\;lr
client_uri_pattern = sip:${USERNAME}@example.com
contact_pattern = sip:user@${REMOTE_HOST}
[parts](patterns)
server_uri_pattern = sip:a${REMOTE_HOST:2}b${REMOTE_HOST:2:3}c${REMOTE_HOST:-2}d${REMOTE_HOST:1:-3}e${REMOTE_HOST:99}f
client_uri_pattern = sip:a${USERNAME:-99}b${USERNAME:0:99}c${USERNAME: 1}d${USERNAME:1:}e${USERNAME:x}f@x
[braces](patterns)
contact_pattern = sip:a{b}${REMOTE_HOST}{c}@x
[nested](patterns)
contact_pattern = sip:a${REMOTE_${NONE}HOST}b$${REMOTE_HOST}@x
server_uri_pattern = sip:x-${UNKNOWN}-${remote_host}-${ REMOTE_HOST}-$REMOTE_HOST-${USERNAME}
[unclosed](patterns)
contact_pattern = sip:x@${REMOTE_HOST
[user-in-contact](patterns)
contact_pattern = sip:${USERNAME}x@${REMOTE_HOST}
"""
FAULTS = """
[good]
type = wizard
remote_hosts = 127.0.0.1
[no-user]
type = wizard
accepts_registrations = yes
sends_auth = yes
accepts_auth = yes
inbound_auth/username = in
inbound_auth/password = secret
[no-user-to-register]
type = wizard
remote_hosts = 127.0.0.1
sends_auth = yes
sends_registrations = yes
[no-hosts]
type = wizard
sends_registrations = yes
identify/match = 127.0.0.2
[option]
type = wizard
remote_hosts = 127.0.0.1
endpoint/nonsense = 1
aor/max_contacts = 2
[value]
type = wizard
remote_hosts = 127.0.0.1
endpoint/dtmf_mode = perhaps
[ignored]
type = wizard
remote_hosts = 127.0.0.1
unknown = 1
other/context = x
Transport = loop
ENDPOINT/context = x
endpoint/ = x
endpoint/CONTEXT = shouted
[loud]
type = wizard
Remote_Hosts = 127.0.0.1
SENDS_AUTH = yes
OUTBOUND_AUTH/username = out
outbound_auth/Username = own
outbound_auth/password = secret
AOR/contact = sip:127.0.0.2
Identify/Match = 127.0.0.3
hint_exten = 1
Endpoint/Context = loud
[host]
type = wizard
sends_registrations = yes
accepts_registrations = yes
remote_hosts = 127.0.0.1, not a host, 127.0.0.2
[comma]
type = wizard
sends_registrations = yes
remote_hosts = 127.0.0.1, 127.0.0.2,
[only-comma]
type = wizard
remote_hosts = ,
[no-uri]
type = wizard
sends_registrations = yes
remote_hosts = 127.0.0.1
server_uri_pattern =
[no-mac]
type = wizard
accepts_registrations = yes
has_phoneprov = yes
phoneprov/PROFILE = desk
[Case]
type = Wizard
remote_hosts = 127.0.0.1
[key-case]
TYPE = wizard
remote_hosts = 127.0.0.1
[longer-type]
mytype = wizard
remote_hosts = 127.0.0.1
[twice]
type = wizard
remote_hosts = 127.0.0.1
endpoint/context = first
[twice]
type = wizard
accepts_registrations = yes
endpoint/context = second
[no-type]
remote_hosts = 127.0.0.1
"""
SHADOWED = """
[both]
type = wizard
remote_hosts = 127.0.0.1
sends_auth = yes
outbound_auth/username = wizard
outbound_auth/password = secret
endpoint/context = wizard
"""
SHADOWS = """
[both]
type = endpoint
context = file
[both-oauth]
type = auth
username = file
password = secret
"""
FILES = {"trunks": TRUNKS, "phones": PHONES, "patterns": PATTERNS, "faults": FAULTS, "shadowed": SHADOWED}
CHANGED = {
    "fewer": """
        [kept]
        type = wizard
        remote_hosts = 127.0.0.1
        sends_registrations = yes
        endpoint/context = new
        [other]
        type = wizard
        accepts_registrations = yes
    """,
    "broken": """
        [kept]
        type = wizard
        remote_hosts = 127.0.0.8,127.0.0.9
        sends_registrations = yes
        sends_auth = yes
        accepts_auth = yes
        inbound_auth/username = changed
        endpoint/dtmf_mode = perhaps
        identify/nonsense = 1
        aor/max_contacts = 5
        [other]
        type = wizard
        remote_hosts = 127.0.0.3
    """,
    "refused": "[kept\n",
    "empty": "",
}
BEFORE = """
[kept]
type = wizard
remote_hosts = 127.0.0.1,127.0.0.2,127.0.0.3
sends_registrations = yes
sends_auth = yes
accepts_auth = yes
outbound_auth/username = out
outbound_auth/password = secret
inbound_auth/username = in
inbound_auth/password = secret
[gone]
type = wizard
remote_hosts = 127.0.0.4
"""


def keys(texts: Sequence[str]) -> Iterator[str]:
    """Yield what may come of the sections, as type and id."""
    names = {name for text in texts for name in re.findall(r"^\s*\[([^\]\n]+)\]", text, re.MULTILINE)}
    yield from (f"{kind}/{name}{suffix}" for name in sorted(names) for kind in TYPES for suffix in SUFFIXES)


def understood(asterisk: Asterisk, wanted: Sequence[str]) -> Objects:
    found = {key: asterisk.ari_get(*key.split("/", 1)) for key in wanted}
    return {key: _plain(each) for key, each in found.items() if each is not None}


def ours(sorcery: Sorcery, wanted: Sequence[str]) -> Objects:
    found = {key: sorcery.retrieve_by_id(*key.split("/", 1)) for key in wanted}
    return {key: _plain(printed(obj)) for key, obj in found.items() if obj is not None}


def _plain(attributes: Attributes) -> Attributes:
    return {name: value for name, value in comparable(attributes).items() if name not in LATER}


@pytest.mark.parametrize("name", FILES)
def test_asterisk_and_we_make_the_same_objects_of_a_file(asterisk_root: Path, name: str) -> None:
    text = FILES[name]
    wanted = list(keys([text]))
    files = {"pjsip_wizard.conf": text, "pjsip.conf": TRANSPORT + (SHADOWS if name == "shadowed" else "")}
    with (
        Asterisk(asterisk_root, files) as asterisk,
        Sorcery.open(asterisk.configuration, compat=True, astdb=asterisk.astdb) as sorcery,
    ):
        said = understood(asterisk, wanted)
        assert said
        assert ours(sorcery, wanted) == said


def test_asterisk_and_we_make_the_same_of_each_change(asterisk_root: Path) -> None:
    wanted = list(keys([BEFORE, *CHANGED.values()]))
    files = {"pjsip_wizard.conf": BEFORE, "pjsip.conf": TRANSPORT}
    with (
        Asterisk(asterisk_root, files) as asterisk,
        Sorcery.open(asterisk.configuration, compat=True, astdb=asterisk.astdb) as sorcery,
    ):
        for name, text in CHANGED.items():
            for each in (BEFORE, text):
                asterisk.write("pjsip_wizard.conf", each)
                asterisk.reload()
                sorcery.reload()
            assert (name, ours(sorcery, wanted)) == (name, understood(asterisk, wanted))
