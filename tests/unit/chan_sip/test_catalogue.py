"""The table of all options of chan_sip."""

from __future__ import annotations

import runpy
from collections import Counter
from pathlib import Path

import pytest

from sorcery.chan_sip import CATALOGUE, SipOption, Where
from sorcery.chan_sip.catalogue import PEER
from sorcery.pjsip import TYPES
from tests.unit.chan_sip.sip import converted

ROOT = Path(__file__).parents[3]
BY_NAME = {cls.__sorcery__.name: cls.__sorcery__ for cls in TYPES}
COLUMNS = (
    *("id", "name", "ipaddr", "port", "regseconds", "defaultuser", "fullcontact", "regserver", "useragent", "lastms"),
    *("host", "type", "context", "permit", "deny", "secret", "md5secret", "remotesecret", "transport", "dtmfmode"),
    *("directmedia", "nat", "callgroup", "pickupgroup", "language", "disallow", "allow", "insecure", "trustrpid"),
    *("progressinband", "promiscredir", "useclientcode", "accountcode", "setvar", "callerid", "amaflags"),
    *("callcounter", "busylevel", "allowoverlap", "allowsubscribe", "videosupport", "maxcallbitrate"),
    *("rfc2833compensate", "mailbox", "session-timers", "session-expires", "session-minse", "session-refresher"),
    *("t38pt_usertpsource", "regexten", "fromdomain", "fromuser", "qualify", "defaultip", "rtptimeout"),
    *("rtpholdtimeout", "sendrpid", "outboundproxy", "callbackextension", "timert1", "timerb", "qualifyfreq"),
    *("constantssrc", "contactpermit", "contactdeny", "usereqphone", "textsupport", "faxdetect", "buggymwi", "auth"),
    *("fullname", "trunkname", "cid_number", "callingpres", "mohinterpret", "mohsuggest", "parkinglot"),
    *("hasvoicemail", "subscribemwi", "vmexten", "autoframing", "rtpkeepalive", "call-limit", "g726nonstandard"),
    *("ignoresdpversion", "allowtransfer", "dynamic", "path", "supportpath"),
)
"""What the table `sippeers` has where Asterisk's own migrations made it."""


def test_there_are_all_that_the_last_release_documents() -> None:
    assert len(CATALOGUE) > 230


@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_of_the_table_of_peers_is_an_option(column: str) -> None:
    assert column in PEER


def test_no_name_stands_twice_in_one_place() -> None:
    places = {Where.GENERAL: "g", Where.PEER: "p", Where.BOTH: "gp", Where.AUTHENTICATION: "a"}
    counted = Counter((name, place) for each in CATALOGUE for place in places[each.where] for name in each.names)
    assert [key for key, count in counted.items() if count > 1] == []


@pytest.mark.parametrize("option", [each for each in CATALOGUE if each.target], ids=lambda each: each.name)
def test_a_target_is_an_option_of_ours(option: SipOption) -> None:
    type_name, _, name = option.target.partition("/")
    assert BY_NAME[type_name].option(name) is not None


@pytest.mark.parametrize("option", [each for each in CATALOGUE if each.is_lost], ids=lambda each: each.name)
def test_what_is_lost_has_a_reason(option: SipOption) -> None:
    assert option.why


@pytest.mark.parametrize("option", CATALOGUE, ids=lambda each: f"{each.name}-{each.where.name}")
@pytest.mark.parametrize("value", ["yes", "no", "7", ""])
def test_each_option_is_told_once_wherever_it_may_stand(option: SipOption, value: str) -> None:
    line = f"{option.name} = {value}\n"
    where = {Where.GENERAL: ("general",), Where.PEER: ("p",), Where.BOTH: ("general", "p")}
    for section in where.get(option.where, ("authentication",)):
        head = "" if section in ("general", "authentication") else "type = friend\nhost = dynamic\n"
        made = converted(f"[{section}]\n{head}{line}" + ("[q]\ntype = friend\n" if section == "general" else ""))
        told = [each for each in made.notes if each.place.line == 2 + head.count("\n")]
        assert [(each.section, each.option) for each in told] == [(section, option.name)]
        assert "no such option" not in told[0].why


def test_the_page_of_all_options_is_up_to_date() -> None:
    page = runpy.run_path(str(ROOT / "docs/generate_chan_sip.py"))["page"]()
    there = (ROOT / "docs/reference/chan-sip.md").read_text(encoding="utf-8")
    assert page == there, "run docs/generate_chan_sip.py"
