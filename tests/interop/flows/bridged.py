"""Calls of two phones: what the one says, told to the other."""

from tests.interop.call_flows import Flow
from tests.interop.call_scenario import SDP, Answer, Pause, Say, See, Step, sdp
from tests.interop.call_steps import ACK, ANSWERS, BYE, DIALED, GONE, INVITE, RINGS, invite
from tests.interop.flows.changed import IMAGE, audio, offer

ANSWERED: list[Step] = [INVITE, See(100), See(180), See(200, body="m=audio"), ACK]
OK = Answer(200)
AGAIN = Answer(200, to="INVITE", body=SDP)
FAX = "t38_udptl=yes"
FAX_ANSWER = sdp("m=image [audio] udptl t38\na=T38FaxVersion:0\n", version=3)
TAKEN_BACK: list[Step] = [See("INVITE", body="m=audio (1[6-9]|20)[0-9][0-9][0-9] "), AGAIN, See("ACK")]
"""The media come back to the server before the call ends."""
REASONS = "Asterisk tells one side of a call nothing about why the other hung up: 16."
MOVED = Answer(302, {"Contact": "<sip:[third]>"})
HERE = ["Dial({bob},10)", "Hangup()"]

FLOWS = {
    "the called phone hangs up": Flow(
        [*ANSWERED, See("BYE", {"Reason": "cause=16"}), OK], [*ANSWERS, Pause(0.2), *BYE], DIALED
    ),
    "the called phone hangs up for a reason": Flow(
        [*ANSWERED, See("BYE", {"Reason": "Q.850;cause=31"}), OK],
        [*ANSWERS, Pause(0.2), Say("BYE", {"Reason": "Q.850;cause=31"}), See(200)],
        DIALED,
        differs=REASONS,
    ),
    "the reason of the called phone in the dialplan": Flow(
        [*ANSWERED, See("BYE", {"Reason": "Q.850;cause=31"}), OK],
        [*ANSWERS, Pause(0.2), Say("BYE", {"Reason": "Q.850;cause=31"}), See(200)],
        ["Dial({bob},20,g)", "Hangup(${HANGUPCAUSE})"],
        differs=REASONS,
    ),
    "the calling phone hangs up for a reason": Flow(
        [*ANSWERED, Pause(0.2), Say("BYE", {"Reason": "Q.850;cause=31"}), See(200)],
        [*ANSWERS, See("BYE", {"Reason": "Q.850;cause=31"}), OK],
        DIALED,
        differs=REASONS,
    ),
    "the calling phone hangs up": Flow([*ANSWERED, Pause(0.2), *BYE], [*ANSWERS, *GONE], DIALED),
    "early media of the called phone": Flow(
        [INVITE, See(100), See(183, body="m=audio"), See(200, body="m=audio"), ACK, Pause(0.2), *BYE],
        [See("INVITE"), Answer(183, body=SDP), Pause(0.2), Answer(200, body=SDP), See("ACK"), *GONE],
        DIALED,
    ),
    "a bare 183": Flow(
        [INVITE, See(100), See(183, body="m=audio"), See(200), ACK, Pause(0.2), *BYE],
        [See("INVITE"), Answer(183), Pause(0.2), Answer(200, body=SDP), See("ACK"), *GONE],
        DIALED,
    ),
    "answered without a description": Flow(
        [INVITE, See(100), See(180), See(488), ACK],
        [*RINGS, Answer(200), See("ACK"), See("BYE", {"Reason": "cause="}), OK],
        [*DIALED, "Hangup()"],
        differs="Asterisk answers the caller before it notices, and hangs up at once.",
    ),
    "no description of the calling phone": Flow(
        [Say("INVITE"), See(100), See(180), See(200, body="m=audio"), Say("ACK", body=SDP), Pause(0.2), *BYE],
        [*ANSWERS, *GONE],
        DIALED,
    ),
    "reliable ringing of the called phone": Flow(
        [*ANSWERED, Pause(0.2), *BYE],
        [
            See("INVITE", {"Supported": "100rel"}),
            Answer(180, {"Require": "100rel", "RSeq": "7"}),
            See("PRACK", {"RAck": "7 [0-9]+ INVITE"}),
            OK,
            Answer(200, to="INVITE", body=SDP),
            See("ACK"),
            *GONE,
        ],
        DIALED,
    ),
    "two branches answer": Flow(
        [*ANSWERED, Pause(0.3), *BYE],
        [
            *RINGS,
            Answer(200, body=SDP),
            See("ACK", {"To": "tag=b"}),
            Answer(200, to="INVITE", body=SDP, tag="c"),
            See("ACK", {"To": "tag=c"}),
            See("BYE", {"To": "tag=c"}),
            OK,
            See("BYE", {"To": "tag=b"}),
            OK,
        ],
        DIALED,
        differs="Asterisk acknowledges the second branch by the tag of the first, and never ends it.",
    ),
    "another branch answers than rang": Flow(
        [*ANSWERED, Pause(0.2), *BYE],
        [*RINGS, Answer(200, body=SDP, tag="c"), See("ACK", {"To": "tag=c"}), See("BYE", {"To": "tag=c"}), OK],
        DIALED,
    ),
    "an interval that is too short for the called phone": Flow(
        [*ANSWERED, Pause(0.2), *BYE],
        [
            See("INVITE", {"Session-Expires": "1800", "Min-SE": "90"}),
            Answer(422, {"Min-SE": "2000"}),
            See("ACK"),
            See("INVITE", {"Session-Expires": "2000", "Min-SE": "2000"}),
            Answer(180),
            Answer(200, body=SDP),
            See("ACK"),
            *GONE,
        ],
        DIALED,
    ),
    "the called phone wants credentials": Flow(
        [*ANSWERED, Pause(0.2), *BYE],
        [
            See("INVITE", lacks=["Authorization"]),
            Answer(401, {"WWW-Authenticate": 'Digest realm="bob", nonce="1", algorithm=MD5'}),
            See("ACK"),
            See("INVITE", {"Authorization": 'username="me".*realm="bob"'}),
            Answer(180),
            Answer(200, body=SDP),
            See("ACK"),
            *GONE,
        ],
        DIALED,
        called_options="outbound_auth=login",
    ),
    # another place
    "moved to an extension": Flow(
        [INVITE, See(100), See(181, {"Diversion": "sip:2000@"}), See(200), ACK, *BYE],
        [See("INVITE"), Answer(302, {"Contact": "<sip:2000@127.0.0.1>"}), See("ACK")],
        DIALED,
    ),
    "moved to another phone, called by us": Flow(
        [INVITE, See(100), See(181), See(180), See(200), ACK, Pause(0.2), *BYE],
        [See("INVITE"), MOVED, See("ACK")],
        DIALED,
        called_options="redirect_method=uri_core",
        third=[*ANSWERS, *GONE],
    ),
    "moved to another phone, in the same call": Flow(
        [*ANSWERED, Pause(0.2), *BYE],
        [See("INVITE"), MOVED, See("ACK")],
        DIALED,
        called_options="redirect_method=uri_pjsip",
        third=[*ANSWERS, *GONE],
    ),
    # changes
    "digits by info": Flow(
        [*ANSWERED, Pause(0.1), Say("INFO", {}, "Signal=5\nDuration=160\n", "application/dtmf-relay"), See(200), *BYE],
        [*ANSWERS, See("INFO", {"Content-Type": "application/dtmf-relay"}, "Signal= ?5"), OK, *GONE],
        DIALED,
        called_options="dtmf_mode=info",
    ),
    "a text across": Flow(
        [*ANSWERED, Pause(0.1), Say("MESSAGE", {}, "hello", "text/plain"), See(202), Pause(0.2), *BYE],
        [*ANSWERS, See("MESSAGE", body="hello"), OK, *GONE],
        DIALED,
    ),
    "hold is passed on": Flow(
        [
            *ANSWERED,
            Pause(0.1),
            *offer(audio("sendonly"), answer="recvonly"),
            Pause(0.3),
            *offer(audio("sendrecv", version=3), answer="sendrecv"),
            Pause(0.3),
            *BYE,
        ],
        [
            *ANSWERS,
            See("INVITE", body="sendonly"),
            Answer(200, to="INVITE", body=audio("recvonly")),
            See("ACK"),
            See("INVITE", body="sendrecv"),
            AGAIN,
            See("ACK"),
            *GONE,
        ],
        DIALED,
        called_options="moh_passthrough=yes",
    ),
    "media go from phone to phone": Flow(
        [*ANSWERED, See("INVITE", body="m=audio 40002"), AGAIN, See("ACK"), Pause(0.3), *BYE],
        [*ANSWERS, See("INVITE", body="m=audio 40000"), AGAIN, See("ACK"), *TAKEN_BACK, *GONE],
        DIALED,
        caller_options="direct_media=yes",
        called_options="direct_media=yes",
    ),
    "changes of both sides meet": Flow(
        [*ANSWERED, See("INVITE", body="m=audio 40002"), AGAIN, See("ACK"), *TAKEN_BACK, See("BYE"), OK],
        [
            *ANSWERS,
            See("INVITE", body="m=audio 40000"),
            Say("INVITE", body=audio("sendrecv")),
            See(491),
            ACK,
            Answer(491, to="INVITE"),
            See("ACK"),
            See("INVITE", body="m=audio 40000"),
            AGAIN,
            See("ACK"),
            *BYE,
        ],
        DIALED,
        caller_options="direct_media=yes",
        called_options="direct_media=yes",
    ),
    # fax
    "fax": Flow(
        [
            *ANSWERED,
            Pause(0.1),
            Say("INVITE", body=IMAGE),
            See(200, body="m=image [1-9][0-9]* udptl t38"),
            ACK,
            Pause(0.2),
            *BYE,
        ],
        [
            *ANSWERS,
            See("INVITE", body="m=image [1-9][0-9]* udptl t38"),
            Answer(200, to="INVITE", body=FAX_ANSWER),
            See("ACK"),
            See("INVITE", body="m=audio [1-9]"),
            AGAIN,
            See("ACK"),
            *GONE,
        ],
        DIALED,
        caller_options=FAX,
        called_options=FAX,
    ),
    "fax that the called phone refuses": Flow(
        [*ANSWERED, Pause(0.1), Say("INVITE", body=IMAGE), See(488), ACK, Pause(0.2), *BYE],
        [*ANSWERS, See("INVITE", body="m=image"), Answer(488, to="INVITE"), See("ACK"), *GONE],
        DIALED,
        caller_options=FAX,
        called_options=FAX,
    ),
    # who calls
    "an identity that is trusted": Flow(
        [
            invite(P_Asserted_Identity='"Boss" <sip:77@127.0.0.1>'),
            See(100),
            See(180),
            See(200, {"P-Asserted-Identity": "bob"}),
            ACK,
            Pause(0.1),
            *BYE,
        ],
        [See("INVITE", {"From": "Boss.*sip:77@", "P-Asserted-Identity": "77"}), Answer(180), AGAIN, See("ACK"), *GONE],
        DIALED,
        caller_options='trust_id_inbound=yes\nsend_pai=yes\ncallerid="A" <1>',
        called_options='send_pai=yes\ncallerid="B" <bob>',
    ),
}
