"""What everything that talks to an SQL database shares: no wizard, and no table.

| module | its idea |
|---|---|
| `addresses` | an address selects a driver, and is named without its password |
| `engines` | connections for an address, or what to install for them |
| `outbox` | what triggers leave about changes, read without losing any |
| `faults` | what a driver's error means, and what may be quoted of it |
"""

from sorcery_database.addresses import address, argument, database_name, file_of, identity_of, lacks_file, masked
from sorcery_database.engines import new_engine
from sorcery_database.faults import Fault, fault_of, lacks_privilege, reason_of, told_of

__all__ = [
    "Fault",
    "address",
    "argument",
    "database_name",
    "fault_of",
    "file_of",
    "identity_of",
    "lacks_file",
    "lacks_privilege",
    "masked",
    "new_engine",
    "reason_of",
    "told_of",
]
