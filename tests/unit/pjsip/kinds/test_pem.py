from __future__ import annotations

import os
from pathlib import Path

import pytest

from sorcery.errors import InvalidObject
from sorcery.kinds import Refused
from sorcery.pjsip import StirShakenTn, StirShakenVerification
from sorcery.pjsip.kinds.pem import CERTIFICATES, CRLS, KEYS, check_directory, check_pem


def block(label: str, body: str = "AAAA") -> str:
    return f"-----BEGIN {label}-----\n{body}\n-----END {label}-----\n"


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        (block("EC PRIVATE KEY"), {KEYS}),
        (block("PRIVATE KEY"), {KEYS}),
        (block("CERTIFICATE") + block("PRIVATE KEY"), {KEYS, CERTIFICATES}),
        (block("EC PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\n\nAAAA"), set()),
        (block("ENCRYPTED PRIVATE KEY"), set()),
        (block("PUBLIC KEY"), set()),
        (block("X509 CRL"), {CRLS}),
        (block("CERTIFICATE"), {CERTIFICATES}),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n", set()),
        ("", set()),
    ],
)
def test_a_file_holds_what_its_labels_say(tmp_path: Path, text: str, holds: set[frozenset[bytes]]) -> None:
    file = tmp_path / "x.pem"
    file.write_text(text)
    for labels in (KEYS, CERTIFICATES, CRLS):
        if labels in holds:
            check_pem(str(file), labels, option="x")
        else:
            with pytest.raises(Refused, match="holds no") as caught:
                check_pem(str(file), labels, option="x")
            assert caught.value.option == "x"


@pytest.mark.parametrize("path", ["/nonexistent/x.pem", "/", "a\0b"])
def test_what_is_no_readable_file_is_refused(path: str) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        check_pem(path, KEYS, option="x")


def test_a_directory_must_be_one(tmp_path: Path) -> None:
    check_directory(str(tmp_path), option="x", writable=True)
    (tmp_path / "file").touch()
    for path in (str(tmp_path / "file"), "/nonexistent", "a\0b"):
        with pytest.raises(Refused, match="no directory"):
            check_directory(path, option="x")


def test_a_cache_must_be_writable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)  # root may write everywhere
    check_directory(str(tmp_path), option="x")
    with pytest.raises(Refused, match="write to"):
        check_directory(str(tmp_path), option="x", writable=True)


def test_objects_say_which_file_is_wrong(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.write_text(block("EC PRIVATE KEY"))
    assert StirShakenTn("1", private_key_file=str(key))
    with pytest.raises(InvalidObject) as caught:
        StirShakenVerification("verification", crl_file=str(key))
    assert caught.value.option == "crl_file"
