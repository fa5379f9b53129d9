from __future__ import annotations

import json
from pathlib import Path

from sorcery.conf import dump, dump_error, dump_messages
from sorcery.conf.messages import Message
from sorcery.conf.model import Category, ConfFile, Variable
from sorcery.errors import ConfMissing, ConfSyntaxError
from sorcery.place import Place


def test_defaults_are_dropped_from_the_right_and_files_are_relative() -> None:
    variables = (
        Variable("a", "1", 2),
        Variable("b", "1", 3, "=>"),
        Variable("c", "1", 4, "=", True),
        Variable("d", "1", 5, "=", False, "/etc/x.inc"),
        Variable("e", "\udce9", 6, "=", False, "x.inc~~1"),
    )
    conf = ConfFile("/etc/m.conf", "/etc", (Category("n", True, ("t",), "/etc/x.inc", 1, (variables,)),))
    (category,) = dump(conf)
    assert category == {
        "name": "n",
        "template": True,
        "bases": ["t"],
        "line": 1,
        "file": "x.inc",
        "variables": [
            ["a", "1", 2],
            ["b", "1", 3, "=>"],
            ["c", "1", 4, "=", True],
            ["d", "1", 5, "=", False, "x.inc"],
            ["e", "\udce9", 6, "=", False, "x.inc~~1"],
        ],
    }
    assert r"\udce9" in json.dumps(category)


def test_a_category_of_the_main_file_names_no_file() -> None:
    assert "file" not in dump(ConfFile("/m", "/", (Category("n", False, (), "", 1),)))[0]


def test_errors() -> None:
    assert dump_error(ConfMissing(str(Path("/m")))) == {"error": "missing"}
    assert dump_error(ConfSyntaxError("r", code="no-category")) == {"error": "invalid"}


def test_messages_drop_what_they_do_not_name() -> None:
    place = Place("/etc/a", 3)
    messages = [Message.about(code, "", place) for code in ("no-equals", "not-regular-file", "exec-disabled")]
    assert dump_messages(messages, "/etc") == [
        ["WARNING", "no-equals", 3, "a"],
        ["WARNING", "not-regular-file", None, "a"],
        ["WARNING", "exec-disabled"],
    ]
