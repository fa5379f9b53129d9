"""What holds storage drivers to their contract; needs pytest."""

import pytest

pytest.register_assert_rewrite("sorcery.testing.reading", "sorcery.testing.writing", "sorcery.testing.sharing")
