"""What holds storage drivers to their contract; needs pytest."""

import pytest

pytest.register_assert_rewrite(*(f"sorcery.testing.{name}" for name in ("outage", "reading", "sharing", "writing")))
