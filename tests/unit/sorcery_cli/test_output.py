"""What is printed: escapes, masks, tables."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from sorcery import Object, Secret, Value, object_type, option
from sorcery.kinds import SecretText, Text
from sorcery.pjsip import TYPES
from sorcery_cli.output import (
    LIST,
    console,
    masked_line,
    names_secret,
    note,
    object_data,
    print_json_list,
    print_table,
    unlogged,
    without_passwords,
)


class SecretWords(SecretText):
    """Secrets with blanks between them, printed one by one."""

    def pairs(self, name: str, value: Secret) -> list[tuple[str, str]]:
        return [(name, word) for word in value.reveal().split()]


@object_type("ring", conf="lock.conf")
class Ring(Object):
    """A type with a list of secrets."""

    codes: Value[Secret] = option(SecretWords(), default="", secret=True)
    room: str = option(Text(), default="")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://u:s@h/x", "postgresql://u:********@h/x"),
        ("at mysql+pymysql://u:p@ss@h:3306/x now", "at mysql+pymysql://u:********@h:3306/x now"),
        ("postgresql://h/x?user=u&password=s&sslmode=no", "postgresql://h/x?user=u&password=********&sslmode=no"),
        ("postgresql://h/x?sslpassword=s", "postgresql://h/x?sslpassword=********"),
        ("postgresql://u@h/x", "postgresql://u@h/x"),
        ("sqlite:///pbx.db", "sqlite:///pbx.db"),
        ("sip:alice@example.com", "sip:alice@example.com"),
    ],
)
def test_only_the_passwords_of_addresses_are_masked(text: str, shown: str) -> None:
    assert without_passwords(text) == shown


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("password = a b ; c", "password = ********"),
        ("; old: password=a", "; old: password=********"),
        ("username=alice;Password += a", "username=alice;Password += ********"),
        (";;-- password =>a --;", ";;-- password =>********"),
        ("set_var=TOKEN=1 ; outbound_auth/pasword=a", "set_var=TOKEN=1 ; outbound_auth/pasword=********"),
        ('#exec "get --password=a"', '#exec "get --password=********'),
        ("connection => mysql://u:pw@h/d", "connection => mysql://u:********@h/d"),
        ("password = ", "password = "),
        ("auth_type = userpass ; of the password", "auth_type = userpass ; of the password"),
    ],
)
def test_a_line_is_shown_up_to_its_first_password(line: str, shown: str) -> None:
    assert masked_line(line) == shown


def test_a_repeated_option_is_a_list_and_each_of_its_secrets_is_masked() -> None:
    ring = Ring.from_objectset("a", [("codes", "one two"), ("room", "3")])
    options = {"codes": ["********", "********"], "room": "3"}
    assert object_data(ring) == {"type": "ring", "id": "a", "options": options}
    assert object_data(ring, secrets=True)["options"]["codes"] == ["one", "two"]


def test_a_table_takes_every_text_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("name", "value"), [("a", "[bold]x[/bold] :smile: " + "long " * 60)])
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines == ["name  value", "a     [bold]x[/bold] :smile: " + ("long " * 60).rstrip()]


def test_neither_a_table_nor_a_note_sends_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("name",), [("a\x1b[31m",)], title="t\x1b[31m")
    note("at mysql://u:sesame@h/x \x1b[31m")
    shown = capsys.readouterr()
    assert shown.out.split() == ["t\\x1b[31m", "name", "a\\x1b[31m"]
    assert shown.err == "at mysql://u:********@h/x \\x1b[31m\n"


def test_what_is_no_terminal_has_no_width() -> None:
    assert console().width > 1000


def test_warnings_of_stores_are_kept_back_and_errors_are_not(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("sorcery.test")
    with unlogged():
        log.warning("kept back")
        log.error("told")
    log.warning("told too")
    assert caplog.messages == ["told", "told too"]


@pytest.mark.parametrize("name", ["pasword", "passwords", "Passwrd", "inbound_auth/pasword", "md5cred", "secrt"])
def test_a_misspelt_secret_is_taken_for_one(name: str) -> None:
    assert names_secret(name)


def test_no_option_that_is_known_is_taken_for_a_misspelt_secret() -> None:
    names = {name: option for cls in TYPES for name, option in cls.__sorcery__.options.items() if "/" not in name}
    assert [name for name, option in names.items() if names_secret(name) and not option.secret] == []


@pytest.mark.parametrize("items", [[], [{"a": [], "b": {"c": 1}}], ["a\nb", 2, None], list(range(1200))])
@pytest.mark.parametrize("around", [lambda items: items, lambda items: {"version": 1, "runs": [{"results": items}]}])
def test_a_list_that_is_printed_item_by_item_is_the_document_it_would_be_as_a_whole(
    items: list[Any], around: Callable[[Any], Any], capsys: pytest.CaptureFixture[str]
) -> None:
    print_json_list(iter(items), around(LIST))
    assert capsys.readouterr().out == json.dumps(around(items), indent=2) + "\n"
