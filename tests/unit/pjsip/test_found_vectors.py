"""Objects of which Asterisk and we once thought differently: each was drawn, and made small, before it was kept."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.interop.asterisk import Attributes
from tests.interop.objects import comparable, known_there, printed
from tests.interop.reduction import FOUND, read
from tests.interop.trials import Trial, built


def cases() -> Iterator[Any]:
    for path in sorted(FOUND.glob("*.conf")):
        for trial, said in read(path):
            yield pytest.param(trial, said, id=path.stem)


@pytest.mark.parametrize(("trial", "said"), list(cases()))
def test_what_once_differed_is_taken_or_refused_and_printed_as_asterisk_does(
    trial: Trial, said: Attributes | None
) -> None:
    obj = built("x", trial)
    assert (None if obj is None else comparable(known_there(obj, printed(obj)))) == said
