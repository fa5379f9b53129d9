"""The object type `resource_list`."""

from __future__ import annotations

from sorcery.kinds import Boolean
from sorcery.objects import Object, object_type
from sorcery.options import Value, option
from sorcery.pjsip.kinds.durations import MILLISECOND, Duration, Lasting
from sorcery.pjsip.kinds.namelists import CollectedReferences
from sorcery.pjsip.kinds.texts import CutText

__all__ = ["ResourceList"]

_LONGEST_EVENT = 31


@object_type(
    "resource_list", section="res_pjsip_pubsub", family="ps_resource_list", conf="pjsip.conf", since=("13.0.0",)
)
class ResourceList(Object):
    """Resources that one subscription is for (RFC 4662)."""

    event: str = option(CutText(_LONGEST_EVENT, empty=False), doc="Event package of the list.", since=("13.0.0",))
    full_state: bool = option(Boolean(), default="no", doc="Always send the state of every member.", since=("13.0.0",))
    notification_batch_interval: Lasting[int] = option(
        Duration(unit=MILLISECOND),
        default="0",
        doc="Milliseconds to collect changes before notifying.",
        since=("13.0.0",),
    )
    list_item: Value[tuple[str, ...]] = option(
        CollectedReferences(),
        doc="Members of the list: other lists of the same event, or resources of the event package.",
        since=("13.0.0",),
        may_refer_to="resource_list",
        alike="event",
    )
    resource_display_name: bool = option(
        Boolean(),
        default="no",
        doc="Report the hint name instead of the resource name.",
        since=("16.25.0", "18.11.0", "19.3.0"),
    )
