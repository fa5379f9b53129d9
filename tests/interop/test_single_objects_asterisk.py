"""Objects of which there is one, and what Asterisk makes of several: a running one prints them as we do."""

from pathlib import Path

import pytest

from sorcery import Sorcery
from sorcery.pjsip import (
    AriGeneral,
    AriOutboundWebsocket,
    ChanWebsocketGlobal,
    StirShakenAttestation,
    StirShakenProfile,
    StirShakenVerification,
)
from tests.interop.asterisk import Asterisk
from tests.interop.objects import asked, comparable, known_there, printed

pytestmark = pytest.mark.interop

FILES = {
    "ari.conf": """\
[general]
enabled=yes
channelvars=a,b
websocket_write_timeout=-1
[interop]
type=user
password=interop
[out]
type=outbound_websocket
websocket_client_id=client
apps=a , b
local_ari_user=interop
""",
    "websocket_client.conf": "[client]\ntype=websocket_client\nuri=ws://127.0.0.1:9\nconnection_type=per_call_config\n",
    "chan_websocket.conf": "[global]\ncontrol_message_format=JSON\n",
    "stir_shaken.conf": """\
[attestation]
attest_level=b
unknown_tn_attest_level=C
check_tn_cert_public_url=not_set
send_mky=on
[verification]
cert_cache_dir=/tmp
failure_action=reject_request
use_rfc9410_responses=yes
curl_timeout=7
[plain]
type=profile
[on]
type=profile
endpoint_behavior=on
curl_timeout=9
x5u_acl=office
send_mky=no
load_system_certs=yes
[action]
type=profile
failure_action=continue_return_reason
x5u_deny=192.0.2.0/24
""",
}
"""No path but `/tmp`, which there is inside of Asterisk's root and outside."""
SINGLE = (AriGeneral, AriOutboundWebsocket, ChanWebsocketGlobal, StirShakenAttestation, StirShakenVerification)


def test_single_objects_and_effective_profiles_are_those_of_asterisk(asterisk_root: Path) -> None:
    with Asterisk(asterisk_root, FILES) as asterisk, Sorcery.open(asterisk.configuration, compat=True) as s:
        assert not s.report.errors
        for cls in SINGLE:
            (obj,) = s.retrieve_all(cls)
            said = asked(asterisk, cls.__sorcery__, obj.id)
            assert said is not None
            assert comparable(said) == comparable(known_there(obj, printed(obj)))
        attestation = s.retrieve_by_id(StirShakenAttestation, "attestation")
        verification = s.retrieve_by_id(StirShakenVerification, "verification")
        for profile in s.retrieve_all(StirShakenProfile):
            effective = profile.effective(attestation, verification, compat=True)
            said = asked(asterisk, effective.__sorcery__, profile.id)
            assert said is not None
            assert comparable(said) == comparable(printed(effective))
