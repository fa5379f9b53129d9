"""Calls written as steps, for one phone each: what it sends, and what it has to see. They become a scenario of sipp."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

AUDIO = "m=audio [audio] RTP/AVP 0 101\na=rtpmap:0 PCMU/8000\na=rtpmap:101 telephone-event/8000\n"


def sdp(media: str = AUDIO, *, version: int = 1, address: str = "[local_ip]") -> str:
    """Return a session description with these streams; `[audio]` is the port of the phone's audio."""
    return f"v=0\no=- 1 {version} IN IP4 [local_ip]\ns=-\nc=IN IP4 {address}\nt=0 0\n{media}"


SDP = sdp()


@dataclass(frozen=True)
class Say:
    """Send a request; a `Via` of its own names its `{branch}`. `again`: the last one of the method, byte for byte."""

    method: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    content_type: str = "application/sdp"
    cseq: int | None = None
    uri: str = ""
    to_tag: str | None = None
    without: Sequence[str] = ()
    again: bool = False


@dataclass(frozen=True)
class Answer:
    """Send a response to the last request of a method that came; `tag` tells apart the branches of a fork."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    to: str = ""
    tag: str = "b"


@dataclass(frozen=True)
class See:
    """Wait for a message: a method or a status. `headers` are regular expressions of sipp (POSIX) that have to match.

    A status is of the response to the last request but ACK, or to the last one of the method `of`.
    """

    what: str | int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    lacks: Sequence[str] = ()
    keep: Mapping[str, str] = field(default_factory=dict)
    """Header fields to write `[$name]` for later, by that name."""
    of: str = ""
    reason: str = ""
    """What the first line has to match."""
    optional: bool = False


@dataclass(frozen=True)
class Pause:
    """Do nothing for so many seconds; what comes meanwhile has to be what the next step waits for."""

    seconds: float


Step = Say | Answer | See | Pause


@dataclass(frozen=True)
class Phone:
    """Who plays: the user of its From and Contact, the number it calls, its ports, further options of sipp."""

    user: str
    calls: str = ""
    port: int = 0
    audio: int = 40000
    options: Sequence[str] = ()
    patience: int = 30
    """Seconds that it waits for one message."""
    media: socket.socket | None = None
    """What its media come in at, where somebody plays them: of the port `audio`."""


class Scenario:
    """Writes the steps of one phone as XML."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone
        self._lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<scenario name={quoteattr(phone.user)}>"]
        self._variables: list[str] = []
        self._cseq = self._sent = 0
        self._numbers: dict[str, int] = {}
        """CSeq of the last request of each method."""
        self._branches: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        self._last = ""
        self._seen: dict[str, int] = {}
        """Number of the last request seen of each method: its header fields are in variables."""
        self._is_refused = False
        self._is_accepted = self._is_in_call = False
        """Whether the phone answered a call, and whether it had done so before the last INVITE."""

    def write(self, steps: Sequence[Step]) -> str:
        """Return the XML."""
        for step in steps:
            match step:
                case Say():
                    self._send(self._request(step))
                case Answer():
                    self._send(self._response(step))
                case See():
                    self._expect(step)
                case Pause(seconds):
                    self._lines.append(f'<pause milliseconds="{round(seconds * 1000)}"/>')
        if self._variables:
            self._lines.append(f'<Reference variables="{",".join(self._variables)}"/>')
        return "\n".join([*self._lines, "</scenario>", ""])

    def _send(self, text: str) -> None:
        self._lines.append(f"<send>\n<![CDATA[\n{text}\n]]>\n</send>")

    def _request(self, step: Say) -> str:
        if step.again:
            return self._texts[step.method]
        method = step.method
        cseq, branch = self._transaction(step)
        uri = step.uri or ("[next_url]" if self._is_in_dialog(method) else self._target)
        fields = {
            "Via": f"SIP/2.0/UDP [local_ip]:[local_port];rport;branch={branch}",
            "Max-Forwards": "70",
            **self._dialog(step),
            "Call-ID": "[call_id]",
            "CSeq": f"{cseq} {method}",
            "Contact": f"<sip:{self._phone.user}@[local_ip]:[local_port]>",
            **step.headers,
        }
        for name in step.without:
            del fields[name]
        fields["Via"] = fields["Via"].replace("{branch}", branch)
        text = _text(f"{method} {uri} SIP/2.0", fields, step.body, step.content_type)
        self._texts[method] = text
        return text

    def _transaction(self, step: Say) -> tuple[int, str]:
        """Return CSeq number and branch; ACK and CANCEL have those of their INVITE."""
        method = step.method
        if method == "CANCEL" or (method == "ACK" and self._is_refused):
            self._last = method if method == "CANCEL" else self._last
            return self._numbers["INVITE"], self._branches["INVITE"]
        self._sent += 1
        branch = f"z9hG4bK-[pid]-[call_number]-{self._sent}"
        if method == "ACK":
            return (self._numbers["INVITE"] if step.cseq is None else step.cseq), branch
        if step.cseq is None:
            self._cseq += 1
        cseq = self._cseq if step.cseq is None else step.cseq
        self._numbers[method], self._branches[method], self._last = cseq, branch, method
        return cseq, branch

    def _is_in_dialog(self, method: str) -> bool:
        is_first = self._numbers.get("INVITE") in (None, 1) and method in ("INVITE", "CANCEL")
        return bool(self._seen) or not (is_first or (method == "ACK" and self._is_refused))

    @property
    def _target(self) -> str:
        return f"sip:{self._phone.calls}@[remote_ip]:[remote_port]"

    def _dialog(self, step: Say) -> dict[str, str]:
        if "INVITE" in self._seen and not self._phone.calls:
            return {"From": "[$INVITE_to];tag=b[pid]", "To": "[$INVITE_from]"}
        tag = "[peer_tag_param]" if step.to_tag is None else step.to_tag
        return {
            "From": f"<sip:{self._phone.user}@[local_ip]>;tag=a[pid]",
            "To": f"<sip:{self._phone.calls}@[remote_ip]>{'' if step.method == 'CANCEL' else tag}",
        }

    def _response(self, step: Answer) -> str:
        method = step.to or next(reversed(self._seen))
        begins = method == "INVITE" and not self._phone.calls and not self._is_in_call
        tag = f";tag={step.tag}[pid]" if begins and step.status > 100 else ""
        self._is_accepted |= begins and 200 <= step.status < 300
        fields = {
            "Via": f"[${method}_via]",
            "From": f"[${method}_from]",
            "To": f"[${method}_to]{tag}",
            "Call-ID": "[call_id]",
            "CSeq": f"[${method}_cseq]",
            "Contact": f"<sip:{self._phone.user}@[local_ip]:[local_port]>",
            **step.headers,
        }
        return _text(f"SIP/2.0 {step.status} Text", fields, step.body, "application/sdp")

    def _expect(self, step: See) -> None:
        optional = ' optional="true"' if step.optional else ""
        checks = [_check(name, pattern, self._variable()) for name, pattern in step.headers.items()]
        if step.body:
            checks.append(_search('search_in="body"', step.body, self._variable()))
        if step.reason:
            checks.append(_search('search_in="msg"', step.reason, self._variable()))
        checks += [_lack(name, self._variable()) for name in step.lacks]
        checks += [_keep(header, self._variable(name)) for name, header in step.keep.items()]
        if isinstance(step.what, int):
            kind = f'response="{step.what}"'
            method = step.of or self._last
            if not step.optional:
                checks.append(_check("CSeq", f"{method}$", self._variable()))
            if method == "INVITE" and step.what >= 200:
                self._is_refused = step.what >= 300
            keeps_route = method == "INVITE" and 100 < step.what < 300
        else:
            kind, keeps_route = f'request="{step.what}"', step.what == "INVITE"
            self._seen[step.what] = self._seen.pop(step.what, 0) + 1
            if step.what == "INVITE":
                self._is_in_call = self._is_accepted
            for name in ("Via", "From", "To", "CSeq"):
                checks.append(_keep(name, self._variable(f"{step.what}_{name.lower()}")))
        rrs = ' rrs="true"' if keeps_route else ""
        self._lines.append(f"<recv {kind}{optional}{rrs}>\n<action>\n{''.join(checks)}</action>\n</recv>")

    def _variable(self, name: str = "") -> str:
        name = name or f"v{len(self._variables)}"
        if name not in self._variables:
            self._variables.append(name)
        return name


def _text(first: str, fields: Mapping[str, str], body: str, content_type: str) -> str:
    lines = [f"{name}: {value}" for name, value in fields.items()]
    if body and "Content-Type" not in fields:
        lines.append(f"Content-Type: {content_type}")
    return "\n".join([first, *lines, "Content-Length: [len]", "", body])


def _check(name: str, pattern: str, variable: str) -> str:
    return _search(f'search_in="hdr" header="{name}:"', pattern, variable)


def _search(where: str, pattern: str, variable: str) -> str:
    return f'<ereg regexp={quoteattr(pattern)} {where} check_it="true" assign_to="{variable}"/>\n'


def _lack(name: str, variable: str) -> str:
    pattern = escape(f"\n{name}:")
    return f'<ereg regexp={quoteattr(pattern)} search_in="msg" check_it_inverse="true" assign_to="{variable}"/>\n'


def _keep(name: str, variable: str) -> str:
    return f'<ereg regexp="[^ ].*" search_in="hdr" header="{name}:" assign_to="{variable}"/>\n'
