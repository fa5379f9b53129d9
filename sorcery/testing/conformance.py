"""One suite that every storage driver passes.

The author of another wizard gets it in a few lines, in a test module of pytest::

    class TestMine(WizardConformance):
        @pytest.fixture
        def sorcery(self, tmp_path):
            with Sorcery.open("memory:", types=TYPES, registry=registry) as sorcery:
                for name in HELD:
                    sorcery.map(name, "mine", str(tmp_path))
                yield sorcery

What a wizard is known to refuse it says by the attributes of `WritingConformance`; one that cannot be written to
derives from `ReadingConformance` and says in `populate` how objects get into its store. One whose store may be down
derives from `OutageConformance` too.
"""

from __future__ import annotations

from sorcery.testing.outage import Outage, OutageConformance
from sorcery.testing.reading import ReadingConformance
from sorcery.testing.sharing import SharingConformance
from sorcery.testing.types import TYPES
from sorcery.testing.writing import NOT_UNICODE, WritingConformance

__all__ = ["HELD", "NOT_UNICODE", "TYPES", "Outage", "OutageConformance", "ReadingConformance", "WizardConformance"]

HELD = ("testing_group", "testing_widget", "aor", "endpoint", "contact")
"""The names of the types that the wizard must hold."""


class WizardConformance(ReadingConformance, WritingConformance, SharingConformance):
    """Everything, for a wizard that can be read from and written to."""
