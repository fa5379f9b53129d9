"""`POST /channels`: calls that an application begins."""

from __future__ import annotations

from sorcery_sip.ari.errors import AriError
from sorcery_sip.ari.hub import subscribe
from sorcery_sip.ari.operations import Arguments, Operation, body, path, query
from sorcery_sip.ari.outgoing import OutgoingCall, make_channel, ring, watch_dial
from sorcery_sip.ari.state import Ari
from sorcery_sip.pbx.channel import Channel, ChannelState
from sorcery_sip.pbx.stasis import Destination

__all__ = ["OUTGOING_CALLS"]

_TIMEOUT = 30


async def _originate(ari: Ari, arguments: Arguments) -> object:
    """Begin a call; once it is answered, an application or the dialplan has the channel."""
    call = _call(ari, arguments)
    application, exten = arguments.text("app"), arguments.text("extension")
    if not application and not exten:
        raise AriError(400, "Application or extension must be specified")
    destination = None if application else _destination(ari, arguments, exten)
    timeout = arguments.number("timeout", _TIMEOUT)
    channel = await _make(ari, call, arguments)
    value = ari.describe(channel)
    rest = arguments.several("appArgs")
    ari.tasks.begin(_ring(ari, channel, call.endpoint, timeout, destination, application, rest))
    return value


async def _create(ari: Ari, arguments: Arguments) -> object:
    """Make a channel that an application has at once, and may dial later."""
    call = _call(ari, arguments)
    application = arguments.needed("app", "Application must be specified")
    channel = await _make(ari, call, arguments)
    channel.data["dial string"] = call.endpoint
    value = ari.describe(channel)
    ari.tasks.begin(_in_application(ari, channel, application, arguments.several("appArgs")))
    return value


async def _dial(ari: Ari, arguments: Arguments) -> object:
    control = ari.control(arguments.text("channelId"))
    channel = control.channel
    dial_string = channel.data.pop("dial string", None)
    if dial_string is None or channel.state is not ChannelState.DOWN:
        raise AriError(409, "Channel cannot be dialed: it was dialed, or not made by create")
    caller = arguments.text("caller")
    if caller:
        channel.connected = ari.channel(caller).caller
    timeout = arguments.number("timeout", 0)
    ari.tasks.begin(watch_dial(channel, dial_string, timeout if timeout > 0 else None))
    return None


async def _ring(
    ari: Ari,
    channel: Channel,
    dial_string: str,
    timeout: int,
    destination: Destination | None,
    application: str,
    arguments: list[str],
) -> None:
    try:
        if not await ring(channel, dial_string, timeout if timeout > 0 else None):
            return
    except BaseException:
        channel.hangup()
        raise
    if destination is not None:
        channel.context, channel.exten, channel.priority = destination
        ari.pbx.start(channel)
    else:
        await _in_application(ari, channel, application, arguments)


async def _in_application(ari: Ari, channel: Channel, application: str, arguments: list[str]) -> None:
    """Let an application have a channel; afterwards it goes on in the dialplan, or ends."""
    destination = None
    channel.start_application("Stasis", ",".join([application, *arguments]))
    try:
        destination = await ari.stasis.hand_over(channel, application, arguments)
    except LookupError:
        channel.set_variable("STASISSTATUS", "FAILED")
    finally:
        if destination is None or channel.is_hung_up:
            channel.hangup()
    if destination is not None and not channel.is_hung_up:
        channel.context, channel.exten, channel.priority = destination
        ari.pbx.start(channel)


def _call(ari: Ari, arguments: Arguments) -> OutgoingCall:
    originator = arguments.text("originator")
    formats = tuple(arguments.several("formats"))
    if originator and formats:
        raise AriError(400, "Originator and formats can't both be specified")
    return OutgoingCall(
        endpoint=arguments.needed("endpoint", "Endpoint must be specified"),
        id=arguments.text("channelId"),
        caller_id=arguments.text("callerId"),
        formats=formats,
        originator=ari.channel(originator) if originator else None,
    )


async def _make(ari: Ari, call: OutgoingCall, arguments: Arguments) -> Channel:
    """Return a new channel with its variables, of which its application hears."""
    variables = arguments.object("variables")
    channel = await make_channel(call, ari.channels, ari.drivers)
    application = ari.hub.get(arguments.text("app"))
    if application is not None:
        subscribe(application.channels, channel.id)
    scope = ari.pbx.scope(channel)
    for name, value in variables.items():
        scope.set(name, value)
    return channel


def _destination(ari: Ari, arguments: Arguments, exten: str) -> Destination:
    context, label = arguments.text("context", "default"), arguments.text("label")
    if not label:
        return Destination(context, exten, arguments.number("priority", 1))
    priority = ari.pbx.scope().candidates(context, exten).label(label)
    if priority is None:
        raise AriError(404, "Requested label can not be found")
    return Destination(context, exten, priority)


_ENDPOINT = query("endpoint", "Whom to call: TECHNOLOGY/resource", required=True)
_ID = query("channelId", "Id of the channel")
_ID_IN_PATH = path("channelId", "Id of the channel")
_WHERE = (
    query("extension", "Extension to go to once it is answered"),
    query("context", "Its context; default"),
    query("priority", "Its priority; 1", type="long"),
    query("label", "Its label, in place of a priority"),
)
_APPLICATION = (
    query("app", "Application to have the channel once it is answered"),
    query("appArgs", "What to tell the application"),
)
_MORE = (
    query("originator", "Id of the channel that calls"),
    query("formats", "Codecs to offer"),
    body("variables", "Variables of the channel"),
)
_HOW = (
    query("callerId", 'Who is said to call: "Name" <number>'),
    query("timeout", "Seconds to wait for the answer; 30, -1 for ever", type="int"),
)

OUTGOING_CALLS = (
    Operation(
        "POST",
        "/channels",
        "originate",
        "Call somebody",
        _originate,
        (_ENDPOINT, *_WHERE, *_APPLICATION, *_HOW, _ID, *_MORE),
        "Channel",
    ),
    Operation(
        "POST",
        "/channels/create",
        "create",
        "Make a channel that an application has and may dial",
        _create,
        (_ENDPOINT, *_APPLICATION, _ID, *_MORE),
        "Channel",
    ),
    Operation(
        "POST",
        "/channels/{channelId}",
        "originateWithId",
        "Call somebody",
        _originate,
        (_ID_IN_PATH, _ENDPOINT, *_WHERE, *_APPLICATION, *_HOW, *_MORE),
        "Channel",
    ),
    Operation(
        "POST",
        "/channels/{channelId}/dial",
        "dial",
        "Dial a channel that was made",
        _dial,
        (_ID_IN_PATH, query("caller", "Id of the channel that calls"), query("timeout", "Seconds", type="int")),
    ),
)
