"""Sessions that INVITE makes, without sockets, clock, chance or threads (RFC 3261 13-15, 3262, 3264, 3311, 4028)."""
