"""Something that is being played or sent: one step at each turn of a wheel."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from typing import Any

from sorcery_sip.io.wheel import Wheel

__all__ = ["Player"]


class Player:
    """Take one step of a generator at each turn; a `Playing`. Closing the generator lets it give back what it holds."""

    def __init__(self, wheel: Wheel, steps: Generator[None]) -> None:
        self._wheel, self._steps = wheel, steps
        self._ended: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        wheel.add(self._step)

    def __await__(self) -> Generator[Any, None, bool]:
        return asyncio.shield(self._ended).__await__()

    @property
    def is_over(self) -> bool:
        """Whether it has ended, by itself or stopped."""
        return self._ended.done()

    def stop(self) -> None:
        """Stop it; one that has ended stays as it is."""
        self._end(False)

    def _step(self) -> None:
        try:
            next(self._steps)
        except StopIteration:
            self._end(True)
        except Exception as error:  # noqa: BLE001 - whoever awaits it is told
            self._end(error)

    def _end(self, outcome: bool | Exception) -> None:
        if self._ended.done():
            return
        self._wheel.remove(self._step)
        self._steps.close()
        if isinstance(outcome, bool):
            self._ended.set_result(outcome)
        else:
            self._ended.set_exception(outcome)
