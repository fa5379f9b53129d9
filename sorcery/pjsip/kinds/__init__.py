"""Kinds of option that only the PJSIP types have."""
