"""Graphs for Mermaid."""

from __future__ import annotations

import re

from sorcery_cli.drawing.mermaid import mermaid
from tests.unit.sorcery_cli.drawing.graphs import HOSTILE, PHONE


def test_a_flow_chart_has_each_node_and_edge() -> None:
    assert mermaid(PHONE).splitlines() == [
        "flowchart LR",
        '    n0["<small>endpoint</small><br/><b>alice</b>"]:::root',
        '    n1["<small>aor</small><br/><b>alice</b>"]',
        '    n2["<small>auth</small><br/><b>gone</b><br/><i>does not exist</i>"]:::dangling',
        '    n3["<small>contact</small><br/><b>alice#59;#64;1</b>"]',
        '    n4["<small>acl#46;conf</small><br/><b>office</b><br/><i>not known here</i>"]:::outside',
        '    n5["<small>identify</small><br/><b>i</b>"]',
        '    n6["<small>registration</small><br/><b>7 more</b>"]',
        '    n0 -->|"aors"| n1',
        '    n0 -.->|"auth#44; outbound#95;auth"| n2',
        '    n0 -.->|"acl"| n4',
        '    n1 -->|"contact"| n3',
        '    n3 -->|"endpoint"| n0',
        '    n5 -->|"endpoint"| n0',
        '    n6 -->|"endpoint x7"| n0',
        "    classDef root stroke-width:3px",
        "    classDef dangling stroke:#c62828,color:#c62828,stroke-dasharray:5 4",
        "    classDef outside stroke:#777777,color:#777777,stroke-dasharray:5 4",
    ]


def test_an_id_can_do_nothing_to_the_chart() -> None:
    (line,) = (line for line in mermaid(HOSTILE).splitlines() if ":::unreadable" in line)
    inner = re.sub(r"</?(small|b|i|br)/?>|#\d+;", "", line.split('["')[1].split('"]')[0])
    assert all(char.isalnum() or char in " -" for char in inner)
