from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.sorcery_config.conftest import Folder


def test_options_apply_in_order_and_templates_come_first(folder: Folder) -> None:
    folder.write(
        "[t](!)\ntype=phone\ncontext=tpl\ncodecs=a\n[u](!)\ncodecs=b\nlines=3\n"
        "[one](t)\ncodecs=c\n[two](t,u)\ncontext=own\n[three](t)\n"
    )
    store = folder.phones()
    folder.load()
    phones = store.snapshot.objects
    assert phones["one"].settings() == [("context", "tpl"), ("codecs", "a,c")]
    assert phones["two"].settings() == [("context", "own"), ("lines", "3"), ("codecs", "a,b")]
    assert phones["three"].settings() == [("context", "tpl"), ("codecs", "a")]


def test_a_base_that_is_no_template_is_copied_too(folder: Folder) -> None:
    folder.write("[a]\ntype=phone\ncontext=x\n[b](a)\nlines=2\n")
    store = folder.phones()
    folder.load()
    assert store.snapshot.objects["b"].settings() == [("context", "x"), ("lines", "2")]


def test_an_addition_to_a_section_applies_after_it(folder: Folder) -> None:
    folder.write("[a]\ntype=phone\ncontext=x\n[t](!)\nlines=4\n[a](+,t)\ncontext=y\n")
    store = folder.phones()
    folder.load()
    assert store.snapshot.objects["a"].settings() == [("context", "y"), ("lines", "4")]


def test_children_of_a_template_share_its_values(folder: Folder) -> None:
    folder.write("[t](!)\ntype=phone\ncodecs=a,b\n[one](t)\n[two](t)\n")
    store = folder.phones()
    folder.load()
    assert store.snapshot.objects["one"].codecs is store.snapshot.objects["two"].codecs  # type: ignore[attr-defined]


def test_a_section_may_have_thousands_of_bases(folder: Folder) -> None:
    bases = ",".join(["t"] * 3000)
    folder.write(f"[t](!)\ntype=phone\ncontext=x\n[a]({bases})\n[b]({bases},t)\nlines=2\n")
    store = folder.phones()
    folder.load()
    assert store.snapshot.objects["a"].settings() == [("context", "x")]
    assert store.snapshot.objects["b"].settings() == [("context", "x"), ("lines", "2")]


def test_extended_fields_of_a_template_are_not_shared_between_children(folder: Folder) -> None:
    folder.write("[t](!)\ntype=phone\n@a=1\n[one](t)\n@b=2\n[two](t)\n")
    store = folder.phones()
    folder.load()
    assert store.snapshot.objects["one"].extended == (("@a", "1"), ("@b", "2"))
    assert store.snapshot.objects["two"].extended == (("@a", "1"),)


@pytest.mark.parametrize(
    ("text", "rule", "option", "line"),
    [
        ("[a]\ntype=phone\n\nlines=nine\nlines=2\n", "refused-value", "lines", 4),
        ("[a]\ntype=phone\ncontxt=x\n", "unknown-option", "contxt", 3),
        ("[a]\ntype=phone\nmode=locked\ncontext=x\n", "refused-value", "mode", 3),
        ("[t](!)\ntype=phone\nlines=9\n[a](t)\ncontext=x\n", "refused-value", "lines", 3),
        ("[t](!)\ntype=phone\nmode=locked\n[a](t)\ncontext=x\n", "refused-value", "mode", 3),
    ],
)
def test_a_refusal_names_the_line_of_the_culprit(folder: Folder, text: str, rule: str, option: str, line: int) -> None:
    folder.write(text)
    store = folder.phones()
    (finding,) = folder.load().findings
    assert folder.told([finding]) == [("error", rule, folder.at(line))]
    assert (finding.type_name, finding.id, finding.option) == ("phone", "a", option)
    assert finding.remedy
    assert store.retrieve("a") is None


def test_the_culprit_may_stand_in_an_included_file(folder: Folder) -> None:
    folder.write("lines=7\nlines=9\n", "more.conf")
    folder.write("[a]\ntype=phone\n#include more.conf\n")
    folder.phones()
    assert folder.told(folder.load().findings) == [("error", "refused-value", folder.at(2, "more.conf"))]


def test_a_warning_names_the_line_and_the_object_loads(folder: Folder) -> None:
    folder.write("[a]\ntype=phone\n\nlamp=blink\nmode=locked\npin=1\nlamp=on\n")
    store = folder.phones()
    findings = folder.load().findings
    assert folder.told(findings) == [
        ("warning", "repaired-value", folder.at(4)),
        ("warning", "repaired-value", folder.at(7)),
    ]
    assert {finding.id for finding in findings} == {"a"}
    assert store.retrieve("a") is not None


def test_a_warning_about_a_template_is_given_once(folder: Folder) -> None:
    folder.write("[t](!)\ntype=phone\ncolour=red\n[a](t)\n[b](t)\ncolour=blue\n[c](t)\n")
    store = folder.phones()
    assert folder.told(folder.load().findings) == [
        ("warning", "deprecated-option", folder.at(3)),
        ("warning", "deprecated-option", folder.at(6)),
    ]
    assert folder.ids(store) == ["a", "b", "c"]


def test_a_refused_template_refuses_each_child(folder: Folder) -> None:
    folder.write("[t](!)\ntype=phone\nlines=x\n[a](t)\n[b](t)\n[c]\ntype=phone\n")
    store = folder.phones()
    findings = folder.load().findings
    assert [(finding.id, str(finding.place)) for finding in findings] == [
        ("a", folder.at(3)),
        ("b", folder.at(3)),
    ]
    assert folder.ids(store) == ["c"]


def test_a_secret_is_in_no_finding(folder: Folder) -> None:
    folder.write("[a]\ntype=phone\npin=hunter2\nlines=x\n")
    folder.phones()
    assert "hunter2" not in "".join(map(repr, folder.load().findings))


def test_every_bad_line_of_a_section_is_told(folder: Folder) -> None:
    folder.write("[t](!)\ntype=phone\nlines=x\n[a](t)\nlines=2\nlines=many\ncontxt=x\nmode=ajar\n")
    folder.phones()
    findings = folder.load().findings
    assert folder.told(findings) == [
        ("error", "refused-value", folder.at(3)),
        ("error", "refused-value", folder.at(6)),
        ("error", "unknown-option", folder.at(7)),
        ("error", "refused-value", folder.at(8)),
    ]
    assert {finding.id for finding in findings} == {"a"}
