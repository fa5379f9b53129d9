"""JSON in an option's text."""

from __future__ import annotations

import json

from sorcery.kinds import Text, Warn

__all__ = ["JsonText"]


class JsonText(Text):
    """A JSON document, kept in its compact form; a text that is none is dropped with a warning."""

    def parse(self, text: str, before: str, warn: Warn) -> str:
        """Read the document and write it compactly."""
        if not text:
            return ""
        try:
            return json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
        except (ValueError, RecursionError):
            warn("is no JSON", "it is dropped")
            return ""

    def expects(self) -> str:
        return "a JSON document"
