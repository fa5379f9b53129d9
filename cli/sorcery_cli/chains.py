"""What a doctor found, for people: chains that are alike as one, what is wrong, and what to mend first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence

from rich.text import Text

from sorcery.doctor.chains import Chain, Diagnosis, Link, Mending, State
from sorcery.plain import plain
from sorcery_cli.output import console, without_passwords

__all__ = ["print_diagnosis"]

MARKS = {State.GOOD: "✓", State.LIMITED: "!", State.BROKEN: "✗", State.UNSEEN: "·"}
STYLES = {State.GOOD: "green", State.LIMITED: "yellow", State.BROKEN: "bold red", State.UNSEEN: "dim"}
WRONG = (State.BROKEN, State.LIMITED)
NAME = 14
"""Columns of a link's name."""
LONGEST = 150
"""Characters of the texts of links that are told together."""


def print_diagnosis(found: Diagnosis, *, full: bool) -> None:
    """Print the chains, or with fewer lines those that hold, and the links to mend in their order."""
    output = console()
    shown: set[Hashable] = set()
    for chains in _alike(found.chains):
        for line in _chains(chains, shown, full=full):
            output.print(line, soft_wrap=True)
    for heading, mendings in (
        ("Mend first:", found.mendings()),
        ("Works, with a limit:", found.mendings(State.LIMITED)),
    ):
        if mendings:
            output.print(Text(f"\n{heading}", "bold"))
            for number, mending in enumerate(mendings, 1):
                for line in _mending(number, mending):
                    output.print(line, soft_wrap=True)
    output.print(Text(f"\n{_summary(found)}"), soft_wrap=True)


def _alike(chains: Sequence[Chain]) -> list[list[Chain]]:
    """Return the chains in groups: those that share what several share, and in which nothing of their own is wrong."""
    uses = Counter(_same(link) for chain in chains for link in chain.links)
    groups: dict[Hashable, list[Chain]] = {}
    for position, chain in enumerate(chains):
        is_alone = any(link.state in WRONG and (link.key is None or uses[_same(link)] < 2) for link in chain.links)
        way = tuple((link.name, link.state, _same(link) if _is_told(link, uses) else None) for link in chain.links)
        groups.setdefault((position,) if is_alone else (chain.is_shadow, way), []).append(chain)
    return list(groups.values())


def _same(link: Link) -> tuple[str, Hashable]:
    return link.name, link.key


def _is_told(link: Link, uses: Counter[tuple[str, Hashable]]) -> bool:
    """Tell whether a link is one that several chains share, and is shown."""
    return link.key is not None and uses[_same(link)] > 1 and link.state is not State.UNSEEN


def _chains(chains: Sequence[Chain], shown: set[Hashable], *, full: bool) -> Iterator[Text]:
    """Yield the lines of chains that are alike; what an earlier chain showed is not shown again."""
    first = chains[0]
    yield _line(first.state, _title(chains), bold=True)
    if first.state is State.GOOD and not full:
        yield Text(f"    {' → '.join(link.name for link in first.links)}: {_told(chains, -1)}", "dim")
        return
    above: list[Link] = []
    unseen: list[Link] = []
    for position, link in enumerate(first.links):
        same = _same(link)
        if link.state is State.UNSEEN:
            unseen.append(link)
        elif link.state is State.GOOD and link.key is not None and same in shown:
            above.append(link)
        else:
            yield from _together(State.GOOD, above, "as above")
            shown.add(same)
            yield _link(link, _told(chains, position))
    yield from _together(State.GOOD, above, "as above")
    yield from _together(State.UNSEEN, unseen, "not looked at")


def _together(state: State, links: list[Link], what: str) -> Iterator[Text]:
    """Yield the line of links of which nothing else is told, and forget them."""
    if links:
        yield _line(state, f"{', '.join(dict.fromkeys(link.name for link in links))}: {what}", indent=4)
        links.clear()


def _title(chains: Sequence[Chain]) -> str:
    if len(chains) == 1:
        place = f"  ({chains[0].place})" if chains[0].place else ""
        return f"{chains[0].title}{place}"
    wizards = dict.fromkeys(chain.title.partition(" = ")[2].partition(",")[0] for chain in chains)
    names = ", ".join(chain.type_name for chain in chains)
    return f"{'[shadow] ' if chains[0].is_shadow else ''}{names} = {', '.join(wizards)}"


def _told(chains: Sequence[Chain], position: int) -> str:
    """Return what a link of each of the chains says, once where all say the same."""
    texts = list(dict.fromkeys(chain.links[position].text for chain in chains))
    if position == -1 and len(texts) > 1:
        texts = [f"{chain.type_name} {text}" for chain in chains if (text := chain.links[-1].text) != "0 objects"]
    text = ", ".join(texts)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _link(link: Link, text: str) -> Text:
    where = f"{link.place}: " if link.place and link.state is State.BROKEN else ""
    return _line(link.state, f"{link.name:<{NAME}} {where}{text}", indent=4)


def _mending(number: int, mending: Mending) -> Iterator[Text]:
    link, chains = mending.link, mending.chains
    where = f"{link.place}: " if link.place else ""
    yield Text(plain(without_passwords(f"{number:>3}. {link.name}: {where}{link.text}")))
    yield Text.assemble("     → ", (plain(without_passwords(link.mending)), "bold"))
    named = ", ".join(map(_named, chains))
    yield Text(f"     for {plain(named)}", "dim")


def _named(chain: Chain) -> str:
    if not chain.type_name:
        return chain.title
    return f"{chain.type_name} in [shadow]" if chain.is_shadow else chain.type_name


def _line(state: State, text: str, *, bold: bool = False, indent: int = 0) -> Text:
    mark = (MARKS[state], STYLES[state])
    return Text.assemble(" " * indent, mark, " ", (plain(without_passwords(text)), "bold" if bold else ""))


def _summary(found: Diagnosis) -> str:
    broken = sum(chain.state is State.BROKEN for chain in found.chains)
    count = len(found.chains)
    chains = f"{count} chain{'' if count == 1 else 's'}"
    return f"{chains}, {broken} broken" if broken else f"{chains}, none broken"
