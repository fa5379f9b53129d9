"""One action over Asterisk's manager interface (AMI), and what comes back."""

import socket
from io import BufferedRWPair

Message = dict[str, str]


class AmiError(RuntimeError):
    """The server refused an action, or hung up."""


def run_action(host: str, port: int, user: str, secret: str, action: str, **fields: str) -> list[Message]:
    """Log in, run one action and return its messages: the response, then its events when it lists any.

    A message is its headers by name; a header that comes several times holds its values on lines of one text.
    Blocks for ten seconds at most per read. Raises `AmiError` on a refusal, `OSError` when nobody answers.
    """
    with socket.create_connection((host, port), timeout=30) as connection:
        stream = connection.makefile("rwb")
        stream.readline()  # the greeting, a line without a colon
        _exchange(stream, "Login", Username=user, Secret=secret, Events="off")
        return _exchange(stream, action, **fields)


def _exchange(stream: BufferedRWPair, action: str, **fields: str) -> list[Message]:
    headers = {"Action": action, "ActionID": action, **fields}
    stream.write("".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode() + b"\r\n")
    stream.flush()
    response = _read_message(stream, action)
    if response.get("Response") == "Error":
        raise AmiError(f"{action} {fields}: {response.get('Message')}")
    messages = [response]
    while messages[0].get("EventList") == "start" and messages[-1].get("EventList") != "Complete":
        messages.append(_read_message(stream, action))
    return messages


def _read_message(stream: BufferedRWPair, action_id: str) -> Message:
    """Read up to the end of the next message with that ActionID; the others are the server's own events."""
    message: Message = {}
    for line in stream:
        name, colon, value = line.decode(errors="surrogateescape").rstrip("\r\n").partition(": ")
        if colon or name.endswith(":"):
            name = name.removesuffix(":")
            message[name] = f"{message[name]}\n{value}" if name in message else value
        elif message.get("ActionID") == action_id:
            return message
        else:
            message = {}
    raise AmiError(f"the server hung up during {action_id}")
