"""From a message to octets."""

from __future__ import annotations

from sorcery_sip.message.messages import Request, Response

__all__ = ["write"]


def write(message: Request | Response) -> bytes:
    """Serialise a message; Content-Length is put last.

    Raises `ValueError` when a line end hides in a start line or header: a value could forge other fields.
    """
    if isinstance(message, Request):
        lines = [f"{message.method} {message.uri} SIP/2.0"]
    else:
        lines = [f"SIP/2.0 {message.status} {message.reason}"]
    lines += [f"{name}: {value}" for name, value in message.headers]
    head = "\r\n".join(lines)
    if head.count("\n") >= len(lines) or head.count("\r") >= len(lines):
        culprit = next(line for line in lines if "\r" in line or "\n" in line)
        raise ValueError(f"{culprit!r}: a line end within a line of the message")
    return f"{head}\r\nContent-Length: {len(message.body)}\r\n\r\n".encode("utf-8", "surrogateescape") + message.body
