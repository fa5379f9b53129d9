"""Every answer of the registrar, and what is stored before it."""

from __future__ import annotations

import hashlib
import json
import threading
from pathlib import Path
from typing import Any

import pytest

from sorcery import StoreRefused
from sorcery.pjsip import Aor, Contact, DomainAlias, Endpoint, Global
from sorcery_sip import Address, RequestReceived
from sorcery_sip.modules.contacts import Contacts, contact_id

RECORDED = Path(__file__).parents[4] / "tests/data/astdb"
PHONE = Address("192.0.2.7", 5062, "udp")
OWN = "<sip:alice@10.0.0.1:5060>"


def stored(server: Any, aor: str = "alice") -> list[Contact]:
    found: list[Contact] = server.sorcery.retrieve_by_prefix(Contact, f"{aor};@")
    return found


def listed(response: Any) -> list[str]:
    return list(response.headers.get_all("Contact"))


def change(server: Any, **options: Any) -> None:
    server.sorcery.update(server.sorcery.retrieve_by_id(Aor, "alice").evolve(**options))


def test_a_200_leaves_after_the_contact_is_stored_with_all_its_fields(open_pbx: Any) -> None:
    via = "SIP/2.0/UDP 198.51.100.1:5070;branch=z9hG4bKedge, SIP/2.0/UDP 10.9.9.9:5090;branch=z9hG4bKphone"
    response = open_pbx.ask(fields={"Via": via, "User-Agent": "Phöne 1", "Call-ID": "c1", "Expires": "600"})
    (contact,) = stored(open_pbx)
    assert response.status == 200
    assert contact.id == "alice;@" + hashlib.md5(b"sip:alice@10.0.0.1:5060").hexdigest()
    assert (contact.uri, contact.expiration_time) == ("sip:alice@10.0.0.1:5060", 1_700_000_600)
    assert (contact.via_addr, contact.via_port, contact.call_id) == ("10.9.9.9", 5090, "c1")
    assert (contact.user_agent, contact.endpoint, contact.path) == ("Phöne 1", "alice", "")
    assert contact.prune_on_boot is False


def test_the_200_lists_all_contacts_static_ones_without_expires(open_pbx: Any) -> None:
    change(open_pbx, contact=["sip:static@192.0.2.1"])
    open_pbx.ask(fields={"Contact": "<sip:a@10.0.0.1>;expires=100"})
    open_pbx.now += 40
    response = open_pbx.ask(fields={"Contact": "<sip:b@10.0.0.1>"})
    assert listed(response) == [
        "<sip:static@192.0.2.1>",
        "<sip:a@10.0.0.1>;expires=60",
        "<sip:b@10.0.0.1>;expires=3600",
    ]
    assert response.headers.get("Date") == "Tue, 14 Nov 2023 22:14:00 GMT"
    assert response.headers.get("Expires") is None


def test_a_register_without_contact_only_asks(open_pbx: Any) -> None:
    open_pbx.ask()
    before = stored(open_pbx)
    response = open_pbx.ask(fields={"Contact": ""})
    assert (response.status, listed(response)) == (200, [f"{OWN};expires=3600"])
    assert stored(open_pbx) == before


@pytest.mark.parametrize(
    ("header", "param", "granted"),
    [("", "", 3600), ("1000", "", 1000), ("1000", "200", 200), ("1", "", 60), ("99999", "", 7200), ("", "9", 60)],
)
def test_an_expiry_is_clamped_and_never_refused(open_pbx: Any, header: str, param: str, granted: int) -> None:
    contact = OWN + (f";expires={param}" if param else "")
    response = open_pbx.ask(fields={"Contact": contact, "Expires": header})
    assert (response.status, listed(response)) == (200, [f"{OWN};expires={granted}"])
    assert response.headers.get("Expires") == (str(max(60, min(int(header), 7200))) if header else None)


def test_an_expiry_of_zero_removes_even_what_is_not_there(open_pbx: Any) -> None:
    open_pbx.ask()
    for _ in range(2):
        response = open_pbx.ask(fields={"Expires": "0"})
        assert (response.status, listed(response), stored(open_pbx)) == (200, [], [])
    assert response.headers.get("Expires") == "0"


def test_a_wildcard_removes_all_dynamic_contacts(open_pbx: Any) -> None:
    change(open_pbx, contact=["sip:static@192.0.2.1"])
    open_pbx.ask(fields={"Contact": "<sip:a@10.0.0.1>, <sip:b@10.0.0.1>"})
    response = open_pbx.ask(fields={"Contact": "*", "Expires": "0"})
    assert (response.status, listed(response), stored(open_pbx)) == (200, ["<sip:static@192.0.2.1>"], [])


@pytest.mark.parametrize(
    "fields",
    [
        {"Contact": "*"},
        {"Contact": "*", "Expires": "60"},
        {"Contact": f"*, {OWN}", "Expires": "0"},
        {"Contact": f"<sip:{'a' * 520}@10.0.0.1>"},
        {"Contact": f"<sip:alice@{'h' * 300}>"},
    ],
)
def test_contacts_that_cannot_be_bound_are_400(open_pbx: Any, fields: dict[str, str]) -> None:
    open_pbx.ask()
    before = stored(open_pbx)
    assert open_pbx.ask(fields=fields).status == 400
    assert stored(open_pbx) == before


def test_the_same_contact_is_refreshed_in_place(open_pbx: Any) -> None:
    open_pbx.ask(fields={"Contact": "<sip:alice@10.0.0.1;ob>", "Call-ID": "first", "User-Agent": "old"})
    (before,) = stored(open_pbx)
    open_pbx.now += 10
    fields = {"Contact": "<SIP:%61lice@10.0.0.1>", "Call-ID": "second", "User-Agent": "new"}
    assert open_pbx.ask(fields=fields).status == 200
    (after,) = stored(open_pbx)
    assert (after.id, after.uri, after.call_id) == (before.id, before.uri, "first")
    assert (after.expiration_time, after.user_agent) == (before.expiration_time + 10, "new")


def test_a_refresh_without_path_or_user_agent_keeps_those_of_before(server: Any) -> None:
    server.store(Endpoint(id="alice", aors=["alice"]), Aor(id="alice", max_contacts=1, support_path=True))
    told = {"Path": "<sip:10.0.0.9;lr>", "Supported": "path", "User-Agent": "phone"}
    assert server.ask(fields=told).status == 200
    assert server.ask().status == 200
    (contact,) = stored(server)
    assert (contact.path, contact.user_agent) == ("<sip:10.0.0.9;lr>", "phone")


def test_escapes_that_a_user_does_not_need_are_not_stored(open_pbx: Any) -> None:
    open_pbx.ask(fields={"Contact": "<sip:al%5Eice%3b@10.0.0.1:5060;transport=udp;ob>"})
    assert [contact.uri for contact in stored(open_pbx)] == ["sip:al%5eice;@10.0.0.1:5060;transport=udp;ob"]


def test_one_contact_too_many_is_403_and_nothing_changes(open_pbx: Any) -> None:
    open_pbx.ask(fields={"Contact": "<sip:a@10.0.0.1>, <sip:b@10.0.0.1>"})
    before = stored(open_pbx)
    assert open_pbx.ask(fields={"Contact": "<sip:c@10.0.0.1>"}).status == 403
    assert open_pbx.ask(fields={"Contact": "<sip:a@10.0.0.1>"}).status == 200
    assert [contact.id for contact in stored(open_pbx)] == [contact.id for contact in before]


def test_a_contact_may_take_the_place_of_one_removed_beside_it(open_pbx: Any) -> None:
    change(open_pbx, max_contacts=1)
    open_pbx.ask(fields={"Contact": "<sip:a@10.0.0.1>"})
    response = open_pbx.ask(fields={"Contact": "<sip:a@10.0.0.1>;expires=0, <sip:b@10.0.0.1>"})
    assert (response.status, listed(response)) == (200, ["<sip:b@10.0.0.1>;expires=3600"])


def test_remove_existing_displaces_the_soonest_to_expire(open_pbx: Any) -> None:
    change(open_pbx, remove_existing=True)
    open_pbx.ask(fields={"Contact": "<sip:a@10.0.0.1>;expires=500, <sip:b@10.0.0.1>;expires=100"})
    response = open_pbx.ask(fields={"Contact": "<sip:c@10.0.0.1>;expires=90"})
    assert response.status == 200
    assert sorted(listed(response)) == ["<sip:a@10.0.0.1>;expires=500", "<sip:c@10.0.0.1>;expires=90"]
    assert sorted(contact.uri for contact in stored(open_pbx)) == ["sip:a@10.0.0.1", "sip:c@10.0.0.1"]


def test_remove_existing_still_refuses_more_than_fits(open_pbx: Any) -> None:
    change(open_pbx, remove_existing=True)
    fields = {"Contact": "<sip:a@10.0.0.1>, <sip:b@10.0.0.1>, <sip:c@10.0.0.1>"}
    assert (open_pbx.ask(fields=fields).status, stored(open_pbx)) == (403, [])


def test_an_endpoint_without_aors_is_403(server: Any) -> None:
    server.store(Endpoint(id="alice"))
    assert server.ask().status == 403


def test_an_aor_with_max_contacts_0_is_403(server: Any) -> None:
    server.store(Endpoint(id="alice", aors=["alice"]), Aor(id="alice"))
    assert server.ask().status == 403


def test_a_to_that_is_no_sip_uri_is_416(open_pbx: Any) -> None:
    assert open_pbx.ask(fields={"To": "<tel:+4930>"}).status == 416


def test_an_aor_that_is_not_listed_or_not_defined_is_404(server: Any) -> None:
    server.store(
        Endpoint(id="alice", aors=["alice", "gone"]), Aor(id="alice", max_contacts=1), Aor(id="bob", max_contacts=1)
    )
    for user in ("bob", "gone", "nobody"):
        assert server.ask(fields={"To": f"<sip:{user}@pbx.example.com>"}).status == 404


@pytest.mark.parametrize("aor", ["alice@pbx.example.com", "alice@example.com", "alice"])
def test_the_aor_is_found_with_domain_with_alias_and_bare(server: Any, aor: str) -> None:
    server.store(
        DomainAlias(id="pbx.example.com", domain="example.com"),
        Endpoint(id="alice", aors=[aor]),
        Aor(id=aor, max_contacts=1),
    )
    assert server.ask().status == 200
    assert len(stored(server, aor)) == 1


def test_user_options_are_cut_where_the_global_section_says_so(server: Any) -> None:
    server.store(Endpoint(id="alice", aors=["alice"]), Aor(id="alice", max_contacts=1))
    fields = {"To": "<sip:alice;day=tuesday@pbx.example.com>"}
    assert server.ask(fields=fields).status == 404
    server.store(Global(id="global", ignore_uri_user_options=True))
    assert server.ask(fields=fields).status == 200


def test_a_path_needs_support_on_both_sides(open_pbx: Any) -> None:
    path = "<sip:edge1.example.com;lr>, <sip:edge2.example.com;lr>"
    ignored = open_pbx.ask(fields={"Path": path})
    assert (ignored.status, ignored.headers.get("Path"), stored(open_pbx)[0].path) == (200, None, "")
    change(open_pbx, support_path=True)
    refused = open_pbx.ask(fields={"Path": path})
    assert (refused.status, refused.headers.get("Unsupported")) == (420, "path")
    accepted = open_pbx.ask(fields={"Path": path, "Supported": "gruu, path"})
    assert accepted.headers.get_all("Path") == ("<sip:edge1.example.com;lr>", "<sip:edge2.example.com;lr>")
    assert accepted.headers.get("Supported") == "path"
    assert stored(open_pbx)[0].path == "<sip:edge1.example.com;lr>,<sip:edge2.example.com;lr>"


def test_expired_contacts_neither_count_nor_show(open_pbx: Any) -> None:
    change(open_pbx, max_contacts=1)
    open_pbx.ask(fields={"Contact": "<sip:a@10.0.0.1>;expires=60"})
    open_pbx.now += 60
    response = open_pbx.ask(fields={"Contact": "<sip:b@10.0.0.1>"})
    assert (response.status, listed(response)) == (200, ["<sip:b@10.0.0.1>;expires=3600"])
    assert [contact.uri for contact in stored(open_pbx)] == ["sip:b@10.0.0.1"]


def test_an_expired_contact_registers_anew(open_pbx: Any) -> None:
    open_pbx.ask(fields={"Call-ID": "first"})
    open_pbx.now += 4000
    assert open_pbx.ask(fields={"Call-ID": "second"}).status == 200
    assert [contact.call_id for contact in stored(open_pbx)] == ["second"]


def test_a_contact_that_another_server_brings_to_life_at_that_moment_stays(
    open_pbx: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_pbx.ask(fields={"Contact": "<sip:a@10.0.0.1>;expires=60"})
    open_pbx.now += 60
    read, renewed = Contacts.of, list[Contact]()

    def then_renewed(self: Contacts, aor: str, now: float) -> tuple[list[Contact], list[Contact]]:
        found = read(self, aor, now)
        for contact in found[1]:
            renewed.append(contact.evolve(expiration_time=int(now) + 60))
            open_pbx.sorcery.update(renewed[0])
        return found

    monkeypatch.setattr(Contacts, "of", then_renewed)
    response = open_pbx.ask(fields={"Contact": "<sip:b@10.0.0.1>"})
    assert (response.status, sorted(listed(response))) == (
        200,
        ["<sip:a@10.0.0.1>;expires=60", "<sip:b@10.0.0.1>;expires=3600"],
    )
    assert renewed[0] in stored(open_pbx)
    assert len(stored(open_pbx)) == 2


def test_a_store_that_refuses_is_500_and_nothing_is_stored(open_pbx: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(steps: object) -> None:
        raise StoreRefused("realtime ps_contacts", "contact", "alice", "uri is too long for its column")

    monkeypatch.setattr(open_pbx.sorcery, "_store", refused)
    assert open_pbx.ask().status == 500
    assert stored(open_pbx) == []


def test_two_registrations_of_one_aor_never_exceed_max_contacts(open_pbx: Any) -> None:
    change(open_pbx, max_contacts=1)
    requests = [open_pbx.request(fields={"Contact": f"<sip:alice@10.0.0.{n}>"}) for n in range(1, 9)]
    statuses: list[int] = []
    gate = threading.Barrier(len(requests))

    def register(request: Any) -> None:
        received = RequestReceived(request, PHONE, None)
        gate.wait()
        statuses.append(open_pbx.application.pipeline.run(received).response.status)

    threads = [threading.Thread(target=register, args=(request,)) for request in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [403] * 7
    assert len(stored(open_pbx)) == 1


@pytest.mark.parametrize("name", ["User-Agent", "Call-ID", "Path"])
@pytest.mark.parametrize("octet", [b"\xf6", b"\0"])
def test_octets_that_no_store_takes_are_stored_readable(open_pbx: Any, name: str, octet: bytes) -> None:
    change(open_pbx, support_path=True)
    request, text = open_pbx.request(), (b"Ph" + octet + b"ne").decode("utf-8", "surrogateescape")
    headers = request.headers.with_set("Supported", "path").with_set(name, text)
    assert open_pbx.send(request.with_headers(headers)).status == 200
    (contact,) = stored(open_pbx)
    assert getattr(contact, name.lower().replace("-", "_")) == "Ph\ufffdne"


@pytest.mark.parametrize("text", ["sip:@@", "sip:@@;x-ast-txp=udp"])
def test_a_stored_contact_that_is_no_uri_is_nobody_s(open_pbx: Any, text: str) -> None:
    open_pbx.store(Contact(id="alice;@1", uri=text, expiration_time=1_800_000_000))
    assert open_pbx.ask().status == 200
    assert len(stored(open_pbx)) == 2


@pytest.mark.parametrize("name", ["plain", "escapes", "tcp-rewritten"])
def test_what_is_stored_is_what_asterisk_stores(server: Any, name: str) -> None:
    """The recorded rows are those of a running Asterisk; prune_on_boot is for streams, which are not here yet."""
    recorded = json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))
    values = json.loads(recorded["value"])
    id = recorded["key"].removeprefix("/registrar/contact/")
    expected = Contact.from_objectset(id, values.items()).evolve(prune_on_boot=False)
    aor = values["endpoint"]
    rewritten = "x-ast-orig-host" in values["uri"]
    server.store(
        Endpoint(id=aor, aors=[aor], rewrite_contact=rewritten),
        Aor(
            id=aor,
            max_contacts=1,
            support_path=True,
            qualify_frequency=int(values["qualify_frequency"]),
            outbound_proxy=values["outbound_proxy"],
        ),
    )
    server.now = float(values["expiration_time"]) - 3600
    fields = {
        "From": f"<sip:{aor}@pbx>;tag=1",
        "To": f"<sip:{aor}@pbx>",
        "Via": f"SIP/2.0/UDP {values['via_addr']}:{values['via_port']};branch=z9hG4bKx",
        "Call-ID": values["call_id"],
        "Contact": recorded["contact_header"].replace(";transport=tcp", ""),
        "Path": values["path"],
        "Supported": "path",
        "User-Agent": values["user_agent"],
    }
    source = Address("127.0.0.1", 45570 if rewritten else int(values["via_port"]), "udp")
    assert server.ask(fields=fields, source=source).status == 200
    (contact,) = stored(server, aor)
    if rewritten:  # over UDP no transport is written into the URI
        uri = expected.uri.replace(";transport=TCP", "")
        expected = expected.evolve(id=contact_id(aor, uri), uri=uri)
    assert contact == expected
