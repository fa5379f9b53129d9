"""The doctor beside a running Asterisk and a stack of ours: it finds them good, and each fault that is made."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import sorcery_migrations
from sorcery import Sorcery
from sorcery.pjsip import Aor, Auth, Endpoint
from sorcery_cli import main
from tests.interop.asterisk import USER, Asterisk
from tests.interop.ports import LOOPBACK, free_port
from tests.interop.postgresql import PostgreSQL
from tests.interop.stack import SipStack

pytestmark = pytest.mark.interop

SORCERY_CONF = """\
[res_pjsip]
endpoint/cache = memory_cache,object_lifetime_stale=600,name=endpoints
endpoint = realtime,ps_endpoints
auth = realtime,ps_auths
aor = realtime,ps_aors
contact = realtime,ps_contacts
"""
EXTCONFIG_CONF = "[settings]\n" + "".join(
    f"{name} => sqlite3,pbx\n" for name in ("ps_endpoints", "ps_auths", "ps_aors", "ps_contacts")
)
TYPES = ("endpoint", "auth", "aor", "contact")
POOR = "[poor]\nsecret = geheim\nread = call\nwrite = call\n"


def lay_out(asterisk: Asterisk, root: Path) -> str:
    """Write the files of an Asterisk whose phones lie in an SQLite database, and make that; return its address."""
    database = asterisk.astdb.with_name("pbx.db")
    for name, text in {
        "sorcery.conf": SORCERY_CONF,
        "extconfig.conf": EXTCONFIG_CONF,
        "databases.conf": f"[pbx]\nurl = sqlite:///{database}\n",
        "pjsip.conf": f"[udp]\ntype=transport\nprotocol=udp\nbind={LOOPBACK}:{free_port()}\n",
        # the server sees the file below its own root
        "res_config_sqlite3.conf": f"[pbx]\ndbfile => /{database.relative_to(root)}\nbatch=0\nrequirements=warn\n",
    }.items():
        asterisk.write(name, text)
    with (asterisk.configuration / "manager.conf").open("a") as file:
        file.write(POOR)
    sorcery_migrations.upgrade(f"sqlite:///{database}")
    with Sorcery.open(f"sqlite:///{database}") as sorcery:
        sorcery.create(Auth(id="alice", username="alice", password="open sesame"))
        sorcery.create(Aor(id="alice", max_contacts=1))
        sorcery.create(Endpoint(id="alice", aors=["alice"], auth=["alice"], allow="ulaw"))
    return f"sqlite:///{database}"


@pytest.fixture
def asterisk(asterisk_root: Path) -> Iterator[Asterisk]:
    made = Asterisk(asterisk_root)
    lay_out(made, asterisk_root)
    with made:
        yield made


def doctor(asterisk: Asterisk, capsys: pytest.CaptureFixture[str], *words: str, user: str = USER) -> tuple[int, Any]:
    """Run the command, and return its code and the chain to the Asterisk."""
    address = f"ami://{user}@{LOOPBACK}:{asterisk.ami_port}"
    code = main(["-C", str(asterisk.configuration), "doctor", *TYPES, "--ami", address, "--json", *words])
    told = capsys.readouterr().out
    assert "geheim" not in told
    return code, next(each for each in json.loads(told)["chains"] if each["title"].startswith("Asterisk at"))


def broken(chain: Any) -> Any:
    return next(link for link in chain["links"] if link["state"] == "broken")


def test_the_doctor_finds_each_fault_of_a_running_asterisk(
    asterisk: Asterisk, capsys: pytest.CaptureFixture[str]
) -> None:
    code, chain = doctor(asterisk, capsys)
    assert chain["state"] == "good", chain
    texts = {link["name"]: link["text"] for link in chain["links"]}
    assert texts["version"].startswith("Asterisk 22.")
    assert (texts["families"], texts["caches"], texts["endpoints"]) == ("4 known", "1 there", "1 on both sides")
    # our address and theirs are one file, which each sees below another root
    assert code == 1

    _, chain = doctor(asterisk, capsys, user="poor")
    assert (broken(chain)["name"], "write = system,command" in broken(chain)["mending"]) == ("version", True)

    _, chain = doctor(asterisk, capsys, user="nobody")
    assert (broken(chain)["name"], "no password of nobody" in broken(chain)["text"]) == ("login", True)

    asterisk.cli("module unload res_pjsip_registrar.so")
    _, chain = doctor(asterisk, capsys)
    assert (broken(chain)["name"], broken(chain)["text"]) == ("modules", "res_pjsip_registrar is not running")
    asterisk.cli(broken(chain)["mending"].partition("-rx '")[2].partition("'")[0])
    assert doctor(asterisk, capsys)[1]["state"] == "good"

    good = (asterisk.configuration / "extconfig.conf").read_text()
    asterisk.write("extconfig.conf", good + "ps_globals => sqlite3,pbx\n")
    _, chain = doctor(asterisk, capsys)
    assert (broken(chain)["name"], "does not know ps_globals" in broken(chain)["text"]) == ("families", True)
    asterisk.cli(broken(chain)["mending"].partition("-rx '")[2].partition("'")[0])
    assert doctor(asterisk, capsys)[1]["state"] == "good"

    asterisk.write("pjsip.conf", "[bob]\ntype=endpoint\n")
    asterisk.write(
        "sorcery.conf", SORCERY_CONF.replace("realtime,ps_endpoints", "config,pjsip.conf,criteria=type=endpoint")
    )
    _, chain = doctor(asterisk, capsys)
    assert broken(chain)["name"] == "endpoints"
    assert broken(chain)["text"] == "Asterisk has 1 endpoints and we have 1: it lacks bob; it alone has alice"

    asterisk.write("sorcery.conf", SORCERY_CONF.replace("name=endpoints", "name=phones"))
    _, chain = doctor(asterisk, capsys)
    assert (broken(chain)["name"], "no cache phones" in broken(chain)["text"]) == ("caches", True)

    asterisk.stop()
    code, chain = doctor(asterisk, capsys)
    assert (code, broken(chain)["name"], broken(chain)["silent"]) == (3, "port", True)


def test_an_odbc_database_that_asterisk_does_not_reach_is_told(
    asterisk_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = Asterisk(asterisk_root)
    lay_out(made, asterisk_root)
    made.write("extconfig.conf", EXTCONFIG_CONF.replace("sqlite3", "odbc"))
    made.write("res_odbc.conf", "[pbx]\nenabled => yes\ndsn => nosuch\n")
    with made:
        _, chain = doctor(made, capsys)
        assert (broken(chain)["name"], broken(chain)["text"]) == ("databases", "Asterisk has no connection to [pbx]")
        made.write("res_odbc.conf", "[other]\nenabled => yes\ndsn => nosuch\n")
        made.cli("module reload res_odbc.so")
        assert "has no [pbx]" in broken(doctor(made, capsys)[1])["text"]


def test_a_postgresql_that_asterisk_does_not_reach_is_told(
    asterisk_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with PostgreSQL() as server:
        database = server.create_database()
        sorcery_migrations.upgrade(database.url)
        files = {
            "sorcery.conf": SORCERY_CONF,
            "extconfig.conf": EXTCONFIG_CONF.replace("sqlite3", "pgsql"),
            "databases.conf": f"[pbx]\nurl = {database.url}\n",
            "res_pgsql.conf": database.res_pgsql_conf,
            "pjsip.conf": f"[udp]\ntype=transport\nprotocol=udp\nbind={LOOPBACK}:{free_port()}\n",
        }
        with Asterisk(asterisk_root, files) as made:
            code, chain = doctor(made, capsys)
            assert (code, chain["state"]) == (0, "good"), chain
            texts = {link["name"]: link["text"] for link in chain["links"]}
            assert texts["databases"].startswith(f"connected to {database.name}@{LOOPBACK}")
            server.stop()
            code, chain = doctor(made, capsys)
            assert (code, broken(chain)["name"]) == (3, "databases")
            server.start()
            assert doctor(made, capsys)[0] == 0


def test_a_stack_that_has_not_reloaded_is_told_until_it_has(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pjsip = f"[udp]\ntype=transport\nprotocol=udp\nbind={LOOPBACK}:{free_port()}\n"
    (tmp_path / "pjsip.conf").write_text(pjsip)
    words = ["-C", str(tmp_path), "doctor"]
    with SipStack(tmp_path) as stack:
        assert main(words) == 0
        assert f"✓ process at {tmp_path}/sorcery.ctl" in capsys.readouterr().out
        (tmp_path / "pjsip.conf").write_text(f"{pjsip}[alice]\ntype=aor\n")
        assert main(words) == 1
        assert "run: sorcery reload" in capsys.readouterr().out
        assert main(["-C", str(tmp_path), "reload"]) == 0
        assert main(words) == 0
        assert stack.process.poll() is None
