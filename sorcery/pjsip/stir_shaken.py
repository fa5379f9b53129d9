"""The object types of STIR/SHAKEN (RFC 8224, RFC 8588): who vouches for a caller's number, and who believes it."""

from __future__ import annotations

from typing import Any

import attrs

from sorcery.draft import Draft
from sorcery.kinds import Boolean, Choice, Integer, Text
from sorcery.objects import Object, object_type, rule
from sorcery.options import Option, Value, alias, option
from sorcery.pjsip.kinds.access import AccessList, AccessNames, AccessRules
from sorcery.pjsip.kinds.choices import ATTEST_LEVEL, TRI_STATE, FallbackChoice, OptionalChoice
from sorcery.pjsip.kinds.durations import Duration, Lasting
from sorcery.pjsip.kinds.pem import CERTIFICATES, CRLS, KEYS, check_directory, check_pem
from sorcery.pjsip.kinds.words import YES_NO

__all__ = [
    "StirShakenAttestation",
    "StirShakenEprofile",
    "StirShakenProfile",
    "StirShakenTn",
    "StirShakenVerification",
]

_FIRST = ("18.22.0", "20.7.0", "21.2.0")
_FAILURE_ACTION = FallbackChoice("continue", "reject_request", "continue_return_reason")
_FAILURE_DOC = "What to do when verification fails."
_OPEN = {Integer: "0", Duration: "0", Choice: "not_set"}
"""The texts that leave an option to a more general object."""


def _text(doc: str) -> Any:
    return option(Text(), default="", doc=doc, since=_FIRST)


def _number(doc: str, default: str) -> Any:
    return option(Integer(), default=default, doc=doc, since=_FIRST)


def _seconds(doc: str, default: str) -> Any:
    return option(Duration(), default=default, doc=doc, since=_FIRST)


def _tri_state(doc: str, since: tuple[str, ...] = _FIRST) -> Any:
    return option(TRI_STATE, default="no", doc=doc, since=since)


def _disable() -> Any:
    return option(Boolean(YES_NO), default="no", doc="Switch the service off for all profiles.", since=_FIRST)


def _open(general: type[Object], name: str) -> Any:
    """Return an option of a more general object as a special one has it: open until it is set."""
    found: Option = general.__sorcery__.options[name]
    return found if found.is_alias else attrs.evolve(found, default=_OPEN.get(type(found.kind), ""))


def _check_key(draft: Draft) -> None:
    if draft["private_key_file"]:
        check_pem(draft["private_key_file"], KEYS, option="private_key_file")


def _check_stores(draft: Draft) -> None:
    """Refuse files and directories of certificates that cannot be used."""
    for name, labels in (("ca_file", CERTIFICATES), ("crl_file", CRLS), ("untrusted_cert_file", CERTIFICATES)):
        if draft[name]:
            check_pem(draft[name], labels, option=name)
    for name in ("ca_path", "crl_path", "untrusted_cert_path"):
        if draft[name]:
            check_directory(draft[name], option=name)
    if draft["cert_cache_dir"]:
        check_directory(draft["cert_cache_dir"], option="cert_cache_dir", writable=True)


@object_type(
    "stir_shaken/attestation",
    section="res_stir_shaken",
    conf="stir_shaken.conf",
    optional=True,
    single=True,
    explicit_name="attestation",
    since=("18.22.0", "20.7.0", "21.2.0"),
)
class StirShakenAttestation(Object):
    """How calls are attested unless a number or a profile says otherwise."""

    global_disable: bool = _disable()
    unknown_tn_attest_level: str = option(
        ATTEST_LEVEL,
        default="not_set",
        doc="Attestation used for numbers without a tn object; not_set sends none.",
        since=("20.12.0", "21.7.0", "22.2.0"),
    )
    private_key_file: str = _text("Private key file used for signing, in PEM.")
    public_cert_url: str = _text("URL of the public certificate.")
    attest_level: str = option(ATTEST_LEVEL, default="not_set", doc="Attestation level.", since=_FIRST)
    check_tn_cert_public_url: str = _tri_state("Fetch and check public_cert_url at load.")
    send_mky: str = _tri_state("Send an mky grant for DTLS calls.")

    @rule
    def key(draft: Draft) -> None:
        """What is signed with must be a key."""
        _check_key(draft)


@object_type(
    "stir_shaken/tn",
    section="res_stir_shaken",
    family="stir_tn",
    conf="stir_shaken.conf",
    optional=True,
    since=("18.22.0", "20.7.0", "21.2.0"),
)
class StirShakenTn(Object):
    """How calls from one telephone number are attested; the id is the number."""

    private_key_file: str = _open(StirShakenAttestation, "private_key_file")
    public_cert_url: str = _open(StirShakenAttestation, "public_cert_url")
    attest_level: str = _open(StirShakenAttestation, "attest_level")
    check_tn_cert_public_url: str = _open(StirShakenAttestation, "check_tn_cert_public_url")
    send_mky: str = _open(StirShakenAttestation, "send_mky")

    @rule
    def key(draft: Draft) -> None:
        """What is signed with must be a key."""
        _check_key(draft)


@object_type(
    "stir_shaken/verification",
    section="res_stir_shaken",
    conf="stir_shaken.conf",
    optional=True,
    single=True,
    explicit_name="verification",
    since=("18.22.0", "20.7.0", "21.2.0"),
)
class StirShakenVerification(Object):
    """How the attestation of incoming calls is verified unless a profile says otherwise.

    Without any `x5u_` rule certificates are fetched from everywhere but special-purpose networks. An empty
    `cert_cache_dir` is `keys/stir_shaken/cache` in Asterisk's data directory.
    """

    global_disable: bool = _disable()
    ca_file: str = _text("Trusted CA certificates.")
    ca_path: str = _text("Directory of hashed CA certificates.")
    crl_file: str = _text("Revocation lists.")
    crl_path: str = _text("Directory of hashed revocation lists.")
    untrusted_cert_file: str = _text("Untrusted certificates for CRL checking.")
    untrusted_cert_path: str = _text("Directory of the same.")
    cert_cache_dir: str = _text("Cache directory for fetched certificates.")
    curl_timeout: Lasting[int] = _seconds("Seconds a download may take.", "2")
    max_iat_age: Lasting[int] = _seconds("Oldest acceptable iat in seconds.", "15")
    max_date_header_age: Lasting[int] = _seconds("Oldest acceptable Date header in seconds.", "15")
    max_cache_entry_age: Lasting[int] = _seconds("Seconds a cached certificate is used.", "3600")
    max_cache_size: int = _number("Most cached certificates.", "1000")
    failure_action: str = option(_FAILURE_ACTION, default="continue", doc=_FAILURE_DOC, since=_FIRST)
    use_rfc9410_responses: str = _tri_state("Use the STIR protocol value in Reason headers.")
    relax_x5u_port_scheme_restrictions: str = _tri_state("Allow x5u URLs that are not https on 443 or 8443.")
    relax_x5u_path_restrictions: str = _tri_state("Allow x5u URLs with query, user or password parts.")
    load_system_certs: str = _tri_state("Also trust the system CA certificates.")
    ignore_sip_date_header: str = _tri_state(
        "Do not fail on a missing or bad Date header.", ("20.15.0", "21.10.0", "22.5.0")
    )
    x5u_deny: Value[AccessList] = alias(
        "x5u_acl",
        AccessRules(permit=False),
        default="",
        doc="Networks refused for certificate URLs.",
        since=_FIRST,
        is_field=True,
    )
    x5u_permit: Value[AccessList] = alias(
        "x5u_acl",
        AccessRules(permit=True),
        default="",
        doc="Networks accepted for certificate URLs.",
        since=_FIRST,
        is_field=True,
    )
    x5u_acl: Value[AccessList] = option(
        AccessNames(built_in=True),
        default="",
        doc="acl.conf ACLs for certificate URLs.",
        since=_FIRST,
        may_refer_to="acl.conf",
    )

    @rule
    def stores(draft: Draft) -> None:
        """Files and directories must be usable."""
        _check_stores(draft)


@object_type(
    "stir_shaken/profile",
    section="res_stir_shaken",
    conf="stir_shaken.conf",
    optional=True,
    since=("18.22.0", "20.7.0", "21.2.0"),
)
class StirShakenProfile(Object):
    """What STIR/SHAKEN does for the endpoints that name the profile; what it leaves open, the general objects say."""

    endpoint_behavior: str = option(
        FallbackChoice("off", "attest", "verify", "on", aliases={"none": "off", "both": "on"}),
        default="off",
        doc="Which services an endpoint using the profile gets.",
        since=_FIRST,
    )
    unknown_tn_attest_level: str = _open(StirShakenAttestation, "unknown_tn_attest_level")
    ca_file: str = _open(StirShakenVerification, "ca_file")
    ca_path: str = _open(StirShakenVerification, "ca_path")
    crl_file: str = _open(StirShakenVerification, "crl_file")
    crl_path: str = _open(StirShakenVerification, "crl_path")
    untrusted_cert_file: str = _open(StirShakenVerification, "untrusted_cert_file")
    untrusted_cert_path: str = _open(StirShakenVerification, "untrusted_cert_path")
    cert_cache_dir: str = _open(StirShakenVerification, "cert_cache_dir")
    curl_timeout: Lasting[int] = _open(StirShakenVerification, "curl_timeout")
    max_iat_age: Lasting[int] = _open(StirShakenVerification, "max_iat_age")
    max_date_header_age: Lasting[int] = _open(StirShakenVerification, "max_date_header_age")
    max_cache_entry_age: Lasting[int] = _open(StirShakenVerification, "max_cache_entry_age")
    max_cache_size: int = _open(StirShakenVerification, "max_cache_size")
    failure_action: Value[str | None] = option(
        OptionalChoice(_FAILURE_ACTION, unset="continue"), default="", doc=_FAILURE_DOC, since=_FIRST
    )
    use_rfc9410_responses: str = _open(StirShakenVerification, "use_rfc9410_responses")
    relax_x5u_port_scheme_restrictions: str = _open(StirShakenVerification, "relax_x5u_port_scheme_restrictions")
    relax_x5u_path_restrictions: str = _open(StirShakenVerification, "relax_x5u_path_restrictions")
    load_system_certs: str = _open(StirShakenVerification, "load_system_certs")
    ignore_sip_date_header: str = _open(StirShakenVerification, "ignore_sip_date_header")
    x5u_deny: Value[AccessList] = _open(StirShakenVerification, "x5u_deny")
    x5u_permit: Value[AccessList] = _open(StirShakenVerification, "x5u_permit")
    x5u_acl: Value[AccessList] = option(
        AccessNames(),
        default="",
        doc="acl.conf ACLs for certificate URLs.",
        since=_FIRST,
        may_refer_to="acl.conf",
    )
    private_key_file: str = _open(StirShakenAttestation, "private_key_file")
    public_cert_url: str = _open(StirShakenAttestation, "public_cert_url")
    attest_level: str = _open(StirShakenAttestation, "attest_level")
    check_tn_cert_public_url: str = _open(StirShakenAttestation, "check_tn_cert_public_url")
    send_mky: str = _open(StirShakenAttestation, "send_mky")

    @rule
    def files(draft: Draft) -> None:
        """The files of a service are looked at where the profile has that service."""
        if draft["endpoint_behavior"] in ("attest", "on"):
            _check_key(draft)
        if draft["endpoint_behavior"] in ("verify", "on"):
            _check_stores(draft)

    def effective(
        self,
        attestation: StirShakenAttestation | None = None,
        verification: StirShakenVerification | None = None,
        *,
        compat: bool = False,
    ) -> StirShakenEprofile:
        """Return the profile with all that it leaves open filled from the general objects, or from their defaults.

        `compat` takes a missing `failure_action` for `continue`, as Asterisk does: a defect.
        """
        own = StirShakenProfile.__sorcery__.start
        values: dict[str, Any] = {}
        general = (
            verification or StirShakenVerification("verification"),
            attestation or StirShakenAttestation("attestation"),
        )
        for each in general:
            values |= {name: getattr(each, name) for name in each.__sorcery__.start if name in own}
        values |= {name: value for name, start in own.items() if (value := getattr(self, name)) != start}
        if compat:
            values["failure_action"] = self.failure_action or "continue"
        return StirShakenEprofile(self.id, **values)


@object_type("stir_shaken/eprofile", section="")
class StirShakenEprofile(StirShakenProfile):
    """An effective profile, which leaves nothing open; Asterisk makes one of each profile and keeps it in memory."""

    x5u_acl: Value[AccessList] = option(
        AccessNames(built_in=True),
        default="",
        doc="acl.conf ACLs for certificate URLs.",
        since=_FIRST,
        may_refer_to="acl.conf",
    )
