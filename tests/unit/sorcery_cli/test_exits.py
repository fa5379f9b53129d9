"""Which exit code an error means, and what is told of it."""

from __future__ import annotations

import pytest
import typer

from sorcery import (
    AlreadyExists,
    ConfigurationError,
    InvalidObject,
    NotFound,
    NotWritable,
    PartialWrite,
    StoreRefused,
    Unavailable,
    UnknownType,
    UnknownWizard,
)
from sorcery_cli.exits import Exit, Misuse, NotKept, error_data, exit_for, message


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InvalidObject("aor", "a", "is wrong"), Exit.FINDINGS),
        (NotFound("aor", "a"), Exit.FINDINGS),
        (AlreadyExists("aor", "a"), Exit.FINDINGS),
        (NotWritable("aor", []), Exit.FINDINGS),
        (NotKept("aor"), Exit.FINDINGS),
        (StoreRefused("realtime", "aor", "a", "no column"), Exit.FINDINGS),
        (ConfigurationError("is wrong"), Exit.FINDINGS),
        (UnknownWizard("x", []), Exit.FINDINGS),
        (PartialWrite({"a": "stored"}), Exit.FINDINGS),
        (UnknownType("x", ["aor"]), Exit.MISUSE),
        (Misuse("both"), Exit.MISUSE),
        (typer.BadParameter("is wrong"), Exit.MISUSE),
        (Unavailable("realtime", "gone"), Exit.UNAVAILABLE),
        (OSError(5, "Input/output error"), Exit.UNAVAILABLE),
    ],
)
def test_an_error_has_an_exit_code(error: Exception, code: Exit) -> None:
    assert exit_for(error) is code


def test_a_partial_write_is_unavailable_where_a_store_was_lost() -> None:
    error = PartialWrite({"a": "stored"})
    error.__cause__ = Unavailable("realtime", "gone")
    assert exit_for(error) is Exit.UNAVAILABLE


def test_an_unknown_type_without_a_near_name_lists_all() -> None:
    assert message(UnknownType("zzz", ["aor", "auth"])) == "unknown object type 'zzz'; use one of: aor, auth"


def test_an_error_of_the_operating_system_names_the_file_and_no_number() -> None:
    assert message(PermissionError(13, "Permission denied", "/a")) == "/a: Permission denied; let this user get at it"
    assert message(OSError(28, "No space left on device", "/a")) == "/a: No space left on device"


def test_no_message_holds_the_password_of_an_address() -> None:
    error = Unavailable("postgresql", "cannot connect to postgresql://u:sesame@host/x")
    error.add_note("a note on mysql://u:sesame@host/x")
    assert message(error).endswith("postgresql://u:********@host/x")
    assert error_data(error) == {
        "error": {
            "kind": "unavailable",
            "message": message(error),
            "exit": 3,
            "notes": ["a note on mysql://u:********@host/x"],
        }
    }


@pytest.mark.parametrize(
    ("error", "kind"),
    [(NotFound("aor", "a"), "not-found"), (typer.BadParameter("x"), "usage"), (OSError(1, "x"), "permission-error")],
)
def test_an_error_has_a_kind(error: Exception, kind: str) -> None:
    assert error_data(error)["error"]["kind"] == kind
