from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sorcery.errors import Unavailable

if TYPE_CHECKING:
    from tests.unit.sorcery_config.conftest import Folder

TWINS = "[a]\ntype=phone\ncontext=one\n[a]\ntype=room\n[b]\ntype=phone\n[a]\ntype=phone\ncontext=two\n"


class TestRepeatedId:
    def test_at_the_start_the_type_is_unavailable_and_says_where(self, folder: Folder) -> None:
        folder.write(TWINS)
        phones, rooms = folder.phones(), folder.rooms()
        findings = folder.load().findings
        assert folder.told(findings) == [("error", "duplicate-id", folder.at(8))]
        assert folder.at(1) in findings[0].message
        with pytest.raises(Unavailable, match=f"{folder.at(8)}: phone 'a' stands at {folder.at(1)} already"):
            phones.retrieve("b")
        assert folder.ids(rooms) == ["a"]

    def test_at_the_start_the_type_is_empty_as_in_asterisk(self, compat_folder: Folder) -> None:
        compat_folder.write(TWINS)
        phones, _ = compat_folder.phones(), compat_folder.rooms()
        assert compat_folder.told(compat_folder.load().findings) == [("error", "duplicate-id", compat_folder.at(8))]
        assert compat_folder.ids(phones) == []

    def test_on_reload_the_type_stays_while_others_are_updated(self, folder: Folder) -> None:
        folder.write("[a]\ntype=phone\ncontext=old\n[gone]\ntype=phone\n")
        phones, rooms = folder.phones(), folder.rooms()
        folder.load()
        before = phones.snapshot
        folder.write(TWINS)
        loaded = folder.load()
        assert phones.snapshot is before
        assert not loaded.stores[phones].difference
        assert loaded.stores[phones].kept == ("a",)
        assert folder.ids(rooms) == ["a"]

    def test_every_repetition_is_reported_with_the_first_place(self, folder: Folder) -> None:
        folder.write("[a]\ntype=phone\n" * 3 + "[b]\ntype=phone\n" * 2)
        folder.phones()
        findings = folder.load().findings
        assert [str(finding.place) for finding in findings] == [folder.at(3), folder.at(5), folder.at(9)]
        assert [folder.at(1) in finding.message for finding in findings] == [True, True, False]

    def test_a_refused_twin_does_not_count_when_it_comes_first(self, folder: Folder) -> None:
        folder.write("[a]\ntype=phone\nlines=x\n[a]\ntype=phone\ncontext=good\n")
        phones = folder.phones()
        assert folder.told(folder.load().findings) == [("error", "refused-value", folder.at(3))]
        assert phones.snapshot.objects["a"].settings() == [("context", "good")]

    def test_a_refused_twin_does_not_count_on_reload_either(self, folder: Folder) -> None:
        folder.write("[a]\ntype=phone\ncontext=old\n")
        phones = folder.phones()
        folder.load()
        folder.write("[a]\ntype=phone\nlines=x\n[a]\ntype=phone\ncontext=new\n")
        loaded = folder.load()
        assert phones.snapshot.objects["a"].settings() == [("context", "new")]
        assert loaded.stores[phones].kept == ()

    def test_of_three_the_two_good_ones_are_a_repetition(self, folder: Folder) -> None:
        folder.write("[a]\ntype=phone\ncontext=old\n")
        phones = folder.phones()
        folder.load()
        folder.write("[a]\ntype=phone\nlines=x\n" + "[a]\ntype=phone\n" * 2)
        loaded = folder.load()
        assert folder.told(loaded.findings) == [
            ("error", "refused-value", folder.at(3)),
            ("error", "duplicate-id", folder.at(6)),
        ]
        assert loaded.stores[phones].kept == ("a",)
        assert phones.snapshot.objects["a"].settings() == [("context", "old")]

    def test_a_refused_twin_that_comes_second_counts(self, folder: Folder) -> None:
        folder.write("[a]\ntype=phone\n[a]\ntype=phone\nlines=x\n")
        folder.phones()
        assert folder.told(folder.load().findings) == [("error", "duplicate-id", folder.at(3))]

    def test_for_asterisk_an_object_that_was_carried_over_counts(self, compat_folder: Folder) -> None:
        compat_folder.write("[a]\ntype=phone\ncontext=old\n")
        phones = compat_folder.phones()
        compat_folder.load()
        compat_folder.write("[a]\ntype=phone\nlines=x\n[a]\ntype=phone\ncontext=new\n")
        assert [finding.rule for finding in compat_folder.load().findings] == ["refused-value", "duplicate-id"]
        assert phones.snapshot.objects["a"].settings() == [("context", "old")]


class TestRefusedObject:
    def test_it_keeps_its_last_good_version_over_any_number_of_bad_loads(self, folder: Folder) -> None:
        folder.write("[a]\ntype=phone\ncontext=good\n[b]\ntype=phone\n")
        phones = folder.phones()
        folder.load()
        good = phones.retrieve("a")
        for round_ in range(3):
            folder.write(f"[a]\ntype=phone\nlines=x{'x' * round_}\n[b]\ntype=phone\ncontext=n{round_}\n")
            loaded = folder.load()
            assert phones.retrieve("a") is good
            assert loaded.stores[phones].kept == ("a",)
            assert "the last good object stays" in loaded.findings[0].message
            assert [new.settings() for new, _ in loaded.stores[phones].difference.updated] == [
                [("context", f"n{round_}")]
            ]

    def test_without_a_last_good_version_there_is_no_object(self, folder: Folder) -> None:
        folder.write("[a]\ntype=phone\nlines=x\n[b]\ntype=phone\n")
        phones = folder.phones()
        loaded = folder.load()
        assert folder.ids(phones) == ["b"]
        assert loaded.stores[phones].kept == ()
        assert "there is no such object until it is mended" in loaded.findings[0].message

    def test_removed_then_back_but_wrong_is_still_gone(self, folder: Folder) -> None:
        folder.write("[a]\ntype=phone\n")
        phones = folder.phones()
        folder.load()
        folder.write("[b]\ntype=phone\n")
        folder.load()
        folder.write("[a]\ntype=phone\nlines=x\n")
        folder.load()
        assert folder.ids(phones) == []

    def test_with_integrity_file_it_holds_up_the_type(self, folder: Folder) -> None:
        folder.write("[a]\ntype=phone\n")
        phones = folder.phones("phones.conf,criteria=type=phone,integrity=file")
        rooms = folder.rooms()
        folder.load()
        folder.write("[a]\ntype=phone\nlines=x\n[b]\ntype=phone\n[b]\ntype=room\n")
        loaded = folder.load()
        assert folder.ids(phones) == ["a"]
        assert folder.ids(rooms) == ["b"]
        assert not loaded.stores[phones].difference

    def test_with_integrity_file_at_the_start_the_type_is_unavailable(self, folder: Folder) -> None:
        folder.write("[a]\ntype=phone\n[b]\ntype=phone\nlines=x\n")
        phones = folder.phones("phones.conf,criteria=type=phone,integrity=file")
        folder.load()
        with pytest.raises(Unavailable, match=f"{folder.at(5)}: phone 'b' is refused"):
            phones.retrieve("a")

    def test_with_integrity_file_at_the_start_the_type_is_empty_as_in_asterisk(self, compat_folder: Folder) -> None:
        compat_folder.write("[a]\ntype=phone\n[b]\ntype=phone\nlines=x\n")
        phones = compat_folder.phones("phones.conf,criteria=type=phone,integrity=file")
        compat_folder.load()
        assert compat_folder.ids(phones) == []


class TestSingleObject:
    @staticmethod
    def houses(count: int) -> str:
        return "".join(f"[h{number}]\ntype=house\nstreet=s{number}\n" for number in range(count))

    def test_one_is_loaded(self, folder: Folder) -> None:
        folder.write(self.houses(1))
        houses = folder.houses()
        assert folder.load().findings == []
        assert folder.ids(houses) == ["h0"]

    @pytest.mark.parametrize("count", [2, 3])
    def test_several_are_refused_and_the_old_one_stays(self, folder: Folder, count: int) -> None:
        folder.write("[h]\ntype=house\n")
        houses = folder.houses()
        folder.load()
        folder.write(self.houses(count))
        findings = folder.load().findings
        assert folder.told(findings) == [
            ("error", "single-object", folder.at(1 + 3 * number)) for number in range(1, count)
        ]
        assert all(folder.at(1) in finding.message for finding in findings)
        assert folder.ids(houses) == ["h"]

    def test_several_at_the_start_make_the_type_unavailable(self, folder: Folder) -> None:
        folder.write(self.houses(2))
        houses = folder.houses()
        folder.load()
        with pytest.raises(Unavailable, match=folder.at(4)):
            houses.retrieve("h0")

    @pytest.mark.parametrize(
        ("more", "count", "loaded"),
        [("", 2, 2), ("", 3, 0), (",buckets=1", 5, 5), (",buckets=7", 1, 0), (",buckets=0", 2, 2)],
    )
    def test_asterisk_counts_its_hash_size(self, compat_folder: Folder, more: str, count: int, loaded: int) -> None:
        compat_folder.write(self.houses(count))
        houses = compat_folder.houses(more)
        findings = compat_folder.load().findings
        assert len(compat_folder.ids(houses)) == loaded
        assert {finding.rule for finding in findings} == ({"single-object"} if loaded < count else set())

    @pytest.mark.parametrize("count", [0, 1, 2])
    def test_several_buckets_refuse_whatever_there_is(self, compat_folder: Folder, count: int) -> None:
        path = compat_folder.write(self.houses(count))
        compat_folder.houses(",buckets=7")
        assert compat_folder.told(compat_folder.load().findings) == [("error", "single-object", str(path))]

    def test_without_compatibility_buckets_mean_nothing(self, folder: Folder) -> None:
        folder.write(self.houses(1))
        houses = folder.houses(",buckets=7")
        assert folder.load().findings == []
        assert folder.ids(houses) == ["h0"]


def test_an_equal_object_keeps_its_identity(folder: Folder) -> None:
    folder.write("[a]\ntype=phone\ncontext=x\n[b]\ntype=phone\n")
    phones = folder.phones()
    folder.load()
    a, b = phones.retrieve("a"), phones.retrieve("b")
    folder.write("; moved\n[b]\ntype=phone\nlines=2\n[a]\ntype=phone\ncontext=x\n")
    difference = folder.load().stores[phones].difference
    assert phones.retrieve("a") is a
    assert [(new.id, old) for new, old in difference.updated] == [("b", b)]
    assert not difference.created
    assert not difference.deleted
