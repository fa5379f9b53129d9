"""What stands at the end of each command's help: an example, and what its exit codes mean."""

from __future__ import annotations

from typing import Final

import typer

__all__ = ["EXAMPLES", "EXITS", "with_epilogs"]

EXITS: Final = "Exit codes: 0 good, 1 findings or not found, 2 misuse, 3 a store unavailable."

EXAMPLES: Final = {
    "show": "sorcery -C /etc/asterisk show endpoint alice",
    "create": "sorcery create aor alice max_contacts=2",
    "update": "sorcery update endpoint alice context=sales allow+=g722 --reset language",
    "delete": "sorcery delete endpoint alice --cascade --dry-run",
    "rename": "sorcery rename aor desk reception",
    "graph": "sorcery graph alice --format mermaid",
    "check": "sorcery -C /etc/asterisk check --target asterisk:20 --format sarif",
    "doctor": "sorcery -C /etc/asterisk doctor endpoint contact",
    "plan": "sorcery plan sqlite:///pbx.db /etc/asterisk aor --out plan.json",
    "apply": "sorcery apply plan.json --dry-run",
    "copy": "sorcery copy endpoint auth aor --from /etc/asterisk --to sqlite:///pbx.db",
    "prune": "sorcery -C /etc/asterisk prune endpoint alice",
    "shadow": "sorcery -C /etc/asterisk shadow endpoint --compare",
    "watch": "sorcery watch endpoint contact",
    "init": "sorcery -C /srv/pbx init --backend sqlite:///pbx.db --dry-run",
    "import": "sorcery import /etc/asterisk/sip.conf --to sqlite:///pbx.db --report notes.txt",
    "auth seal": "sorcery -C /etc/asterisk auth seal --realm pbx.example.com --all --dry-run",
    "conf dump": "sorcery conf dump /etc/asterisk/pjsip.conf",
    "conf fmt": "sorcery conf fmt /etc/asterisk --diff",
    "db upgrade": "sorcery db upgrade postgresql://asterisk@db/asterisk",
    "db downgrade": "sorcery db downgrade sqlite:///pbx.db --role cdr",
    "db adopt": "sorcery -C /etc/asterisk db adopt",
    "db check": "sorcery db check sqlite:///pbx.db --role all --target asterisk:22",
    "db sql": "sorcery db sql postgresql://asterisk@db/asterisk --from-existing",
    "db notify on": "sorcery db notify on sqlite:///pbx.db --except contact",
    "contacts reap": "sorcery contacts reap --grace 600 --dry-run",
    "writes retry": "sorcery writes retry 3 4",
    "writes drop": "sorcery writes drop 3",
    "feed run": "sorcery -C /etc/asterisk feed run --to ami://feed:env:SECRET@127.0.0.1",
    "cache expire": "sorcery cache expire res_pjsip/endpoint alice",
    "cache stale": "sorcery cache stale res_pjsip/endpoint alice --reload",
}
"""By command, where its usage alone does not show what one writes."""


def with_epilogs(app: typer.Typer, *before: str) -> None:
    """Give an epilog to each command, also of groups of them."""
    for command in app.registered_commands:
        name = command.name or (command.callback.__name__ if command.callback else "")
        example = EXAMPLES.get(" ".join((*before, name)))
        command.epilog = f"Example: `{example}`\n\n{EXITS}" if example else EXITS
    for group in app.registered_groups:
        if group.typer_instance is not None:
            with_epilogs(group.typer_instance, *before, str(group.name or group.typer_instance.info.name))
