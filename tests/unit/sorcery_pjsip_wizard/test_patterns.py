from __future__ import annotations

import pytest

from sorcery.kinds import Refused
from sorcery_pjsip_wizard.patterns import substituted

VALUES = {"REMOTE_HOST": "127.0.0.7", "USERNAME": "alice"}


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("", ""),
        ("sip:x@y", "sip:x@y"),
        ("sip:${USERNAME}@${REMOTE_HOST}", "sip:alice@127.0.0.7"),
        ("${remote_host}-${NONE}-${ USERNAME}-", "---"),
        ("$USERNAME $$${USERNAME}$", "$USERNAME $$alice$"),
        (r"\${USERNAME}", r"\alice"),
        ("a{b}${USERNAME}{c}", "a{b}alice{c}"),
        ("${USER${NONE}NAME}", "alice"),
        ("${USER{}NAME}x", "x"),
        ("x${USERNAME", "xalice"),
        ("${USERNAME:2}", "ice"),
        ("${USERNAME:1:2}", "li"),
        ("${USERNAME:-2}", "ce"),
        ("${USERNAME:1:-1}", "lic"),
        ("${USERNAME:9}${USERNAME:-9}", "alice"),
        ("${USERNAME:0:99}${USERNAME:3:-4}", "alice"),
        ("${USERNAME: 2 : 1}", "ice"),
        ("${USERNAME:1:}${USERNAME:x}", "licealice"),
    ],
)
def test_a_variable_stands_for_its_value_or_a_part_of_it(pattern: str, text: str) -> None:
    assert substituted(pattern, VALUES) == text


@pytest.mark.parametrize("pattern", ["${FILTER(0-9,${USERNAME})}", "$[1+2]", "${USERNAME:$[1]}"])
def test_what_asterisk_alone_evaluates_is_refused(pattern: str) -> None:
    with pytest.raises(Refused, match="Asterisk alone"):
        substituted(pattern, VALUES)
