"""The address that media is offered at."""

from __future__ import annotations

from sorcery.kinds import Text, Warn
from sorcery.pjsip.kinds.networks import format_address, parse_address, split_host_port

__all__ = ["MediaAddress"]


class MediaAddress(Text):
    """A literal address loses port, brackets and zone; anything else is kept as a host name, unchecked."""

    def parse(self, text: str, before: str, warn: Warn) -> str:
        """Normalise a literal address."""
        host, port = split_host_port(text)
        if port and not (port.isascii() and port.isdigit()):
            return text
        address = parse_address(host.partition("%")[0])
        return text if address is None else format_address(address)

    def expects(self) -> str:
        return "an address or a host name"
