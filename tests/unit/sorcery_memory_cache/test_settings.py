"""The options of a cache, as a mapping writes them."""

from __future__ import annotations

import pytest

from sorcery import ConfigurationError
from sorcery.environment import Setting
from sorcery.place import Place
from sorcery_memory_cache.settings import Settings, parse_settings

NUMBERS = ("maximum_objects", "object_lifetime_maximum", "object_lifetime_stale")


def test_without_options_nothing_is_limited() -> None:
    assert parse_settings("") == Settings(
        name="",
        maximum_objects=0,
        object_lifetime_maximum=0,
        object_lifetime_stale=0,
        expire_on_reload=False,
        full_backend_cache=False,
    )


def test_every_option_is_taken() -> None:
    text = (
        "name=front,maximum_objects=10,object_lifetime_maximum=60,object_lifetime_stale=90,"
        "expire_on_reload=yes,full_backend_cache=1"
    )
    assert parse_settings(text) == Settings(
        name="front",
        maximum_objects=10,
        object_lifetime_maximum=60,
        object_lifetime_stale=90,
        expire_on_reload=True,
        full_backend_cache=True,
    )


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize(("text", "value"), [("7", 7), (" 7", 7), ("+7", 7), ("7s", 7), ("0", 0)])
def test_a_number_may_have_something_behind_it(name: str, text: str, value: int) -> None:
    assert getattr(parse_settings(f"{name}={text}"), name) == value


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("text", ["", "-1", "many", " -1"])
def test_what_is_no_number_is_refused_and_said(name: str, text: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{name}={text!r} is no number; write {name}=300"):
        parse_settings(f"{name}={text}")


def test_a_number_without_an_equals_sign_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="maximum_objects='' is no number"):
        parse_settings("maximum_objects")


def test_an_empty_name_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="name must not be empty; write name=something"):
        parse_settings("name=")


@pytest.mark.parametrize("name", ["size", "Name", " name", "maximum_object"])
def test_an_unknown_option_is_refused_with_those_that_exist(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"unknown cache option '{name}'; use any of name, maximum_objects"):
        parse_settings(f"{name}=1")


@pytest.mark.parametrize("name", ["expire_on_reload", "full_backend_cache"])
@pytest.mark.parametrize(
    ("text", "value"), [("yes", True), ("true", True), ("no", False), ("", False), ("maybe", False)]
)
def test_a_switch_is_on_where_the_text_is_true(name: str, text: str, value: bool) -> None:
    assert getattr(parse_settings(f"{name}={text}"), name) is value


OURS = ("negative_lifetime", "serve_unavailable")


@pytest.mark.parametrize("name", OURS)
def test_an_option_of_ours_is_a_number_and_nothing_else(name: str) -> None:
    assert getattr(parse_settings(f"{name}=5"), name) == 5
    for text in ("", "-1", "5m", "5.5"):
        with pytest.raises(ConfigurationError, match=f"{name}={text!r} is no number"):
            parse_settings(f"{name}={text}")


def line(value: str, name: str = "front") -> Setting:
    return Setting(name, value, Place("sorcery.conf", 7))


def test_lines_are_laid_over_the_mapping_in_their_order() -> None:
    lines = [line("negative_lifetime=5, maximum_objects=7", "*"), line("negative_lifetime=6,serve_unavailable=60")]
    settings = parse_settings("name=front,maximum_objects=3,object_lifetime_stale=9", lines)
    assert settings == Settings(
        name="front", maximum_objects=7, object_lifetime_stale=9, negative_lifetime=6, serve_unavailable=60
    )


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("size=1", "unknown cache option 'size'; use any of maximum_objects,"),
        ("serve_unavailable=long", "serve_unavailable='long' is no number; write serve_unavailable=300"),
        ("name=other", "unknown cache option 'name'"),
    ],
)
def test_what_is_wrong_in_a_line_is_told_with_its_place(value: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_settings("", [line(value)])
    assert str(caught.value).startswith("sorcery.conf:7: [memory_cache] front: ")
    assert said in str(caught.value)
