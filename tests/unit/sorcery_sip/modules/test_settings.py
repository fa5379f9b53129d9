"""The `global` section is read once per load."""

from __future__ import annotations

import pytest

from sorcery import Sorcery, Unavailable
from sorcery.pjsip import Global
from sorcery_sip.modules.settings import Settings


def test_without_a_section_the_defaults_count(sorcery: Sorcery) -> None:
    assert Settings(sorcery).current == Global(id="global")


def test_a_change_counts_at_once_and_no_question_is_asked_twice(
    sorcery: Sorcery, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(sorcery)
    sorcery.create(Global(id="global", default_realm="one"))
    assert settings.current.default_realm == "one"
    sorcery.update(Global(id="global", default_realm="two"))
    assert settings.current.default_realm == "two"
    monkeypatch.setattr(sorcery, "retrieve_all", lambda type: [])
    assert settings.current.default_realm == "two"


def test_nobody_knows_is_no_default(sorcery: Sorcery, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(type: object) -> None:
        raise Unavailable("realtime ps_globals", "connection refused")

    settings = Settings(sorcery)
    monkeypatch.setattr(sorcery, "retrieve_all", down)
    with pytest.raises(Unavailable):
        _ = settings.current


def test_a_change_while_it_is_read_counts_at_the_next_question(
    sorcery: Sorcery, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = Global(id="global", default_realm="old"), Global(id="global", default_realm="new")
    sorcery.create(old)
    settings, retrieve_all = Settings(sorcery), sorcery.retrieve_all

    def overtaken(type: type[Global]) -> list[Global]:
        monkeypatch.setattr(sorcery, "retrieve_all", retrieve_all)
        found = retrieve_all(type)
        sorcery.update(new)
        return found

    monkeypatch.setattr(sorcery, "retrieve_all", overtaken)
    assert settings.current == old
    assert settings.current == new


def test_the_latest_is_what_was_read_last_whatever_has_changed(sorcery: Sorcery) -> None:
    settings = Settings(sorcery)
    assert settings.latest is None
    read = settings.current
    sorcery.create(Global(id="global", default_realm="new"))
    assert settings.latest is read
    assert settings.current == settings.latest == Global(id="global", default_realm="new")


def test_a_closed_one_hears_nothing(sorcery: Sorcery) -> None:
    settings = Settings(sorcery)
    before = settings.current
    settings.close()
    sorcery.create(Global(id="global", default_realm="new"))
    assert settings.current is before
