"""A wizard that fails, hangs or answers late on command, around any other one.

Registered under a name of its own it is mapped like every wizard, and does all that the wizard inside does, until a
test arms a fault::

    faults = Faults()
    registry = Registry()
    registry.register("flaky", lambda: FaultyWizard(MyWizard(), faults))
    with faults.fail("commit", times=1) as fault:
        ...                                        # the next commit raises `Unavailable`
    assert fault.calls[0].ids == ("alice",)

`OPERATIONS` are the calls that faults strike. It has the abilities of the wizard inside, and no others.
"""

from sorcery.testing.faults.arming import OPERATIONS, Call, Fault, Faults
from sorcery.testing.faults.wizard import FaultyStore, FaultyWizard

__all__ = ["OPERATIONS", "Call", "Fault", "Faults", "FaultyStore", "FaultyWizard"]
