"""The dialplan."""
