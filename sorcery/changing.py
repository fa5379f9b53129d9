"""The way of a change: queued or at once, into the stores that are in force, and told to all who have to know."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs

from sorcery.errors import SorceryError, untraced
from sorcery.observers import Notifier
from sorcery.policy import Policy
from sorcery.standing import Standing, TypeName
from sorcery.wizard import Op
from sorcery.writing.queueing import Queue, System, queue_file
from sorcery.writing.transaction import Step
from sorcery.writing.writes import Request, Stripes, store
from sorcery.writing.written import Written

__all__ = ["Changes"]


class Changes:
    """Carries changes out, all or nothing; safe to use from many threads."""

    def __init__(
        self, standing: Standing, stripes: Stripes, notifier: Notifier, stored: Callable[[Sequence[Step]], None]
    ) -> None:
        """Take what is in force, and who is told what was `stored`, while the stripes of the objects are held."""
        self._standing, self._stripes, self._notifier, self._tell = standing, stripes, notifier, stored
        self.queue = Queue(
            System(self.policy, self._store_now, self._request, self._followed, lambda: standing.in_force.types),
            lambda: queue_file(standing.environment),
        )

    def policy(self, type: TypeName) -> Policy:
        """Return which of its stores take a type's changes; raises `UnknownType`, `Unavailable`."""
        return self._standing.policy(self._standing.binding(type))

    def store(self, steps: Sequence[Step]) -> tuple[Written, ...]:
        """Carry changes out, or do what their policies say where stores are silent; raises as a transaction does."""
        return self.queue.store(steps) if steps else ()

    def _store_now(self, steps: Sequence[Step]) -> tuple[Written, ...]:
        steps = [self._followed(step) for step in steps]
        observed = {step.key[0] for step in steps if self._notifier.watches(step.key[0])}
        with self._stripes.hold(step.key for step in steps):
            # the stores are looked up in here: no reload puts others in their place meanwhile
            requests = [self._request(step) for step in steps]
            try:
                stored = store(requests, observed=observed)
                self._notifier.queue(stored.events)
            except SorceryError as error:
                raise untraced(error)  # noqa: B904 - it is the same error
            finally:
                self._standing.note_change()
            self._tell(steps)
        self._notifier.deliver()
        return stored.written

    def _followed(self, step: Step) -> Step:
        """Return the step with its object as its stores will give it; of what is deleted the id alone counts."""
        obj = step.obj if step.op is Op.DELETE else step.obj.followed(self._standing.environment.secrets)
        return step if obj is step.obj else attrs.evolve(step, obj=obj)

    def _request(self, step: Step) -> Request:
        binding = self._standing.binding(step.key[0])
        if step.op is not Op.DELETE:
            binding.object_type.require_known(step.obj)
        creates = step.op is Op.UPDATE and self._standing.environment.create_on_update_miss and not step.is_strict
        op = Op.PUT if creates else step.op
        return Request(op, step.obj, binding, step.expected, self._standing.policy(binding))
