"""Hang-up causes and responses, each told by the other (RFC 3398); the Reason header (RFC 3326)."""

from __future__ import annotations

import re

from sorcery.pjsip import Endpoint
from sorcery_sip.message.messages import Request
from sorcery_sip.modules.contract import Fields
from sorcery_sip.pbx.causes import Cause

__all__ = ["cause_of", "cause_of_status", "reason_fields", "status_of_cause"]

_STATUS = {
    23: 302,
    **dict.fromkeys((1, 2, 3), 404),
    **dict.fromkeys((34, 42, 66), 503),
    18: 408,
    **dict.fromkeys((19, 20, 31), 480),
    21: 403,
    22: 410,
    28: 484,
    17: 486,
    38: 500,
    29: 501,
    27: 502,
    58: 488,
    127: 500,
}
_CAUSE = {
    302: 23,
    **dict.fromkeys((401, 403, 407, 603), 21),
    **dict.fromkeys((404, 485, 604), 1),
    408: 18,
    409: 41,
    410: 22,
    420: 3,
    **dict.fromkeys((480, 483), 19),
    484: 28,
    **dict.fromkeys((486, 600), 17),
    **dict.fromkeys((488, 606), 58),
    500: 38,
    501: 29,
    502: 27,
    503: 34,
    504: 102,
    505: 127,
}
_DECLINE = 603
_Q850 = re.compile(r"\s*Q\.850\s*;(?:.*;)?\s*cause\s*=\s*([0-9]{1,3})", re.IGNORECASE)


def status_of_cause(cause: int) -> int:
    """Return the response that refuses a call for a cause; 603 for one that none is laid down for."""
    return _STATUS.get(cause, _DECLINE)


def cause_of_status(status: int) -> int:
    """Return the cause that a response to our INVITE stands for."""
    found = _CAUSE.get(status)
    if found is not None:
        return found
    if 500 <= status < 600:
        return Cause.NORMAL_CIRCUIT_CONGESTION
    return Cause.INTERWORKING if status >= 400 else Cause.NORMAL_CLEARING


def cause_of(request: Request, default: int = Cause.NORMAL_CLEARING) -> int:
    """Return the cause that a request ends a call for: by its Reason headers, of which Q.850 counts, else `default`."""
    for reason in request.headers.elements("Reason") if "Reason" in request.headers else ():
        match = _Q850.match(reason)
        if match is not None:
            return int(match[1]) & 0x7F
    return default


def reason_fields(cause: int, endpoint: Endpoint) -> Fields:
    """Return the Reason header fields that tell an endpoint the cause; none for no cause.

    Phones leave a call that was answered elsewhere out of those that they missed.
    """
    fields: Fields = ()
    if cause == Cause.ANSWERED_ELSEWHERE:
        fields = (("Reason", 'SIP;cause=200;text="Call completed elsewhere"'),)
    if cause and not endpoint.suppress_q850_reason_headers:
        fields = (*fields, ("Reason", f"Q.850;cause={cause & 0x7F}"))
    return fields
