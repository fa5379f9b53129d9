"""How what stands between the parentheses of an application or function falls into arguments."""

from __future__ import annotations

__all__ = ["quoted", "split_arguments", "unquoted", "whole_number"]

MAX_DIGITS = 18


def split_arguments(text: str, limit: int = 0, *, separator: str = ",", is_raw: bool = False) -> list[str]:
    """Split at separators outside quotation marks, parentheses and brackets.

    Quotation marks and backslashes are taken out unless it `is_raw`. No text gives no arguments. With `limit`, the
    last of so many arguments is the rest of the text as it is.
    """
    if not text:
        return []
    if text.isalnum():
        return [text]
    found: list[str] = []
    at = 0
    while at < len(text):
        if limit and len(found) == limit - 1:
            return [*found, text[at:]]
        argument, at, more = _next(text, at, separator, is_raw)
        found.append(argument)
        if at == len(text) and more:
            found.append("")
    return found


def _next(text: str, at: int, separator: str, is_raw: bool) -> tuple[str, int, bool]:
    """Return the argument that begins at `at`, where the next one does, and whether a separator stood between."""
    taken: list[str] = []
    parentheses = brackets = 0
    in_quotes = False
    while at < len(text):
        char = text[at]
        at += 1
        if char == '"':
            in_quotes = not in_quotes
            if is_raw:
                taken.append(char)
            continue
        if char == "\\":
            taken.append(text[at - 1 if is_raw else at : at + 1])
            at += 1
            continue
        if char == separator and not (parentheses or brackets or in_quotes):
            return "".join(taken), at, True
        if char in "()":
            parentheses = max(parentheses + (1 if char == "(" else -1), 0)
        elif char in "[]":
            brackets = max(brackets + (1 if char == "[" else -1), 0)
        taken.append(char)
    return "".join(taken), len(text), False


def whole_number(text: str) -> int | None:
    """Return the number that digits without a sign stand for; None for anything else, and for more than 18 digits."""
    return int(text) if text.isdecimal() and len(text) <= MAX_DIGITS else None


def unquoted(text: str) -> str:
    """Return a text without the quotation marks around it, if there are any."""
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def quoted(text: str) -> str:
    """Return a text in quotation marks, those inside and backslashes marked by a backslash."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
