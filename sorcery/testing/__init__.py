"""What holds storage drivers to their contract; needs pytest."""

import pytest

PARTS = ("expecting", "outage", "reading", "sharing", "writing")

pytest.register_assert_rewrite(*(f"sorcery.testing.{name}" for name in PARTS))
