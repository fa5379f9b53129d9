"""Names asked for: of the system, and of name servers."""

from __future__ import annotations

import asyncio
import builtins
from typing import Any

import dns.asyncresolver
import dns.message
import dns.rdatatype
import dns.resolver
import dns.rrset
import pytest

from sorcery_sip.modules.dns import DnsNames, Naptr, Srv, SystemNames, name_service


class Servers:
    """A resolver of dnspython whose name servers know these records."""

    def __init__(self, *records: str) -> None:
        self._sets = [_record(record) for record in records]

    async def resolve(self, name: str, kind: str) -> Any:
        for found in self._sets:
            if (found.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(found.rdtype)) == (name, kind):
                return found
        raise dns.resolver.NXDOMAIN


def _record(text: str) -> dns.rrset.RRset:
    name, ttl, in_, kind, data = text.split(maxsplit=4)
    return dns.rrset.from_text(name, int(ttl), in_, kind, data)


def names(*records: str) -> DnsNames:
    return DnsNames(Servers(*records))  # type: ignore[arg-type]


def test_the_system_knows_the_hosts_file_and_each_address_once() -> None:
    found = asyncio.run(SystemNames().addresses("localhost"))
    assert "127.0.0.1" in found
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("host", ["a..b", "x" * 70])
def test_a_name_that_cannot_be_has_no_addresses(host: str) -> None:
    assert asyncio.run(SystemNames().addresses(host)) == ()


def test_a_name_that_nobody_knows_has_no_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(*_: object, **__: object) -> None:
        raise OSError("Name or service not known")

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", unknown)
    assert asyncio.run(SystemNames().addresses("nobody.example")) == ()


def test_the_system_knows_no_servers_of_services() -> None:
    system = SystemNames()
    assert asyncio.run(system.srv("_sip._udp.example.com")) == ()
    assert asyncio.run(system.naptr("example.com")) == ()


def test_srv_records_are_read() -> None:
    known = names("_sip._udp.example.com. 60 IN SRV 10 20 5070 pbx.example.com.")
    assert asyncio.run(known.srv("_sip._udp.example.com")) == (Srv(10, 20, 5070, "pbx.example.com"),)


def test_a_service_that_is_not_available_has_an_empty_target() -> None:
    known = names("_sip._udp.example.com. 60 IN SRV 0 0 0 .")
    assert asyncio.run(known.srv("_sip._udp.example.com"))[0].target == ""


def test_naptr_records_that_lead_to_srv_are_read() -> None:
    known = names('example.com. 60 IN NAPTR 10 50 "s" "SIP+D2U" "" _sip._udp.example.com.')
    assert asyncio.run(known.naptr("example.com")) == (Naptr(10, 50, "SIP+D2U", "_sip._udp.example.com"),)


def test_naptr_records_of_other_kinds_are_passed_over() -> None:
    known = names('example.com. 60 IN NAPTR 10 50 "u" "E2U+sip" "!^.*$!sip:x@h!" .')
    assert asyncio.run(known.naptr("example.com")) == ()


def test_what_name_servers_do_not_know_has_no_records() -> None:
    assert asyncio.run(names().srv("_sip._udp.example.com")) == ()
    assert asyncio.run(names().naptr("example.com")) == ()


def test_without_dnspython_the_system_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    true_import = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("dns."):
            raise ImportError(name)
        return true_import(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    assert type(name_service()) is SystemNames


def test_without_a_configuration_of_name_servers_the_system_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise dns.resolver.NoResolverConfiguration

    monkeypatch.setattr(dns.asyncresolver, "Resolver", refuse)
    assert type(name_service()) is SystemNames
    monkeypatch.setattr(dns.asyncresolver, "Resolver", Servers)
    assert type(name_service()) is DnsNames
