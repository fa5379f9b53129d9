"""The object type `system`."""

from __future__ import annotations

from sorcery.draft import Draft
from sorcery.kinds import Boolean, Integer
from sorcery.objects import Object, object_type, rule
from sorcery.options import alias, option
from sorcery.pjsip.kinds.cscan import wrapped
from sorcery.pjsip.kinds.durations import MILLISECOND, Duration, Lasting
from sorcery.pjsip.kinds.implied import Alias

__all__ = ["System"]

_LEAST_T1 = 100


@object_type(
    "system",
    section="res_pjsip",
    family="ps_systems",
    conf="pjsip.conf",
    single=True,
    explicit_name="system",
    follows_reload=False,
    since=("12.2.0",),
)
class System(Object):
    """Settings of the whole SIP stack that are read once, when it starts."""

    timer_t1: Lasting[int] = option(
        Duration(unit=MILLISECOND), default="500", doc="SIP timer T1 in milliseconds.", since=("12.0.0",)
    )
    timer_b: Lasting[int] = option(
        Duration(unit=MILLISECOND), default="32000", doc="SIP timer B in milliseconds.", since=("12.0.0",)
    )
    compact_headers: bool = option(Boolean(), default="no", doc="Use short header names.", since=("12.0.0",))
    taskpool_minimum_size: int = option(
        Integer(), default="4", doc="Task processors always kept.", since=("23.2.0", "22.8.0", "20.18.0")
    )
    taskpool_initial_size: int = option(
        Integer(), default="4", doc="Task processors created at start.", since=("23.2.0", "22.8.0", "20.18.0")
    )
    threadpool_initial_size: int = alias(
        "taskpool_initial_size",
        Alias(Integer()),
        default="",
        doc="Deprecated name of taskpool_initial_size.",
        since=("12.0.0",),
        successor="taskpool_initial_size",
        is_field=True,
        is_printed=True,
    )
    taskpool_auto_increment: int = option(
        Integer(), default="1", doc="Task processors added at a time.", since=("23.2.0", "22.8.0", "20.18.0")
    )
    threadpool_auto_increment: int = alias(
        "taskpool_auto_increment",
        Alias(Integer()),
        default="",
        doc="Deprecated name of taskpool_auto_increment.",
        since=("12.0.0",),
        successor="taskpool_auto_increment",
        is_field=True,
        is_printed=True,
    )
    taskpool_idle_timeout: Lasting[int] = option(
        Duration(),
        default="60",
        doc="Seconds before an idle task processor goes.",
        since=("23.2.0", "22.8.0", "20.18.0"),
    )
    threadpool_idle_timeout: int = alias(
        "taskpool_idle_timeout",
        Alias(Integer()),
        default="",
        doc="Deprecated name of taskpool_idle_timeout.",
        since=("12.0.0",),
        successor="taskpool_idle_timeout",
        is_field=True,
        is_printed=True,
    )
    taskpool_max_size: int = option(
        Integer(), default="50", doc="Most task processors; 0 is unlimited.", since=("23.2.0", "22.8.0", "20.18.0")
    )
    threadpool_max_size: int = alias(
        "taskpool_max_size",
        Alias(Integer()),
        default="",
        doc="Deprecated name of taskpool_max_size.",
        since=("13.7.0",),
        successor="taskpool_max_size",
        is_field=True,
        is_printed=True,
    )
    disable_tcp_switch: bool = option(
        Boolean(), default="yes", doc="Do not switch large requests from UDP to TCP.", since=("13.1.0",)
    )
    follow_early_media_fork: bool = option(
        Boolean(),
        default="yes",
        doc="Allow endpoints to follow SDP of forked early media.",
        since=("13.22.0", "15.5.0"),
    )
    accept_multiple_sdp_answers: bool = option(
        Boolean(), default="no", doc="Allow endpoints to accept several SDP answers.", since=("13.22.0", "15.5.0")
    )
    disable_rport: bool = option(
        Boolean(), default="no", doc="Do not add rport to requests.", since=("13.35.0", "16.12.0", "17.6.0")
    )

    @rule(sets=("timer_t1", "timer_b"))
    def timers(draft: Draft) -> None:
        """Timer B is at least 64 times T1 (RFC 3261 section 17.1.1.2), and T1 at least 100 milliseconds."""
        if draft["timer_t1"] < _LEAST_T1:
            draft.warn(f"is below {_LEAST_T1}", f"it becomes {_LEAST_T1}", "timer_t1", str(draft["timer_t1"]))
            draft["timer_t1"] = _LEAST_T1
        least_b = wrapped(64 * draft["timer_t1"])
        if draft["timer_b"] < least_b:
            draft.warn("is below 64 times timer_t1", f"it becomes {least_b}", "timer_b", str(draft["timer_b"]))
            draft["timer_b"] = least_b
