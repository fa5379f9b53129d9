"""The command line as a whole: options before the command, exit codes, errors in both forms."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from sorcery import Sorcery
from sorcery_cli import command, main

COMMANDS = (
    "show",
    "create",
    "update",
    "delete",
    "check",
    "plan",
    "apply",
    "copy",
    "shadow",
    "conf dump",
    "conf fmt",
    "db upgrade",
    "db adopt",
)


def test_the_version_is_the_distributions(run: Any) -> None:
    assert (run("--version").code, run("--version").out) == (0, f"{version('pysorcery')}\n")


def test_help_lists_every_command_and_the_exit_codes(run: Any) -> None:
    result = run("--help")
    assert result.code == 0
    for name in COMMANDS:
        assert name.split()[0] in result.out
    assert "3 a store unavailable" in " ".join(result.out.split())


@pytest.mark.parametrize("name", [*COMMANDS, "db check", "db sql"])
def test_every_command_explains_itself_and_takes_json(run: Any, name: str) -> None:
    result = run(*name.split(), "--help")
    assert result.code == 0
    assert "--json" in result.out


@pytest.mark.parametrize(
    "words",
    [("frob",), ("show",), ("show", "aor", "--frob"), ("-C", "a", "--db", "sqlite://", "show", "aor"), ("copy", "aor")],
)
def test_a_wrong_command_line_is_exit_2_without_a_traceback(run: Any, words: tuple[str, ...]) -> None:
    result = run(*words)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("sorcery: ")
    assert len(result.err.splitlines()) <= 2


@pytest.mark.parametrize("words", [(), ("db",), ("conf",)])
def test_a_command_line_that_names_no_command_is_helped_and_told_so(run: Any, words: tuple[str, ...]) -> None:
    result = run(*words)
    assert result.code == 2
    assert "Commands" in result.out
    assert result.err.startswith("sorcery: Missing command.\n")


def test_a_wrong_command_line_is_json_too_where_json_is_asked_for(run: Any) -> None:
    result = run("show", "--json")
    assert result.code == 2
    assert result.json["error"]["kind"] == "usage"


def test_the_environment_names_the_target_that_no_option_names(
    run: Any, directory: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SORCERY_TARGET", str(directory))
    assert len(run("show", "aor", "--json").json) == 1
    assert run("--db", url, "show", "aor", "--json").json == []


def test_without_any_target_asterisks_directory_counts(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "DEFAULT_DIRECTORY", "/nowhere/asterisk")
    result = run("show", "aor")
    assert (result.code, "/nowhere/asterisk" in result.err) == (2, True)


@pytest.mark.parametrize(
    "words",
    [
        ("--db", "", "show", "aor"),
        ("-C", "", "show", "aor"),
        ("-C", " ", "conf", "dump", "a.conf"),
        ("plan", "", "memory:"),
        ("plan", "memory:", ""),
        ("copy", "--from", "", "--to", "memory:"),
        ("copy", "--from", "memory:", "--to", ""),
        ("db", "check", ""),
        ("db", "check", "--db", ""),
    ],
)
def test_an_empty_target_is_misuse_and_stands_for_no_other(
    run: Any, directory: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SORCERY_TARGET", str(directory))
    result = run(*words)
    assert (result.code, result.out) == (2, "")
    assert "it is empty; name a directory" in result.err


def test_an_address_of_an_unknown_kind_is_misuse_without_its_password(run: Any) -> None:
    result = run("--db", "oracle://u:sesame@host/x", "show", "aor")
    assert result.code == 2
    assert "oracle" in result.err
    assert "sesame" not in result.err


@pytest.mark.parametrize(("words", "usage"), [(("auth", "seal"), " [ID]..."), (("watch",), " [TYPE]...")])
def test_help_brackets_what_may_be_left_out_once(run: Any, words: tuple[str, ...], usage: str) -> None:
    (line,) = [line for line in run(*words, "--help").out.splitlines() if "Usage:" in line]
    assert line.rstrip().endswith(f"[OPTIONS]{usage}")


def test_an_error_of_the_system_is_told_in_one_line(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied", "/etc/asterisk")

    monkeypatch.setattr(command, "app", refuse)
    result = run("show", "aor")
    assert result.code == 3
    assert result.err == "sorcery: /etc/asterisk: Permission denied; let this user get at it\n"


def test_an_interrupt_ends_without_a_traceback(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "app", interrupt)
    assert (run("show", "aor").code, run("show", "aor").err) == (130, "sorcery: interrupted\n")


def test_an_interrupted_command_says_so_in_one_line_and_in_json(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt  # inside of what typer runs

    monkeypatch.setattr(Sorcery, "open", interrupt)
    result = run("--db", "sqlite:///pbx.db", "show", "aor")
    assert (result.code, result.out, result.err) == (130, "", "sorcery: interrupted\n")
    result = run("--db", "sqlite:///pbx.db", "show", "aor", "--json")
    assert result.json == {"error": {"kind": "interrupted", "message": "interrupted", "exit": 130}}


def test_an_interrupt_before_the_command_is_there_is_told_as_well() -> None:
    code = (
        "import sys; from sorcery_cli import main\n"
        "class Finder:\n"
        "    def find_spec(self, name, *more):\n"
        "        if name == 'sorcery_cli.command': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Finder()); sys.exit(main())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (130, "sorcery: interrupted\n")


def test_a_run_that_is_terminated_tidies_up_as_one_that_is_interrupted(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tidied = []

    def work(*args: object, **kwargs: object) -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(60)
        finally:
            tidied.append("files that were written aside")

    monkeypatch.setattr(command, "app", work)
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        assert run("show", "aor").code == 130
        assert tidied
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_reader_that_goes_away_is_no_error(directory: Path) -> None:
    with (directory / "pjsip.conf").open("a") as file:
        file.writelines(f"[b{number}]\ntype=aor\n" for number in range(500))
    reader, writer = os.pipe()
    os.close(reader)
    code = "import sys; from sorcery_cli import main; sys.exit(main())"
    words = ["-C", str(directory), "show", "aor", "--json"]
    done = subprocess.run(
        [sys.executable, "-c", code, *words], stdout=writer, stderr=subprocess.PIPE, timeout=60, check=False
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("redirected", "code", "told"),
    [
        (">&-", 0, ""),
        ("<&- >&- 2>&-", 0, ""),
        (">/dev/full", 3, "sorcery: [Errno 28] No space left on device\n"),
    ],
)
@pytest.mark.parametrize("words", [("show", "aor"), ("show", "aor", "--json"), ("--help",)])
def test_a_standard_stream_that_takes_nothing_makes_no_traceback(
    directory: Path, redirected: str, code: int, told: str, words: tuple[str, ...]
) -> None:
    run = "import sys; from sorcery_cli import main; sys.exit(main())"
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {redirected}', "sh", sys.executable, "-c", run, "-C", directory, *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (code, told)


@pytest.mark.parametrize("words", [("show", "endpoint", "b"), ("show", "endpoint"), ("--help",)])
def test_a_character_that_the_terminal_lacks_is_an_escape(directory: Path, words: tuple[str, ...]) -> None:
    with (directory / "pjsip.conf").open("a", encoding="utf-8") as file:
        file.write("[b](common)\ncallerid=Łukasz <100>\n")
    code = "import sys; from sorcery_cli import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", code, "-C", directory, *words],
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert ("--help" in words) or b"\\u0141ukasz" in done.stdout


def test_help_needs_no_sqlalchemy() -> None:
    code = """if True:
        import sys
        from sorcery_cli import main
        main(["--help"])
        sys.exit(any(name in sys.modules for name in ("sqlalchemy", "alembic", "sorcery_migrations")))
    """
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=False).returncode == 0


def test_main_takes_its_words_from_the_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["sorcery", "--version"])
    assert main() == 0
    assert capsys.readouterr().out == f"{version('pysorcery')}\n"


@pytest.mark.parametrize("name", ["", *COMMANDS, "db check", "db sql"])
def test_the_reference_page_tells_every_option(run: Any, name: str) -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "command-line.md").read_text("utf-8")
    options = set(re.findall(r"--[a-z][a-z-]+", run(*name.split(), "--help").out))
    assert len(options) > 1
    assert {option for option in options if option not in page} == set()


def test_without_its_extra_the_command_says_what_to_install() -> None:
    code = "import sys; sys.modules['typer'] = None; from sorcery_cli import main; sys.exit(main(['--version']))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert run.returncode == 2
    assert run.stderr == "sorcery: the command needs typer; install pysorcery[cli]\n"


@pytest.mark.parametrize("option", ["--db", "-C", "--config-dir", "--compat"])
def test_an_option_of_the_command_itself_is_told_its_place(run: Any, option: str) -> None:
    result = run("show", "aor", option, "x")
    assert (result.code, result.out) == (2, "")
    assert f"No such option: {option} here: it stands before the command" in result.err
