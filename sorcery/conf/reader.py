"""The parse itself: the lines of the main file and of all that it includes."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import attrs

from sorcery.conf.assignments import assign
from sorcery.conf.comments import Comments
from sorcery.conf.deferred import pieces
from sorcery.conf.directives import execute, read_directive
from sorcery.conf.draft import CategoryDraft
from sorcery.conf.drafts import Drafts, Handle
from sorcery.conf.files import MAX_PATH, Files
from sorcery.conf.headers import open_category
from sorcery.conf.lines import split_lines
from sorcery.conf.messages import RULES, Fault, Message, Named, refusal, shown, true_place
from sorcery.conf.model import ConfFile
from sorcery.conf.outline import Outline
from sorcery.conf.text import BLANKS
from sorcery.errors import ConfMissing
from sorcery.pace import paced
from sorcery.place import Place

__all__ = ["EXEC", "MAX_LEVEL", "Parse", "Run", "Source", "read_conf", "read_outline"]

MAX_LEVEL = 11
"""Levels of files: the main file, and ten of includes below it."""
EXEC = "<exec>"
"""Stands for the path of what a command printed."""


def read_conf(path: Path | str, *, directory: Path | None = None, exec_includes: bool = False) -> ConfFile:
    """Read one `.conf` file with everything it includes, as Asterisk 22 does.

    Relative includes count from `directory`, by default the file's own folder. `#exec` commands run only with
    `exec_includes`. Blocks on the disk and on those commands.

    Raises `ConfSyntaxError` for a file that Asterisk would refuse, or hang on, and `ConfMissing` for one that is
    not there, cannot be read or is no regular file. Both carry the messages met so far.
    """
    return read_outline(path, directory=directory, exec_includes=exec_includes).conf()


def read_outline(
    path: Path | str, *, directory: Path | None = None, exec_includes: bool = False, content: bytes | None = None
) -> Outline:
    """Go through a file as `read_conf` does, but leave plain sections unread until somebody asks for them.

    Finds all that is wrong, as a plain section has no faults. Takes and raises what `read_conf` does; `content` is
    read in the place of what the file holds, which need not exist then.
    """
    main = os.path.abspath(path)  # noqa: PTH100 - as text, like the paths of includes
    home = os.path.abspath(directory or Path(main).parent)  # noqa: PTH100
    return Parse(main, home, exec_includes).outline(content)


@attrs.frozen(slots=True)
class Source:
    """One file, or what one command printed."""

    path: str
    made_up: str = ""
    """The name that its material carries if the same include stood before."""


class Run:
    """What the files of one include share: comments, line numbers and category go on from file to file."""

    def __init__(self, category: Handle | None) -> None:
        self.comments = Comments()
        self.category = category
        self.next_line = 1


class Parse:
    """The state of one parse."""

    def __init__(self, main: str, directory: str, exec_includes: bool) -> None:
        self._main = main
        self._exec_includes = exec_includes
        self._files = Files(directory)
        self._drafts = Drafts()
        self._messages: list[Message] = []
        self._skipped: dict[str, int] = {}
        self._level = 1

    def outline(self, content: bytes | None = None) -> Outline:
        """Go through the main file, or through this content of it."""
        data = self._content(self._main) if content is None else content
        if data is None:
            raise ConfMissing(self._main, messages=self._messages)
        broken = self._lines(data, Source(self._main), Run(None))
        if broken:
            raise refusal(broken, self._messages)
        drafts = self._drafts
        return Outline(
            self._main,
            self._files.directory,
            drafts.finished(),
            tuple(self._messages),
            self._files.stamps,
            self._files.undecidable,
            self._skipped,
            drafts.deferred,
        )

    def _lines(self, data: bytes, source: Source, run: Run) -> Message | None:
        """Read the lines of one file; return the message about the one that ended it, if any did."""
        drafts, comments, broken = self._drafts, run.comments, None
        drafts.forget_bases()  # the lines before an include may have added to one
        file = self._attribution(source)
        self._skipped.setdefault(source.path, run.next_line - 1)
        number = drafts.deferred.source(data, file)
        for start, piece in paced(pieces(data)):
            if comments.depth == 0 and drafts.defer(piece, number, start, run.next_line):
                run.category = drafts.latest
                run.next_line += piece.count(b"\n") + 1
                continue
            if broken := self._piece(piece, source, run):
                break
            drafts.forget_bases()
            if file != self._attribution(source):
                file = self._attribution(source)
                number = drafts.deferred.source(data, file)
        self._end(comments, source)
        if broken and RULES[broken.code].ends == "parse":
            raise refusal(broken, self._messages)
        return broken

    def _piece(self, piece: bytes, source: Source, run: Run) -> Message | None:
        """Read the lines of one piece of a file; return the message about the one that ended the file, if any did."""
        lines = split_lines(piece, run.next_line)
        run.next_line = lines.after
        comments, file = run.comments, self._attribution(source)
        has_header = comments.depth == 0 and piece.startswith(b"[")
        category = None if has_header or run.category is None else self._drafts.read(run.category)
        for number, line in enumerate(lines.texts, lines.first):
            try:
                live = comments.live(line, number) if comments.depth or ";" in line else line
                text = live.strip(BLANKS) if live else ""
                if not text:
                    if number in lines.too_long:
                        raise lines.fault(number)
                elif text[0] == "[":
                    run.category = category = self._header(text, Place(source.path, number), file)
                elif text[0] == "#":
                    self._directive(text, Place(source.path, number))
                    file = self._attribution(source)
                else:
                    assign(category, text, number, file)
            except Fault as fault:
                self._report(fault.code, fault.text, Place(source.path, number))
                if self._ends(fault):
                    return self._messages[-1]
        return None

    def _ends(self, fault: Fault) -> bool:
        """Tell whether nothing of the file is read from a fault on."""
        return bool(RULES[fault.code].ends)

    def _end(self, comments: Comments, source: Source) -> None:
        """Report a block comment that reaches beyond the end of a file."""
        if comments.depth > 0:
            place = Place(source.path, comments.opened)
            self._report("unterminated-comment", "the block comment that begins here is never closed", place)
        elif comments.depth < 0:
            place = Place(source.path, comments.stray)
            text = "--; closes no block comment, and all lines below it are passed over"
            self._report("unterminated-comment", text, place, named=(None, None))

    def _header(self, text: str, place: Place, file: str) -> CategoryDraft:
        def report(code: str, what: str) -> None:
            self._report(code, what, place)

        return open_category(self._drafts, text, place.line or 0, file, report)

    def _directive(self, text: str, place: Place) -> None:
        directive = read_directive(text, exec_includes=self._exec_includes)
        if directive.kind == "exec":
            read, what = self._exec(directive.argument, place), "the output of the command"
        else:
            read, what = self._include(directive.argument, place), shown(directive.argument, MAX_PATH)
        if not read and directive.kind != "tryinclude":
            raise Fault("include-missing", f"{what} cannot be read")

    def _include(self, name: str, place: Place) -> bool:
        """Read the files that an include names, in one run; False if there is none."""
        made_up = self._files.made_up_name(name)
        if made_up:
            named = (place.line, None if self._level == 1 else place.source)
            self._report("include-repeated", f"{shown(name)} was included before", place, named)
        if self._too_deep(place):
            return False
        contents = ((path, self._content(path)) for path in self._files.find(name))
        return self._nested((Source(path, made_up), data) for path, data in contents if data is not None)

    def _exec(self, command: str, place: Place) -> bool:
        """Read what a command prints; False if that would be too deep, and then it is not run."""
        self._files.undecidable = True
        if self._too_deep(place):
            return False
        execution = execute(command)
        for line in execution.errors:
            self._report("exec-stderr", f"the command says: {line}", place)
        if execution.failure:
            self._report("exec-exit-status", execution.failure, place)
        if not execution.output:
            self._report("exec-no-output", "the command prints nothing", place)
        return self._nested([(Source(EXEC), execution.output)])

    def _nested(self, sources: Iterable[tuple[Source, bytes]]) -> bool:
        """Read files one level down; False if there is none.

        The level is given back unless one of them broke: Asterisk loses it then, and so shows the full path of
        the main file from there on, and nests less deep.
        """
        run = Run(self._drafts.latest)
        read = False
        self._level += 1
        for source, data in sources:
            read = True
            if self._lines(data, source, run):
                return read
        self._level -= 1
        return read

    def _too_deep(self, place: Place) -> bool:
        if self._level < MAX_LEVEL:
            return False
        self._report("include-too-deep", f"includes nest deeper than {MAX_LEVEL - 1} levels", place)
        return True

    def _content(self, path: str) -> bytes | None:
        try:
            return self._files.content(path)
        except Fault as fault:
            if RULES[fault.code].ends:
                raise
            self._report(fault.code, fault.text, Place(path))
            return None

    def _attribution(self, source: Source) -> str:
        """Return what material says of its file: nothing in the main one, as long as no level is lost."""
        return source.made_up or ("" if self._level == 1 else source.path)

    def _report(self, code: str, text: str, place: Place, named: Named | None = None) -> None:
        message = Message.about(code, text, place, named)  # which names the line that Asterisk names
        if place.line is not None:
            message = attrs.evolve(message, place=true_place(place.source, place.line, self._skipped))
        self._messages.append(message)
