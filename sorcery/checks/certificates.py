"""Certificates and keys of transports and of DTLS."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import attrs

from sorcery.checks.rule import Fault, rule
from sorcery.checks.system import System
from sorcery.checks.x509 import NotACertificate, Validity, key_fits, validity
from sorcery.findings import Severity
from sorcery.objects import Object
from sorcery.pjsip import Endpoint, Transport

__all__ = ["RULES"]

MODERN = frozenset({"tlsv1_2", "tlsv1_3", "sslv23"})
"""The methods that reach TLS 1.2 or 1.3."""
WARNED_BEFORE = timedelta(days=14)


@attrs.frozen(slots=True)
class _Pair:
    """A certificate and its key, as an object names them."""

    obj: Object
    option: str
    certificate: str
    key_option: str
    key: str
    password: str = ""


def _pairs(system: System) -> Iterator[_Pair]:
    """Yield each pair of files once, under the first object that names it."""
    known: set[tuple[str, str]] = set()
    for pair in (*_of_transports(system), *_of_endpoints(system)):
        if pair.certificate and (pair.certificate, pair.key) not in known:
            known.add((pair.certificate, pair.key))
            yield pair


def _of_transports(system: System) -> Iterator[_Pair]:
    for each in system.all(Transport):
        if each.protocol == "tls":
            yield _Pair(each, "cert_file", each.cert_file, "priv_key_file", each.priv_key_file, each.password.reveal())


def _of_endpoints(system: System) -> Iterator[_Pair]:
    for each in system.all(Endpoint):
        if each.dtls_cert_file:
            yield _Pair(each, "dtls_cert_file", each.dtls_cert_file, "dtls_private_key", each.dtls_private_key)


def _validity(path: str) -> Validity | None:
    try:
        return validity(path)
    except (NotACertificate, OSError):
        return None


@rule(
    "no-certificate",
    Severity.ERROR,
    what="A transport of protocol tls names no certificate, or no key.",
    why="It loads and listens, and every handshake fails: the key is never read from the file of the certificate.",
    mending="Write `cert_file` and `priv_key_file`.",
)
def no_certificate(system: System) -> Iterator[Fault]:
    for pair in _of_transports(system):
        for option, path in ((pair.option, pair.certificate), (pair.key_option, pair.key)):
            if not path:
                problem = f"there is no {option}, and every TLS handshake fails"
                yield Fault(problem=problem, remedy=f"write {option}=FILE", obj=pair.obj, option=option)


@rule(
    "not-a-certificate",
    Severity.ERROR,
    what="The file of a certificate holds none in PEM form.",
    why="Every handshake fails.",
    mending="Convert it: `openssl x509 -inform der -in FILE -out FILE.pem`.",
)
def not_a_certificate(system: System) -> Iterator[Fault]:
    for pair in _pairs(system):
        try:
            validity(pair.certificate)
        except NotACertificate as error:
            yield Fault(problem=str(error), remedy="name a file in PEM form", obj=pair.obj, option=pair.option)
        except OSError:
            continue  # the type itself refuses what cannot be read


@rule(
    "certificate-expired",
    Severity.ERROR,
    what="A certificate has expired, or does not hold yet.",
    why="Peers that verify it refuse the connection.",
    mending="Renew the certificate.",
)
def certificate_expired(system: System) -> Iterator[Fault]:
    for pair in _pairs(system):
        found = _validity(pair.certificate)
        if found is not None and not found.start <= system.now <= found.end:
            when = f"expired on {found.end:%Y-%m-%d}" if system.now > found.end else f"begins on {found.start:%Y-%m-%d}"
            yield Fault(problem=f"the certificate {when}", remedy="renew it", obj=pair.obj, option=pair.option)


@rule(
    "certificate-expiring",
    Severity.WARNING,
    what=f"A certificate expires within {WARNED_BEFORE.days} days.",
    why="Peers that verify it will refuse the connection.",
    mending="Renew the certificate.",
)
def certificate_expiring(system: System) -> Iterator[Fault]:
    for pair in _pairs(system):
        found = _validity(pair.certificate)
        if found is not None and found.start <= system.now <= found.end < system.now + WARNED_BEFORE:
            problem = f"the certificate expires on {found.end:%Y-%m-%d}"
            yield Fault(problem=problem, remedy="renew it", obj=pair.obj, option=pair.option)


@rule(
    "key-mismatch",
    Severity.ERROR,
    what="A private key does not belong to the certificate beside it.",
    why="Every handshake fails.",
    mending="Name the key that the certificate was made for.",
)
def key_mismatch(system: System) -> Iterator[Fault]:
    for pair in _pairs(system):
        if pair.key and _validity(pair.certificate) and not key_fits(pair.certificate, pair.key, pair.password):
            yield Fault(
                problem=f"the key is not that of {pair.certificate}",
                remedy="name the key that the certificate was made for",
                obj=pair.obj,
                option=pair.key_option,
            )


@rule(
    "old-tls",
    Severity.WARNING,
    what="A transport of protocol tls does not ask for TLS 1.2 or 1.3.",
    why="Without `method`, or with `default`, Asterisk offers TLS 1.0 and nothing else, which phones and OpenSSL "
    "refuse by now: every handshake fails.",
    mending="Write `method=tlsv1_2`, or `tlsv1_3`.",
)
def old_tls(system: System) -> Iterator[Fault]:
    for transport in system.all(Transport):
        if transport.protocol == "tls" and transport.method not in MODERN:
            yield Fault(
                problem=f"with method {transport.method} it offers versions of TLS that peers refuse",
                remedy="write method=tlsv1_2",
                obj=transport,
                option="method",
            )


RULES = (old_tls, no_certificate, not_a_certificate, certificate_expired, certificate_expiring, key_mismatch)
