"""What a REGISTER does to contacts, as values."""

from __future__ import annotations

from typing import Any

import pytest

from sorcery.pjsip import Aor, Contact
from sorcery_sip.message import SipUri, parse_uri
from sorcery_sip.modules.bindings import Asked, BindingError, asked, clamped, plan

AOR = Aor(id="alice", max_contacts=2)


def ask(text: str, expires: int = 100) -> Asked:
    uri = parse_uri(text)
    assert isinstance(uri, SipUri)
    return Asked(uri, text, expires)


def contact(uri: str, expires: int) -> Contact:
    return Contact(id=f"alice;@{uri}", uri=uri, expiration_time=expires)


A, B = contact("sip:a@h", 500), contact("sip:b@h", 400)


@pytest.mark.parametrize(("seconds", "granted"), [(0, 0), (1, 60), (60, 60), (7200, 7200), (7201, 7200)])
def test_an_expiry_is_clamped(seconds: int, granted: int) -> None:
    assert clamped(seconds, AOR) == granted


def test_a_minimum_above_the_maximum_wins() -> None:
    assert clamped(70, Aor(id="x", minimum_expiration=100, maximum_expiration=50)) == 100


def test_a_contact_parameter_goes_before_the_header_and_the_default(server: Any) -> None:
    fields = {"Contact": "<sip:a@h>;expires=200, <sip:b@h>;expires=nonsense", "Expires": "300"}
    assert [each.expires for each in asked(server.request(fields=fields), AOR)] == [200, 300]


def test_the_same_contact_twice_is_bound_once_as_given_last() -> None:
    made = plan(AOR, [], [ask("sip:a@h", 100), ask("sip:A@h", 200), ask("sip:a@H", 300)], wildcard=False)
    assert [(each.text, each.expires) for each in made.added] == [("sip:A@h", 200), ("sip:a@H", 300)]


def test_added_and_removed_in_one_request_comes_to_nothing() -> None:
    made = plan(AOR, [], [ask("sip:a@h"), ask("sip:a@h", 0)], wildcard=False)
    assert str(made) == "nothing changed"


def test_a_plan_tells_what_it_does() -> None:
    made = plan(AOR, [A, B], [ask("sip:a@h"), ask("sip:b@h", 0), ask("sip:c@h")], wildcard=False)
    assert str(made) == "added sip:c@h; refreshed sip:a@h; removed sip:b@h"


def test_more_than_fits_is_refused_with_the_count() -> None:
    with pytest.raises(BindingError, match=r"3 contacts would exceed max_contacts=2 of aor 'alice'") as caught:
        plan(AOR, [A, B], [ask("sip:c@h")], wildcard=False)
    assert caught.value.status == 403


def test_a_refresh_is_never_refused_for_the_count() -> None:
    crowded = Aor(id="alice", max_contacts=1)
    assert len(plan(crowded, [A, B], [ask("sip:a@h")], wildcard=False).refreshed) == 1


def test_the_soonest_to_expire_is_displaced_and_never_one_that_was_mentioned() -> None:
    aor = Aor(id="alice", max_contacts=2, remove_existing=True)
    made = plan(aor, [A, B], [ask("sip:b@h"), ask("sip:c@h")], wildcard=False)
    assert made.displaced == (A,)
    assert plan(aor, [A, B], [ask("sip:c@h")], wildcard=False).displaced == (B,)


def test_a_wildcard_removes_everything() -> None:
    assert plan(AOR, [A, B], [], wildcard=True).removed == (A, B)
