"""What reading a file, building an object and asking a store tell by themselves, as entries of the table of rules."""

from __future__ import annotations

from sorcery.checks.rule import Rule
from sorcery.conf.messages import RULES as PARSER
from sorcery.findings import Severity

__all__ = ["TOLD"]

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
_LOST = "The file is refused, and nothing in it is used; what was loaded before stays in force."
_LINE_LOST = "The line is passed over."
_REFUSED = "The object is refused: it is not there after a start, and stays as it was after a reload."

PARSED = {
    "header-unclosed-bracket": "A section header has no `]`.",
    "header-unclosed-paren": "The options of a section header have no `)`.",
    "base-missing": "A section copies a template that does not exist.",
    "append-target-missing": "A `(+)` header adds to a section that does not exist above it.",
    "bad-regex": "A filter of a `(+)` header is no regular expression.",
    "no-category": "A line stands above the first section header.",
    "bad-escape": "A backslash at the start of a line protects nothing.",
    "empty-key": "A line has nothing before its `=`.",
    "no-equals": "A line is no `key = value`.",
    "unknown-directive": "A line starts with `#` and is no directive.",
    "directive-no-argument": "A directive names no file or command.",
    "exec-disabled": "An `#exec` line, and commands are not allowed.",
    "include-missing": "The file of an `#include` is not there.",
    "include-too-deep": "Includes are nested too deep.",
    "include-repeated": "A file is included twice.",
    "not-regular-file": "An include names what is no regular file.",
    "line-too-long": "A line is longer than Asterisk's buffer.",
    "unterminated-comment": "A block comment has no end.",
    "comment-nest-limit": "Block comments are nested too deep.",
    "exec-stderr": "A command of `#exec` complained.",
    "exec-exit-status": "A command of `#exec` failed.",
    "exec-no-output": "A command of `#exec` printed nothing.",
    "exec-too-long": "A command of `#exec` is too long.",
    "self-copy": "A section copies itself.",
    "copies-too-many": "Sections copy so much of each other that memory would run out.",
    "appends-too-many": "Lines with `+=` append to values so often that reading them would take for ever.",
    "conditions-too-many": "Conditions of `(+...)` look at so much that reading the file would take for ever.",
    "include-too-many": "So many files are included that there would be no end.",
}
"""What each rule of the parser finds; how it is mended, the parser itself knows."""


def _of_parser(code: str, what: str) -> Rule:
    own = PARSER[code]
    severity = ERROR if own.ends or own.level == "ERROR" else WARNING
    mending = f"{own.remedy[:1].upper()}{own.remedy[1:]}."
    return Rule(id=code, severity=severity, what=what, why=_LOST if own.ends else _LINE_LOST, mending=mending)


def _told(id: str, severity: Severity, what: str, why: str, mending: str) -> Rule:
    return Rule(id=id, severity=severity, what=what, why=why, mending=mending)


OBJECTS = (
    _told("unknown-option", ERROR, "A type has no option of that name.", _REFUSED, "Correct the name."),
    _told(
        "wrong-type-option",
        ERROR,
        "An option stands in a section of another type than the one that it belongs to.",
        _REFUSED,
        "Move the line to the section of that type.",
    ),
    _told("refused-value", ERROR, "A value is not among those that the option takes.", _REFUSED, "Correct the value."),
    _told(
        "refused-object",
        ERROR,
        "Options contradict each other, or a required one is missing.",
        _REFUSED,
        "Read the message.",
    ),
    _told("invalid-object", ERROR, "A row of a table makes no object.", _REFUSED, "Correct the column."),
    _told(
        "repaired-value",
        WARNING,
        "A value makes no sense, and something else is taken for it.",
        "The object works otherwise than it reads.",
        "Write what is meant.",
    ),
    _told(
        "deprecated-option",
        WARNING,
        "An option has a successor, or no effect any more.",
        "A later release refuses the object for it.",
        "Write the successor.",
    ),
    _told(
        "dangling-reference",
        WARNING,
        "An option names an object that does not exist.",
        "It is looked up when it is needed: a missing `auth` makes 500 of every request, a missing AOR 404 of each "
        "REGISTER, a missing transport keeps calls from going out.",
        "Create the object or correct the name.",
    ),
    _told(
        "duplicate-id",
        ERROR,
        "Two sections of a file have one name and one type.",
        "No object of that type is loaded from the file.",
        "Rename or remove one of the two.",
    ),
    _told(
        "single-object",
        ERROR,
        "There are several objects of a type that may have one.",
        "Which of them counts is not defined, or none does.",
        "Remove all but one.",
    ),
    _told(
        "second-type",
        WARNING,
        "A section has a second `type` line, often beside that of its template, and it names another type.",
        "The first one decides: a template's `type` cannot be overruled.",
        "Remove the line, or copy another template.",
    ),
    _told("no-type", WARNING, "A section has no `type`.", "Nothing is made of it.", "Write its type."),
    _told(
        "unknown-type",
        WARNING,
        "A section, or a mapping, is of a type that does not exist, or that is read from another file. The case of "
        "the word counts.",
        "Nothing is made of it.",
        "Correct the word, or move the section.",
    ),
    _told(
        "duplicate-section",
        WARNING,
        "Two sections of `pjsip_wizard.conf` have one name.",
        "The later one takes the place of the first.",
        "Rename or remove one of the two.",
    ),
    _told(
        "empty-host",
        WARNING,
        "`remote_hosts` holds an empty name.",
        "A contact and a registration are made of it.",
        "Remove the comma.",
    ),
    _told(
        "incomplete-wizard",
        WARNING,
        "A section of `pjsip_wizard.conf` lacks what it needs.",
        "An object that was asked for is not made.",
        "Write the option that the message names.",
    ),
)

MAPPINGS = (
    _told(
        "configuration",
        ERROR,
        "A file around the objects cannot be used as a whole.",
        "Nothing is opened.",
        "Read the message.",
    ),
    _told(
        "unusable-mapping",
        ERROR,
        "A mapping leads nowhere: there is no such wizard, family, driver, or database address.",
        "Asterisk's module does not load, and with it none of its objects.",
        "Write the line that the message names.",
    ),
    _told(
        "missing-file",
        ERROR,
        "A file that types are mapped to is not there.",
        "There are none of these objects.",
        "Create it.",
    ),
    _told(
        "broken-mapping",
        WARNING,
        "A line of `sorcery.conf` names no type or no wizard.",
        _LINE_LOST,
        "Write `type = wizard,arguments`.",
    ),
    _told(
        "mapping-option",
        WARNING,
        "What follows `type/` is not `cache`.",
        "It means nothing, or is taken for `cache`.",
        "Write `type` or `type/cache`.",
    ),
    _told("duplicate-mapping", WARNING, "A mapping stands twice.", "The second line has no effect.", "Remove it."),
    _told(
        "second-mapping",
        WARNING,
        "A type has one wizard twice, with other arguments.",
        "Asterisk ignores the second line; this library takes it.",
        "Use one of them, or an include in the file.",
    ),
    _told(
        "wrong-section",
        WARNING,
        "A type is mapped in another section than that of its module.",
        "The line has no effect, or keeps the module from loading.",
        "Move the line.",
    ),
    _told("policy-without-type", WARNING, "`[writes]` names no object type.", _LINE_LOST, "Correct the name."),
    _told(
        "queue-without-folder",
        WARNING,
        "`[writes]` queues changes, and the folder of the AstDB, where they would wait, cannot be written into.",
        "While a store does not answer they are refused, and not queued.",
        "Make the folder, or name another one as `astdbdir` in `asterisk.conf`.",
    ),
    _told(
        "unusable-shadow",
        WARNING,
        "A line of `[shadow]` names no second store that can be opened, or an option that means nothing.",
        "The type has no second store, or the option its default.",
        "Write the line as a mapping is written, `type = wizard,arguments`.",
    ),
    _told("unknown-cache", WARNING, "`[memory_cache]` names no cache.", _LINE_LOST, "Correct the name."),
    _told(
        "lone-cache",
        WARNING,
        "A cache has no store behind it.",
        "There are no objects of the type.",
        "Map the type to a store below it.",
    ),
    _told(
        "unlisted-cache",
        WARNING,
        "A cache of everything stands before a store that gives no list.",
        "It stays empty.",
        "Let the mapping give lists.",
    ),
    _told(
        "broken-family",
        WARNING,
        "A line of `extconfig.conf` names no database, or its priority follows a gap.",
        _LINE_LOST,
        "Write `family => driver,database,table,priority`.",
    ),
    _told(
        "database-without-url",
        WARNING,
        "A section of `databases.conf` has no address.",
        "What lies in that database cannot be read.",
        "Write `url = …`.",
    ),
    _told(
        "config-arguments",
        WARNING,
        "An argument of a mapping to files means nothing.",
        "It is ignored.",
        "Correct or remove it.",
    ),
    _told(
        "image",
        WARNING,
        "The last-known-good image cannot be written or read.",
        "A start while the database is down finds nothing.",
        "Read the message.",
    ),
)

STORES = (
    _told(
        "unavailable",
        ERROR,
        "A store does not answer.",
        "Nothing is known of what it holds; the exit code is 3.",
        "Read the message.",
    ),
    _told(
        "missing-table",
        ERROR,
        "A table is not there.",
        "Nothing of its type can be read or stored.",
        "Run `sorcery db adopt`.",
    ),
    _told(
        "missing-column",
        WARNING,
        "A table lacks a column.",
        "The option cannot be set, and Asterisk's INSERT fails.",
        "Run `sorcery db adopt`.",
    ),
    _told(
        "wrong-kind",
        WARNING,
        "A column is of another kind.",
        "Values do not fit.",
        "Change its type, as the message says.",
    ),
    _told(
        "column-too-short",
        WARNING,
        "A column is shorter than what may be written.",
        "Long values are refused or cut.",
        "Widen it.",
    ),
    _told("missing-value", WARNING, "An enumeration lacks words.", "A row with such a word is refused.", "Add them."),
    _told(
        "not-unique", ERROR, "Two rows may have one id.", "Which of them counts is not defined.", "Add a unique index."
    ),
    _told(
        "missing-index",
        WARNING,
        "A table lacks an index that Asterisk's schema has; of one that ours alone has this is a note.",
        "Searches by these columns read the whole table: with many phones, registrations and qualifying wait for it.",
        "Run `sorcery db adopt`.",
    ),
    _told(
        "not-null",
        ERROR,
        "A column must be given and is none of Asterisk's.",
        "Asterisk's INSERT fails.",
        "Give it a default.",
    ),
    _told(
        "nullable",
        WARNING,
        "A column may be NULL and Asterisk's own may not.",
        "A row without a value there is not read as it was meant.",
        "Run `sorcery db adopt`.",
    ),
    _told(
        "kamailio-version",
        ERROR,
        "The table `version` tells of a table of Kamailio's another version than its modules ask for"
        " (`sorcery db kamailio status`).",
        "Kamailio does not start.",
        "Bring the table to that version by Kamailio's own scripts.",
    ),
    _told(
        "kamailio-duplicate-username",
        ERROR,
        "Several auths have one username in one realm (`sorcery db kamailio status`).",
        "Which of the passwords Kamailio takes is not defined.",
        "Give each auth a username of its own.",
    ),
    _told(
        "kamailio-realm",
        ERROR,
        "A digest is for another realm than the one Kamailio challenges with (`sorcery db kamailio status`).",
        "Kamailio refuses the phone.",
        "Store a digest for that realm, or let Kamailio challenge with the other.",
    ),
    _told(
        "raw-semicolon",
        WARNING,
        "A raw `;` stands in a column of an option that keeps one value.",
        "The drivers odbc and pgsql split there, and the last piece alone counts: `s;x` is the password `x`.",
        "Write `^3B` for it.",
    ),
    _told(
        "ignored-column",
        WARNING,
        "A column holds a value that tables cannot give the option, as `disallow`.",
        "It is passed over: codecs that were meant to be forbidden are offered.",
        "Write `!all,ulaw` into `allow`.",
    ),
)

COMPAT = (
    _told(
        "compat-null-column",
        NOTE,
        "A row that Asterisk reads by its driver `sqlite3` has NULL for a number or for a word of a list.",
        "Where it reads many rows, the driver takes NULL for an empty text, and the row is refused: it is found by its "
        "id, and missing where all are read, as for `qualify` or `global`.",
        "Write a value into every column; whatever writes rows here does.",
    ),
    _told(
        "compat-option-case",
        NOTE,
        "The name of an option of which Asterisk compares the case has capitals.",
        "Asterisk takes `Contact_Deny` for a rule about source addresses, and `Outgoing_Call_Offer_Pref` for "
        "`incoming_call_offer_pref`. Here it is what it says.",
        "Write the name in small letters.",
    ),
)

RELEASES = (
    _told(
        "type-unknown-to-target",
        ERROR,
        "An object is of a type that the release named by `--target` or `[target]` does not have.",
        "That release makes nothing of it.",
        "Remove it, or run a release that has the type.",
    ),
    _told(
        "unknown-to-target",
        ERROR,
        "A line has an option that the release named by `--target` or `[target]` does not know.",
        "That release refuses the whole object for it.",
        "Remove the line, or run a release that knows it.",
    ),
    _told(
        "column-unknown-to-target",
        WARNING,
        "A row sets an option that the release named by `--target` or `[target]` does not know.",
        "That release passes over the column, as if the option were at its default.",
        "Empty the column, or run a release that knows the option.",
    ),
)

COMMENTS = (
    _told(
        "unused-suppression",
        WARNING,
        "A comment ignores a rule, and nothing of that rule is found there.",
        "It would hide the next fault.",
        "Remove the comment.",
    ),
)

TEMPLATES = (
    _told(
        "base-later",
        ERROR,
        "A section copies a template that stands further down.",
        _LOST,
        "Move the template above the section.",
    ),
    _told(
        "base-circular",
        ERROR,
        "Two templates copy each other, directly or by way of others.",
        _LOST,
        "Let one of them copy nothing.",
    ),
)

TOLD = (
    *(_of_parser(code, what) for code, what in PARSED.items()),
    *TEMPLATES,
    *OBJECTS,
    *MAPPINGS,
    *STORES,
    *COMPAT,
    *RELEASES,
    *COMMENTS,
)
