"""Why a channel ended: the numbers of Q.850, by the names the field uses."""

from __future__ import annotations

import enum

__all__ = ["Cause", "cause_text"]


class Cause(enum.IntEnum):
    """A hang-up cause."""

    UNKNOWN = 0
    UNALLOCATED = 1
    NO_ROUTE_TRANSIT_NET = 2
    NO_ROUTE_DESTINATION = 3
    MISDIALLED_TRUNK_PREFIX = 5
    CHANNEL_UNACCEPTABLE = 6
    CALL_AWARDED_DELIVERED = 7
    NUMBER_PORTED_NOT_HERE = 14
    NORMAL_CLEARING = 16
    USER_BUSY = 17
    NO_USER_RESPONSE = 18
    NO_ANSWER = 19
    SUBSCRIBER_ABSENT = 20
    CALL_REJECTED = 21
    NUMBER_CHANGED = 22
    REDIRECTED_TO_NEW_DESTINATION = 23
    ANSWERED_ELSEWHERE = 26
    DESTINATION_OUT_OF_ORDER = 27
    INVALID_NUMBER_FORMAT = 28
    FACILITY_REJECTED = 29
    RESPONSE_TO_STATUS_ENQUIRY = 30
    NORMAL_UNSPECIFIED = 31
    NORMAL_CIRCUIT_CONGESTION = 34
    NETWORK_OUT_OF_ORDER = 38
    NORMAL_TEMPORARY_FAILURE = 41
    SWITCH_CONGESTION = 42
    ACCESS_INFO_DISCARDED = 43
    REQUESTED_CHAN_UNAVAIL = 44
    FACILITY_NOT_SUBSCRIBED = 50
    OUTGOING_CALL_BARRED = 52
    INCOMING_CALL_BARRED = 54
    BEARERCAPABILITY_NOTAUTH = 57
    BEARERCAPABILITY_NOTAVAIL = 58
    BEARERCAPABILITY_NOTIMPL = 65
    CHAN_NOT_IMPLEMENTED = 66
    FACILITY_NOT_IMPLEMENTED = 69
    INVALID_CALL_REFERENCE = 81
    INCOMPATIBLE_DESTINATION = 88
    INVALID_MSG_UNSPECIFIED = 95
    MANDATORY_IE_MISSING = 96
    MESSAGE_TYPE_NONEXIST = 97
    WRONG_MESSAGE = 98
    IE_NONEXIST = 99
    INVALID_IE_CONTENTS = 100
    WRONG_CALL_STATE = 101
    RECOVERY_ON_TIMER_EXPIRE = 102
    MANDATORY_IE_LENGTH_ERROR = 103
    PROTOCOL_ERROR = 111
    INTERWORKING = 127


_TEXTS: dict[int, str] = {
    Cause.UNALLOCATED: "Unallocated (unassigned) number",
    Cause.NO_ROUTE_TRANSIT_NET: "No route to specified transit network",
    Cause.NO_ROUTE_DESTINATION: "No route to destination",
    Cause.NORMAL_CLEARING: "Normal Clearing",
    Cause.USER_BUSY: "User busy",
    Cause.NO_USER_RESPONSE: "No user responding",
    Cause.NO_ANSWER: "User alerting, no answer",
    Cause.SUBSCRIBER_ABSENT: "Subscriber absent",
    Cause.CALL_REJECTED: "Call Rejected",
    Cause.NUMBER_CHANGED: "Number changed",
    Cause.REDIRECTED_TO_NEW_DESTINATION: "Redirected to new destination",
    Cause.ANSWERED_ELSEWHERE: "Answered elsewhere",
    Cause.DESTINATION_OUT_OF_ORDER: "Destination out of order",
    Cause.INVALID_NUMBER_FORMAT: "Invalid number format",
    Cause.FACILITY_REJECTED: "Facility rejected",
    Cause.NORMAL_UNSPECIFIED: "Normal, unspecified",
    Cause.NORMAL_CIRCUIT_CONGESTION: "Circuit/channel congestion",
    Cause.NETWORK_OUT_OF_ORDER: "Network out of order",
    Cause.NORMAL_TEMPORARY_FAILURE: "Temporary failure",
    Cause.SWITCH_CONGESTION: "Switching equipment congestion",
    Cause.REQUESTED_CHAN_UNAVAIL: "Requested channel not available",
    Cause.BEARERCAPABILITY_NOTAVAIL: "Bearer capability not available",
    Cause.RECOVERY_ON_TIMER_EXPIRE: "Recover on timer expiry",
    Cause.PROTOCOL_ERROR: "Protocol error, unspecified",
    Cause.INTERWORKING: "Interworking, unspecified",
}


def cause_text(cause: int) -> str:
    """Return what a cause means, in words; "Unknown" where the table has none."""
    return _TEXTS.get(cause, "Unknown")
