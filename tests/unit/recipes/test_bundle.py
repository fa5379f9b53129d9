"""Objects that belong together."""

from __future__ import annotations

from sorcery import Secret
from sorcery.pjsip import Aor, Auth, Endpoint, Identify
from sorcery.recipes import phone


def test_a_bundle_gives_its_objects_in_the_order_in_which_people_write_them() -> None:
    bundle = phone("100")
    assert [type(obj) for obj in bundle] == [Endpoint, Auth, Aor]
    assert bundle.of(Aor) == (bundle.objects[2],)
    assert bundle.of(Identify) == ()


def test_options_of_one_type_can_be_changed() -> None:
    before = phone("100", secret=Secret("hunter2hunter2"))
    after = before.evolve(Endpoint, language="de", rtp_timeout=30)
    (endpoint,) = after.of(Endpoint)
    assert (endpoint.language, endpoint.rtp_timeout) == ("de", 30)
    assert after.objects[1:] == before.objects[1:]


def test_the_password_is_in_nothing_that_is_printed() -> None:
    bundle = phone("100", secret=Secret("hunter2hunter2"))
    assert "hunter2" not in f"{bundle!r} {bundle}"
