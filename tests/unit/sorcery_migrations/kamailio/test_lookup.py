"""What registers at Asterisk or at our stack is found by Kamailio, and nothing is mirrored back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest

from sorcery import Sorcery
from sorcery.errors import ConfigurationError
from sorcery.pjsip import Aor, Contact
from sorcery_migrations import kamailio
from tests.unit.sorcery_migrations.kamailio.shared import Shared

URI = "sip:a^b@192.0.2.1;ob"
ID = f"alice;@{hashlib.md5(URI.encode()).hexdigest()}"
CONTACT = Contact(
    id=ID, uri=URI, expiration_time=2_000_000_000, path="<sip:edge;lr>", user_agent="a phone; with ^", call_id="c"
)
FOUND = "SELECT username, contact, path, expires, callid, user_agent FROM location"
BY_KAMAILIO = """
INSERT INTO location (ruid, username, contact, expires, socket)
VALUES ('theirs', 'alice', :contact, 2000000000, 'udp:h')
"""


@pytest.fixture
def s(database: Shared) -> Iterator[Sorcery]:
    """Open a system on a database that a Kamailio finds phones in."""
    kamailio.create(database.url, both_ways=True)
    with Sorcery.open(database.url) as sorcery:
        sorcery.create(Aor(id="alice", max_contacts=9))
        yield sorcery


def test_a_contact_is_a_registration_as_long_as_it_lasts(database: Shared, s: Sorcery) -> None:
    s.create(CONTACT)
    assert database.rows(FOUND) == [("alice", URI, "<sip:edge;lr>", 2_000_000_000, "c", "a phone; with ^")]
    s.update(CONTACT.evolve(expiration_time=2_000_000_060, path=""))
    assert database.rows("SELECT expires, path FROM location") == [(2_000_000_060, None)]
    assert s.retrieve_all(Contact) == [CONTACT.evolve(expiration_time=2_000_000_060, path="")]
    s.update(CONTACT.evolve(expiration_time=1))
    assert database.rows(FOUND) == []
    s.update(CONTACT)
    s.delete(CONTACT)
    assert database.rows(FOUND) == []


def test_contacts_that_were_there_before_are_found_too(database: Shared, s: Sorcery) -> None:
    kamailio.remove(database.url)
    s.create(CONTACT)
    s.create(old := CONTACT.evolve(id="alice;@old", expiration_time=1))
    s.create(other := CONTACT.evolve(id="alice;@longer", uri="sip:longer", path=""))
    kamailio.create(database.url, both_ways=True)
    assert sorted(database.rows("SELECT contact FROM location")) == [(URI,), ("sip:longer",)]
    assert sorted(s.retrieve_all(Contact), key=str) == sorted([CONTACT, old, other], key=str)
    assert kamailio.create(database.url, both_ways=True) == kamailio.create(database.url) == []


def test_what_kamailio_registered_is_not_mirrored_back(database: Shared, s: Sorcery) -> None:
    database.execute(BY_KAMAILIO, contact=URI)
    assert database.rows("SELECT ruid FROM location") == [("theirs",)]
    (contact,) = s.retrieve_all(Contact)
    assert contact.reg_server == "kamailio"
    s.update(contact.evolve(qualify_frequency=7))
    s.delete(contact)
    assert database.rows("SELECT ruid FROM location") == [("theirs",)]


def test_of_two_registrations_of_a_contact_the_newer_counts(database: Shared, s: Sorcery) -> None:
    database.execute(BY_KAMAILIO, contact=URI)
    s.update(CONTACT)  # the phone comes to our stack
    assert [ruid[:8] for (ruid,) in database.rows("SELECT ruid FROM location")] == ["sorcery-"]
    assert [each.reg_server for each in s.retrieve_all(Contact)] == [""]
    database.execute("UPDATE location SET expires = 2000000090")  # and back to Kamailio, which changes its row
    assert [(each.reg_server, each.expiration_time) for each in s.retrieve_all(Contact)] == [
        ("kamailio", 2_000_000_090)
    ]
    database.execute("DELETE FROM location")
    assert s.retrieve_all(Contact) == []


def test_an_expired_row_that_kamailio_clears_away_leaves_the_contact_of_another(database: Shared, s: Sorcery) -> None:
    s.create(CONTACT)
    database.execute("DELETE FROM location")
    assert s.retrieve_all(Contact) == [CONTACT]


@pytest.mark.parametrize(
    "contact",
    [
        CONTACT.evolve(id=f"{'a' * 65};@x"),
        CONTACT.evolve(path=f"<sip:{'p' * 600};lr>"),
        CONTACT.evolve(id="alice@@static"),
    ],
)
def test_a_contact_that_has_no_room_there_is_stored_all_the_same(
    database: Shared, s: Sorcery, contact: Contact
) -> None:
    s.create(contact)
    assert database.rows(FOUND) == []
    assert s.retrieve_all(Contact) == [contact]


@pytest.mark.parametrize("change", ["expiration_time = NULL", "path = repeat('p', 513)", "uri = ''", "uri = NULL"])
def test_a_contact_that_comes_to_have_no_room_there_is_not_found_as_it_was(
    database: Shared, s: Sorcery, change: str
) -> None:
    s.create(CONTACT)
    database.execute(f"UPDATE ps_contacts SET {change}")
    assert database.rows(FOUND) == []


def test_one_way_again_it_finds_what_is_registered_at_kamailio_alone(database: Shared, s: Sorcery) -> None:
    s.create(CONTACT)
    s.create(CONTACT.evolve(id="alice;@other", uri="sip:other"))
    database.execute("UPDATE location SET expires = 2000000090 WHERE contact = :contact", contact=URI)
    assert {each.reg_server for each in s.retrieve_all(Contact)} == {"kamailio", ""}
    kamailio.create(database.url)
    assert kamailio.status(database.url).both_ways
    kamailio.create(database.url, both_ways=False)
    assert database.rows("SELECT contact FROM location") == [(URI,)]
    assert len(s.retrieve_all(Contact)) == 2
    found = kamailio.status(database.url)
    assert (found.is_on, found.both_ways) == (True, False)
    assert kamailio.create(database.url, both_ways=False) == kamailio.create(database.url) == []
    with pytest.raises(ConfigurationError, match="location holds rows"):
        kamailio.remove(database.url)


def test_it_goes_with_what_it_made(database: Shared, s: Sorcery) -> None:
    s.create(CONTACT)
    kamailio.remove(database.url)
    assert database.triggers() == set()
    s.delete(CONTACT)


def test_a_registration_that_is_renewed_uses_up_no_number(database: Shared, s: Sorcery) -> None:
    s.create(CONTACT)
    for later in range(5):
        s.update(CONTACT.evolve(expiration_time=2_000_000_000 + later))
    s.create(CONTACT.evolve(id="alice;@other", uri="sip:other"))
    assert database.rows("SELECT max(id) - min(id) FROM location") == [(1,)]
