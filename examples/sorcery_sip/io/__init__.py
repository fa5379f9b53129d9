"""Shells: sockets and loop time around the core, and no SIP rules."""
