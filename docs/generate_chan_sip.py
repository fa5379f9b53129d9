"""Write `docs/reference/chan-sip.md` from the table of chan_sip's options: run it after changing one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from sorcery.chan_sip import CATALOGUE, SipOption, Where

PAGE = Path(__file__).parent / "reference/chan-sip.md"
HEAD = """\
# The options of chan_sip, and what they become

All {options} options of `sip.conf`, {lost} of which PJSIP has nothing for.
[From chan_sip to PJSIP](../howto/from-chan-sip.md) says how `sorcery import` is used. This page is written by
`docs/generate_chan_sip.py`, from the table that the import applies.

*Both* means that the option may stand in `[general]`, where it is the default of all peers, and in a peer. The columns
of `sippeers` have the same names. What changes is told of the lines that it concerns, and of no others.
"""
HEADINGS = {
    Where.BOTH: "In `[general]` and in peers",
    Where.PEER: "In peers only",
    Where.GENERAL: "In `[general]` only",
    Where.AUTHENTICATION: "In `[authentication]`",
}


def page() -> str:
    """Return the whole page."""
    parts = [HEAD.format(options=len(CATALOGUE), lost=sum(each.is_lost for each in CATALOGUE))]
    for where, heading in HEADINGS.items():
        parts.append("\n".join(_table(heading, [each for each in CATALOGUE if each.where is where])))
    return "\n".join(parts)


def _table(heading: str, options: Iterable[SipOption]) -> Iterator[str]:
    yield f"## {heading}\n"
    yield "| option | becomes | what changes, or why it is lost |"
    yield "|---|---|---|"
    for each in sorted(options, key=lambda option: option.name):
        older = f" ({', '.join(f'`{name}`' for name in each.aliases)})" if each.aliases else ""
        cells = (f"`{each.name}`{older}", each.becomes or "*lost*", each.why)
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    yield ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
