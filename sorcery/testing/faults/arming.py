"""The faults that a test arms, and how calls meet them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, Self

import attrs

from sorcery.errors import Unavailable
from sorcery.wizard import Store

__all__ = ["OPERATIONS", "Call", "Fault", "Faults"]

OPERATIONS: Final = ("open", "retrieve", "search", "reconcile", "prepare", "commit", "rollback", "load", "notify")
"""What can be struck. A `load` that fails is a finding, as the contract wants it; a `notify` that fails is lost."""


@attrs.frozen(slots=True)
class Call:
    """One call of a store or wizard: what a fault chooses by."""

    operation: str
    stores: tuple[str, ...]
    """The labels of the stores concerned."""
    ids: tuple[str, ...] = ()
    """The objects asked for or changed; empty where the call is about everything."""


Error = Exception | Callable[[Call], Exception]


def _silent(call: Call) -> Exception:
    return Unavailable(", ".join(call.stores), f"a fault was injected into {call.operation}")


@attrs.define(slots=True, eq=False, kw_only=True)
class Fault:
    """One thing that goes wrong until it is lifted, or has struck as often as it should; a context manager."""

    _faults: Faults
    operations: frozenset[str]
    _when: Callable[[Call], bool]
    _times: int | None
    _after: bool
    _act: Callable[[Fault, Call], None]
    calls: list[Call] = attrs.field(init=False, factory=list)
    """The calls that it struck so far, in order."""
    lifted: threading.Event = attrs.field(init=False, factory=threading.Event)
    """Set when the fault is over; hanging calls wait for it."""

    def lift(self) -> None:
        """Let nothing go wrong any more; calls that hang go on."""
        self._faults.disarm(self)
        self.lifted.set()

    def wait(self, calls: int = 1, timeout: float = 30) -> None:
        """Block until it has struck that many calls; raises `TimeoutError` after some seconds."""
        with self._faults.changed:
            if not self._faults.changed.wait_for(lambda: len(self.calls) >= calls, timeout):
                raise TimeoutError(f"{len(self.calls)} of {calls} calls came within {timeout} s")

    def takes(self, call: Call, *, after: bool) -> bool:
        """Tell whether it strikes this call, before the operation or `after` it."""
        left = self._times is None or len(self.calls) < self._times
        return left and after is self._after and call.operation in self.operations and self._when(call)

    def act(self, call: Call) -> None:
        """Raise, or wait."""
        self._act(self, call)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.lift()


class Faults:
    """The faults that are armed; one instance may serve several wizards. Safe to use from many threads.

    Every fault strikes the operations named, or all where none is; `times` as often, or until it is lifted; `when`
    only the calls of which it returns True. With `after` the operation is done first: the change is stored whose
    commit fails, the answer is old that comes late.
    """

    def __init__(self) -> None:
        self.changed = threading.Condition()
        """Notified whenever a fault strikes."""
        self._armed: tuple[Fault, ...] = ()

    def fail(
        self,
        *operations: str,
        error: Error = _silent,
        times: int | None = None,
        when: Callable[[Call], bool] = lambda call: True,
        after: bool = False,
    ) -> Fault:
        """Raise an error, `Unavailable` unless another one, or what makes one of the call, is given."""

        def act(_: Fault, call: Call) -> None:
            raise error if isinstance(error, Exception) else error(call)

        return self._arm(operations, act, times=times, when=when, after=after)

    def hang(
        self,
        *operations: str,
        seconds: float | None = None,
        times: int | None = None,
        when: Callable[[Call], bool] = lambda call: True,
        after: bool = False,
    ) -> Fault:
        """Keep callers waiting for some seconds, or until the fault is lifted."""

        def act(fault: Fault, _: Call) -> None:
            fault.lifted.wait(seconds)

        return self._arm(operations, act, times=times, when=when, after=after)

    def lift(self) -> None:
        """Lift every fault."""
        for fault in self._armed:
            fault.lift()

    def _arm(self, operations: Sequence[str], act: Callable[[Fault, Call], None], **how: Any) -> Fault:
        unknown = sorted({*operations} - {*OPERATIONS})
        if unknown:
            raise ValueError(f"no operation {unknown[0]!r}; use any of {', '.join(OPERATIONS)}")
        fault = Fault(faults=self, operations=frozenset(operations or OPERATIONS), act=act, **how)
        with self.changed:
            self._armed = (*self._armed, fault)
        return fault

    def disarm(self, fault: Fault) -> None:
        """Take a fault off the list."""
        with self.changed:
            self._armed = tuple(other for other in self._armed if other is not fault)

    def may_strike(self, operation: str) -> bool:
        """Tell whether a fault is armed for the operation."""
        return any(operation in fault.operations for fault in self._armed)

    def threatens(self, call: Call) -> bool:
        """Tell whether some fault would strike the call; counts nothing."""
        return any(fault.takes(call, after=after) for fault in self._armed for after in (False, True))

    @contextmanager
    def around(self, operation: str, stores: Iterable[Store], ids: Iterable[str] = ()) -> Iterator[None]:
        """Strike before and after the operation in the block."""
        call = Call(operation, tuple(dict.fromkeys(store.label for store in stores)), tuple(ids))
        self._strike(call, after=False)
        yield
        self._strike(call, after=True)

    def _strike(self, call: Call, *, after: bool) -> None:
        if not self._armed:
            return
        with self.changed:
            striking = [fault for fault in self._armed if fault.takes(call, after=after)]
            for fault in striking:
                fault.calls.append(call)
            self.changed.notify_all()
        for fault in striking:
            fault.act(call)
