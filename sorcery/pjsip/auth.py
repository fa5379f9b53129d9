"""The object type `auth`."""

from __future__ import annotations

from sorcery.draft import Draft
from sorcery.kinds import Choice, Refused, SecretText, Text
from sorcery.objects import Object, object_type, rule
from sorcery.options import Value, alias, option
from sorcery.pjsip.kinds.digests import Algorithms, Digests, MD5Digest, PasswordDigests, SupportedAlgorithms
from sorcery.pjsip.kinds.durations import Duration, Lasting
from sorcery.secret import Secret

__all__ = ["Auth"]


@object_type(
    "auth",
    section="res_pjsip",
    family="ps_auths",
    conf="pjsip.conf",
    inherits="global",
    is_part=True,
    since=("12.0.0",),
)
class Auth(Object):
    """One user of one realm: the credentials that a challenge is checked against or answered with."""

    username: str = option(Text(), doc="User name of the credentials.", since=("12.0.0",))
    password: Value[Secret] = option(
        SecretText(), default="", doc="Plain-text password.", since=("12.0.0",), secret=True
    )
    refresh_token: Value[Secret] = option(
        SecretText(), default="", doc="OAuth refresh token.", since=("17.0.0",), secret=True
    )
    oauth_clientid: str = option(Text(), default="", doc="OAuth client id.", since=("17.0.0",))
    oauth_secret: Value[Secret] = option(
        SecretText(), default="", doc="OAuth client secret.", since=("17.0.0",), secret=True
    )
    md5_cred: Value[Digests] = alias(
        "password_digest",
        MD5Digest(),
        default="",
        doc="MD5 digest of user:realm:password.",
        since=("12.0.0",),
        secret=True,
        successor="password_digest",
        is_field=True,
        is_printed=True,
    )
    realm: str = option(Text(), default="", doc="Digest realm.", since=("12.0.0",))
    nonce_lifetime: Lasting[int] = option(
        Duration(), default="32", doc="Seconds a nonce stays valid.", since=("12.0.0",)
    )
    auth_type: str = option(
        Choice("userpass", "md5", "digest", "google_oauth"),
        default="userpass",
        doc="What kind of credentials the object holds.",
        since=("12.0.0",),
    )
    password_digest: Value[Digests] = option(
        PasswordDigests(),
        default="",
        doc="Pre-computed digests, ALGORITHM:HEX separated by commas.",
        since=("20.12.0", "21.7.0", "22.2.0"),
        secret=True,
    )
    supported_algorithms_uac: Value[Algorithms] = option(
        SupportedAlgorithms(),
        default="",
        doc="Digest algorithms to answer challenges with.",
        since=("20.12.0", "21.7.0", "22.2.0"),
    )
    supported_algorithms_uas: Value[Algorithms] = option(
        SupportedAlgorithms(),
        default="",
        doc="Digest algorithms to challenge with.",
        since=("20.12.0", "21.7.0", "22.2.0"),
    )

    @rule(sets=("supported_algorithms_uac", "supported_algorithms_uas"))
    def algorithm_defaults(draft: Draft) -> None:
        """Algorithms that were not written are those of the `global` object, or MD5."""
        for name in ("supported_algorithms_uac", "supported_algorithms_uas"):
            if not draft[name].inherited:
                continue
            if draft["auth_type"] == "google_oauth":
                draft[name] = Algorithms((), inherited=True)
            elif name in draft.inherited:
                draft[name] = Algorithms(tuple(draft.inherited[name]), inherited=True)
            elif not draft[name]:
                draft[name] = SupportedAlgorithms.zero

    @rule(sets=())
    def credentials(draft: Draft) -> None:
        """Every algorithm needs its digest, or a password to make it from; OAuth needs its three tokens."""
        if draft["auth_type"] == "google_oauth":
            missing = [name for name in ("refresh_token", "oauth_clientid", "oauth_secret") if not draft[name]]
            if missing:
                raise Refused(f"google_oauth needs {' and '.join(missing)}", option="auth_type")
            return
        if draft["password"]:
            return
        for name in ("supported_algorithms_uas", "supported_algorithms_uac"):
            for algorithm in draft[name]:
                if algorithm not in draft["password_digest"]:
                    raise Refused(
                        f"there is neither a password nor a digest for {algorithm}",
                        f"write password, or password_digest={algorithm}:…, or name other algorithms in {name}",
                    )
