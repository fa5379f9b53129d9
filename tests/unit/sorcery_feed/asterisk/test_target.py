"""What an Asterisk is told, and what its answers mean; they are those of a real one of release 22."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping

import pytest

from sorcery.errors import Unavailable
from sorcery.secret import Secret
from sorcery_ami import AmiAddress
from sorcery_feed import AsteriskTarget, Command, TellingRefused
from sorcery_feed.asterisk.keeping import Kept
from tests.manager import Manager, running_manager
from tests.unit.sorcery_feed.fakes import entry

FULL = (
    "Due to full backend caching per-object expiration is not available, "
    "consider using SorceryMemoryCachePopulate or SorceryMemoryCacheExpire instead"
)
FILES = {
    "sorcery.conf": (
        "Category-000000: res_pjsip\r\n"
        "Line-000000-000000: endpoint/cache=memory_cache,maximum_objects=9\r\n"
        "Line-000000-000001: endpoint=realtime,ps_endpoints\r\n"
        "Line-000000-000002: aor=realtime,ps_aors\r\n"
        "Line-000000-000003: transport=realtime,ps_transports\r\n"
        "Category-000001: res_pjsip_endpoint_identifier_ip\r\n"
        "Line-000001-000000: identify/cache=memory_cache,name=idents,full_backend_cache=yes\r\n"
        "Line-000001-000001: identify=realtime,ps_endpoint_id_ips\r\n"
        "Category-000002: res_pjsip_outbound_registration\r\n"
        "Line-000002-000000: registration=realtime,ps_registrations\r\n"
    ),
    "extconfig.conf": "Category-000000: settings\r\n"
    + "".join(
        f"Line-000000-{number:06}: {family}=odbc,pbx\r\n"
        for number, family in enumerate(
            ("ps_endpoints", "ps_aors", "ps_transports", "ps_endpoint_id_ips", "ps_registrations")
        )
    ),
}


class Server:
    """Answers as an Asterisk with some caches does."""

    def __init__(self) -> None:
        self.refusals: dict[str, str] = {}
        """By action, and action with the cache, the text that refuses it."""

    def __call__(self, action: Mapping[str, str]) -> str:
        name, cache = action["Action"], action.get("Cache", "")
        refusal = self.refusals.get(f"{name} {cache}", self.refusals.get(name))
        if refusal is None and name == "SorceryMemoryCacheExpireObject" and cache == "idents":
            refusal = FULL
        if refusal is not None:
            return f"Response: Error\r\nActionID: {{id}}\r\nMessage: {refusal}\r\n\r\n"
        content = FILES[action["Filename"]] if name == "GetConfig" else ""
        return f"Response: Success\r\nActionID: {{id}}\r\n{content}\r\n"


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def manager(server: Server) -> Iterator[Manager]:
    with running_manager() as made:
        made.answer = server
        yield made


MakeTarget = Callable[..., AsteriskTarget]


@pytest.fixture
def make(manager: Manager) -> Iterator[MakeTarget]:
    made: list[AsteriskTarget] = []

    def make(
        tables: Mapping[str, tuple[Kept, ...]] | None = None, caches: Mapping[str, str] | None = None
    ) -> AsteriskTarget:
        address = AmiAddress("127.0.0.1", manager.port, "feed")
        made.append(AsteriskTarget(address, Secret("geheim"), tables or {}, caches or {}, patience=60))
        return made[-1]

    yield make
    for each in made:
        each.close()


def texts(target: AsteriskTarget, table: str, id: str = "alice", op: str = "update") -> list[str]:
    return [str(each) for each in target.commands(entry(id, table=table, op=op))]


def sent(manager: Manager) -> list[dict[str, str]]:
    """Return the actions after those of connecting."""
    return [
        {key: value for key, value in action.items() if key != "ActionID"}
        for action in manager.heard
        if action["Action"] not in ("Login", "GetConfig") and action.get("Object") != "sorcery-feed"
    ]


@pytest.mark.parametrize(
    ("table", "id", "op", "expected"),
    [
        ("ps_endpoints", "alice", "update", ["expire res_pjsip/endpoint alice"]),
        ("public.PS_Endpoints", "alice", "delete", ["expire res_pjsip/endpoint alice"]),
        ("ps_endpoints", "a^3Bb", "create", ["expire res_pjsip/endpoint a;b"]),
        ("ps_endpoints", "", "delete", ["expire res_pjsip/endpoint"]),
        ("ps_endpoints", "a\r\nAction: x", "update", ["expire res_pjsip/endpoint"]),
        ("ps_endpoint_id_ips", "gw", "update", ["populate idents"]),
        ("ps_aors", "alice", "update", ["qualify aor alice"]),
        ("ps_aors", "alice", "delete", []),
        ("ps_transports", "udp", "update", ["reload res_pjsip.so"]),
        ("ps_registrations", "trunk", "delete", ["reload res_pjsip_outbound_registration.so"]),
        ("ps_contacts", "alice", "delete", []),
        ("version", "1", "update", []),
    ],
)
def test_a_change_is_told_to_what_keeps_it(make: MakeTarget, table: str, id: str, op: str, expected: list[str]) -> None:
    target = make()
    target.connect()
    assert texts(target, table, id, op) == expected


def test_where_nobody_knows_what_changed_all_is_read_anew(make: MakeTarget) -> None:
    target = make()
    target.connect()
    assert [str(each) for each in target.everything()] == [
        "expire res_pjsip/endpoint",
        "populate idents",
        "reload res_pjsip.so",
        "reload res_pjsip_outbound_registration.so",
    ]


@pytest.mark.parametrize(
    ("command", "action"),
    [
        (
            Command("expire", "c", "alice"),
            {"Action": "SorceryMemoryCacheExpireObject", "Cache": "c", "Object": "alice"},
        ),
        (Command("expire", "c"), {"Action": "SorceryMemoryCacheExpire", "Cache": "c"}),
        (Command("populate", "c"), {"Action": "SorceryMemoryCachePopulate", "Cache": "c"}),
        (Command("reload", "m.so"), {"Action": "Reload", "Module": "m.so"}),
        (
            Command("qualify", "aor", 'a"\\b'),
            {"Action": "Command", "Command": 'pjsip reload qualify aor "a\\"\\\\b"'},
        ),
        (Command("ping"), {"Action": "Ping"}),
    ],
)
def test_a_command_is_an_action(make: MakeTarget, manager: Manager, command: Command, action: dict[str, str]) -> None:
    target = make()
    target.connect()
    target.carry_out(command)
    assert sent(manager) == [action]


@pytest.mark.parametrize(
    ("command", "action", "reason"),
    [
        (Command("expire", "c", "a"), "SorceryMemoryCacheExpireObject", "The provided cache does not exist"),
        (
            Command("expire", "c", "a"),
            "SorceryMemoryCacheExpireObject",
            "The provided object could not be expired from the cache",
        ),
        (Command("expire", "c"), "SorceryMemoryCacheExpire", "The provided cache does not exist"),
        (Command("populate", "c"), "SorceryMemoryCachePopulate", "The provided cache does not exist"),
        (Command("reload", "m.so"), "Reload", "No such module"),
        (Command("qualify", "aor", "a"), "Command", "Unable to retrieve aor 'a'"),
    ],
)
def test_what_is_not_there_needs_not_be_told(
    make: MakeTarget, server: Server, command: Command, action: str, reason: str
) -> None:
    target = make()
    target.connect()
    server.refusals[action] = reason
    target.carry_out(command)


def test_any_other_refusal_is_one(make: MakeTarget, server: Server) -> None:
    target = make()
    target.connect()
    server.refusals["SorceryMemoryCachePopulate"] = "The provided cache could not be populated"
    with pytest.raises(TellingRefused, match="populate idents: The provided cache could not be populated"):
        target.carry_out(Command("populate", "idents"))


def test_a_cache_that_comes_later_and_holds_everything_is_populated(
    make: MakeTarget, server: Server, manager: Manager
) -> None:
    server.refusals["SorceryMemoryCacheExpireObject idents"] = "The provided cache does not exist"
    target = make()
    target.connect()
    (command,) = target.commands(entry("gw", table="ps_endpoint_id_ips"))
    del server.refusals["SorceryMemoryCacheExpireObject idents"]
    target.carry_out(command)
    assert sent(manager)[-1] == {"Action": "SorceryMemoryCachePopulate", "Cache": "idents"}
    assert texts(target, "ps_endpoint_id_ips", "gw") == ["populate idents"]


def test_a_cache_that_it_does_not_have_is_told_once(
    make: MakeTarget, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.refusals["SorceryMemoryCacheExpireObject"] = "The provided cache does not exist"
    target = make(caches={"endpoint": "mistyped"})
    for _ in range(2):
        target.connect()
    assert [record.message.partition(": ")[2] for record in caplog.records] == [
        "it has no cache mistyped; restart it if sorcery.conf has",
        "it has no cache idents; restart it if sorcery.conf has",
    ]


def test_one_that_does_not_show_its_files_is_told_by_ours(
    make: MakeTarget, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.refusals["GetConfig"] = "Permission denied"
    target = make({"ps_endpoints": (Kept("endpoint", ("ours",)),)})
    with caplog.at_level(logging.INFO, "sorcery.feed"):
        target.connect()
    assert texts(target, "ps_endpoints") == ["expire ours alice"]
    assert "does not show its sorcery.conf (Permission denied); ours counts" in caplog.text


@pytest.mark.parametrize("action", ["Login", "SorceryMemoryCacheExpireObject"])
def test_who_lets_us_in_no_more_is_unavailable(make: MakeTarget, server: Server, action: str) -> None:
    server.refusals[action] = "Permission denied"
    with pytest.raises(Unavailable, match="manager reload") as told:
        make().connect()
    assert "geheim" not in str(told.value)


def test_a_command_that_this_user_may_not_use_says_which_right_he_needs(make: MakeTarget, server: Server) -> None:
    target = make()
    target.connect()
    server.refusals["Reload"] = "Permission denied"
    with pytest.raises(Unavailable, match="write = system,command,config in its section of manager"):
        target.carry_out(Command("reload", "res_pjsip.so"))


def test_a_connection_that_breaks_in_the_middle_of_a_command_is_unavailable(
    make: MakeTarget, server: Server, manager: Manager
) -> None:
    target = make()
    target.connect()

    def breaks(action: Mapping[str, str]) -> str:
        raise OSError("and hangs up")

    manager.answer = breaks
    with pytest.raises(Unavailable, match="hung up before it answered"):
        target.carry_out(Command("expire", "c", "a"))


def test_no_password_is_in_its_name(make: MakeTarget) -> None:
    target = make()
    assert target.name.startswith("ami://feed@127.0.0.1:")
    assert "geheim" not in repr(vars(target))
