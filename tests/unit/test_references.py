"""References between objects."""

from __future__ import annotations

from collections.abc import Mapping, Set

from sorcery import Place, Severity
from sorcery.pjsip import Endpoint
from sorcery.references import dangling, references
from sorcery.testing.types import Widget

WIDGET = Widget(id="w", group="g1", groups=["g2", "g1"])


def found(known: Mapping[str, Set[str]]) -> list[str]:
    def place(id: str, option: str) -> Place:
        return Place(f"{id}.{option}", 7)

    return [str(finding) for finding in dangling([WIDGET], known.get, place)]


def test_every_id_of_every_referring_option_is_named() -> None:
    assert list(references(WIDGET)) == [
        ("group", "testing_group", "g1"),
        ("groups", "testing_group", "g2"),
        ("groups", "testing_group", "g1"),
    ]
    assert list(references(Widget(id="w"))) == []


def test_an_endpoint_refers_to_its_auths_and_aors() -> None:
    endpoint = Endpoint.from_objectset("e", [("auth", "a"), ("aors", "b,c")])
    assert {("auth", "auth", "a"), ("aors", "aor", "b"), ("aors", "aor", "c")} <= set(references(endpoint))


def test_a_reference_to_nothing_is_a_warning_at_its_place() -> None:
    assert found({"testing_group": {"g1"}}) == [
        "w.groups:7: warning [dangling-reference] testing_widget 'w', option groups: "
        "no testing_group 'g2' exists; create the testing_group or correct the name"
    ]


def test_a_finding_names_the_culprit() -> None:
    first, *_ = dangling([WIDGET], lambda type_name: set(), lambda id, option: None)
    assert (first.severity, first.type_name, first.id, first.option, first.value) == (
        Severity.WARNING,
        "testing_widget",
        "w",
        "group",
        "g1",
    )


def test_references_that_all_exist_are_no_findings() -> None:
    assert found({"testing_group": {"g1", "g2"}}) == []


def test_nothing_is_said_of_types_that_cannot_be_known() -> None:
    assert found({}) == []
