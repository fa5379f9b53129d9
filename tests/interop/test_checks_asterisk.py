"""What a check finds, given to a running Asterisk: what we call an error fails there, or does not do what was meant.

`asterisk` in `expected.json` says what it makes of each configuration of the corpus: `absent` and `present` objects,
what an object `reads`, how each `register` is answered, whether a `tls` handshake is refused, or refused by those who
verify, and whether it `starts` at all. Its `note` says in a few words what goes wrong.
"""

import hashlib
import re
import shutil
import socket
import ssl
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest

from sorcery.checks.catalogue import CATALOGUE
from sorcery.findings import Severity
from sorcery_migrations import upgrade
from tests.corpus import CERTIFICATES, Case, cases, filled
from tests.interop.asterisk import Asterisk, AsteriskError
from tests.interop.phone import Phone
from tests.interop.ports import LOOPBACK, free_port
from tests.interop.postgresql import Database

pytestmark = pytest.mark.interop

SEEN = frozenset({"absent", "present", "reads", "register", "starts", "tls"})
UNSEEN = {
    "self-copy": "Asterisk does not come to an end",
    "type-unknown-to-target": "it runs another release than the one that does not know the type",
    "invalid-object": "PostgreSQL takes no such row",
}
"""Rules of errors that cannot be seen here, and why."""
REQUEST = """\
REGISTER sip:{host} SIP/2.0
Via: SIP/2.0/UDP {host}:{port};rport;branch=z9hG4bK{unique}
Max-Forwards: 70
From: <sip:{user}@{host}>;tag={unique}
To: <sip:{aor}@{host}>
Call-ID: {unique}
CSeq: 1 REGISTER
Contact: {contact}
Expires: 300
{authorization}Content-Length: 0
"""


def register(port: int, wanted: Mapping[str, Any]) -> str:
    """Register once, answering a challenge where a password is given; return the last response."""
    user = wanted["user"]
    values = {
        "host": LOOPBACK,
        "user": user,
        "aor": wanted.get("aor", user),
        "contact": wanted.get("contact", f"<sip:{user}@{LOOPBACK}:7000>"),
    }
    with Phone((LOOPBACK, port)) as phone:
        response = phone.send(REQUEST.format(**values, port=phone.port, unique=uuid.uuid4().hex, authorization=""))
        if "password" in wanted and status(response) == 401:
            line = answer(user, wanted["password"], response)
            response = phone.send(
                REQUEST.format(**values, port=phone.port, unique=uuid.uuid4().hex, authorization=f"{line}\n")
            )
        return response


def status(response: str) -> int:
    return int(response.split()[1])


def answer(user: str, password: str, response: str) -> str:
    """Answer a challenge with MD5, as RFC 2617 has it with `qop=auth`."""
    challenge = dict(
        re.findall(r'(\w+)="?([^",]+)"?', response.partition("WWW-Authenticate: Digest ")[2].splitlines()[0])
    )
    uri, cnonce, nc = f"sip:{LOOPBACK}", "0a4f113b", "00000001"
    first = md5(f"{user}:{challenge['realm']}:{password}")
    middle = f"{challenge['nonce']}:{nc}:{cnonce}:auth"
    digest = md5(f"{first}:{middle}:{md5(f'REGISTER:{uri}')}")
    return (
        f'Authorization: Digest username="{user}", realm="{challenge["realm"]}", nonce="{challenge["nonce"]}", '
        f'uri="{uri}", response="{digest}", algorithm=MD5, cnonce="{cnonce}", qop=auth, nc={nc}, '
        f'opaque="{challenge.get("opaque", "")}"'
    )


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def handshake(port: int, *, verified: bool) -> bool:
    """Tell whether a TLS handshake succeeds."""
    context = ssl.create_default_context(cafile=str(CERTIFICATES / "expired.pem") if verified else None)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED if verified else ssl.CERT_NONE
    try:
        with socket.create_connection((LOOPBACK, port), 10) as plain, context.wrap_socket(plain):
            return True
    except (ssl.SSLError, ConnectionError):
        return False


def certificates_beside(asterisk: Asterisk, root: Path) -> str:
    """Copy the certificates to a server's files; return their folder, as the server sees it."""
    folder = asterisk.configuration
    for path in CERTIFICATES.iterdir():
        shutil.copy(path, folder)
    return f"/{folder.relative_to(root)}"


def server(root: Path, case: Case, sip_port: int, case_port: int, *, with_transport: bool = False) -> Asterisk:
    """Lay out an Asterisk with a case's files, and with a transport where phones are to ask it."""
    made = Asterisk(root)
    values = {"PORT": str(case_port), "CERTIFICATES": certificates_beside(made, root)}
    for name, text in case.files.items():
        if name == "pjsip.conf" and with_transport:
            text += f"\n[corpus]\ntype=transport\nprotocol=udp\nbind={LOOPBACK}:{sip_port}\n"
        made.write(name, filled(text, values))
    return made


def shows_on_reload(case: Case) -> bool:
    """Tell whether a reload shows what Asterisk makes of a case: a matter of `pjsip.conf` alone, and no transport."""
    is_read = SEEN & case.expected["asterisk"].keys() <= {"absent", "present", "reads"}
    return is_read and case.files.keys() == {"pjsip.conf"} and "transport" not in case.files["pjsip.conf"]


SEEN_CASES = [case for case in cases("bad") if SEEN & case.expected["asterisk"].keys()]


FILE_CASES = [case for case in SEEN_CASES if not case.rows]
RELOADED = frozenset(case.name for case in FILE_CASES if shows_on_reload(case))


@pytest.fixture(scope="module")
def running(asterisk_root: Path) -> Iterator[Asterisk]:
    """Run one Asterisk for all cases that a reload shows: a start takes fifty times as long."""
    made = Asterisk(asterisk_root)
    certificates_beside(made, asterisk_root)
    with made:
        yield made


@pytest.mark.parametrize("case", [case for case in FILE_CASES if case.name in RELOADED], ids=lambda case: case.name)
def test_asterisk_reads_what_the_corpus_says(running: Asterisk, asterisk_root: Path, case: Case) -> None:
    """Before each case all objects go: one that is refused would stay as it was."""
    values = {"CERTIFICATES": f"/{running.configuration.relative_to(asterisk_root)}"}
    for text in ("", filled(case.files["pjsip.conf"], values)):
        running.write("pjsip.conf", text)
        running.reload()
    look(running, case.expected["asterisk"], 0, 0)


@pytest.mark.parametrize("case", [case for case in FILE_CASES if case.name not in RELOADED], ids=lambda case: case.name)
def test_asterisk_does_with_it_what_the_corpus_says(asterisk_root: Path, case: Case) -> None:
    wanted, sip_port, case_port = case.expected["asterisk"], free_port(), free_port()
    made = server(asterisk_root, case, sip_port, case_port, with_transport="register" in wanted)
    if not wanted.get("starts", True):
        with pytest.raises(AsteriskError), made:
            pass
        return
    with made as asterisk:
        look(asterisk, wanted, sip_port, case_port)


@pytest.mark.parametrize("case", [case for case in SEEN_CASES if case.rows], ids=lambda case: case.name)
def test_asterisk_does_with_rows_what_the_corpus_says(asterisk_root: Path, case: Case, postgresql: Database) -> None:
    """The rows lie in PostgreSQL; the driver pgsql reads them as odbc does."""
    upgrade(postgresql.url)
    with psycopg.connect(postgresql.dsn) as connection:
        connection.execute(case.rows)
    wanted, sip_port, case_port = case.expected["asterisk"], free_port(), free_port()
    made = server(asterisk_root, case, sip_port, case_port, with_transport="register" in wanted)
    made.write("extconfig.conf", case.files["extconfig.conf"].replace("odbc,", "pgsql,"))
    made.write("res_pgsql.conf", postgresql.res_pgsql_conf)
    with made as asterisk:
        look(asterisk, wanted, sip_port, case_port)


def look(asterisk: Asterisk, wanted: Mapping[str, Any], sip_port: int, case_port: int) -> None:
    """Assert that a running Asterisk does what is wanted."""
    there = {name: asterisk.ari_get(*name.split("/", 1)) for name in wanted.get("present", ())}
    gone = {name: asterisk.ari_get(*name.split("/", 1)) for name in wanted.get("absent", ())}
    assert (None not in there.values(), set(gone.values()) <= {None}) == (True, True), (there, gone)
    for name, options in wanted.get("reads", {}).items():
        found = asterisk.ari_get(*name.split("/", 1))
        assert found is not None, name
        assert {key: found[key] for key in options} == options
    for each in wanted.get("register", ()):
        response = register(sip_port, each)
        contacts = re.findall(r"^Contact: (.*)$", response, re.MULTILINE)
        granted = re.search(r"^Expires: (\d+)", response, re.MULTILINE)
        assert status(response) == each.get("status", status(response)), response
        assert len(contacts) == each.get("contacts", len(contacts)), response
        assert "expires" not in each or (granted and int(granted[1]) == each["expires"]), response
    if "tls" in wanted:
        assert handshake(case_port, verified=False) is (wanted["tls"] == "unverified")
        assert not handshake(case_port, verified=True)


def test_a_handshake_with_a_good_certificate_succeeds(asterisk_root: Path) -> None:
    (case,) = (case for case in cases("good") if case.rule == "key-mismatch")
    port = free_port()
    with server(asterisk_root, case, free_port(), port):
        assert handshake(port, verified=False)


@pytest.mark.parametrize("case", cases("bad"), ids=lambda case: case.name)
def test_what_is_called_an_error_is_seen_to_fail_there(case: Case) -> None:
    told = case.expected["asterisk"]
    assert told.get("note")
    if CATALOGUE[case.rule].severity is Severity.ERROR and case.rule not in UNSEEN:
        assert SEEN & told.keys(), case.name
