"""An object of ours in the form that ARI gives, made comparable with what ARI said of it."""

import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from tests.interop.asterisk import Asterisk, Attributes

TABLE = json.loads((Path(__file__).parents[1] / "data/pjsip-objects.json").read_text(encoding="utf-8"))
LATER = {
    (name, option["name"])
    for name, told in TABLE.items()
    for option in told["options"]
    if "absent_in_22_10_1" in option
}
"""(type, option) of what Asterisk 22.10.1 does not know yet."""
HASH_ORDERED = ("named_call_group", "named_pickup_group")
ALL_CODECS = 20  # a list of more codecs came from `all` and is what the build knows


def printed(obj: Object) -> Attributes:
    """Return what an object of ours prints: a list where an attribute repeats, as `Asterisk.ari_get` has it."""
    values = defaultdict[str, list[str]](list)
    for name, text in obj.objectset(compat=True):
        values[name].append(text)
    return {name: texts[0] if len(texts) == 1 else texts for name, texts in values.items()}


def asked(asterisk: Asterisk, own: ObjectType, id: str) -> Attributes | None:
    """Return what a running Asterisk prints of an object of any type."""
    is_pjsip = own.conf == "pjsip.conf" or own.section.startswith("res_pjsip")
    instance = "res_pjsip" if is_pjsip else own.section or f"res_{own.name.partition('/')[0]}"
    return asterisk.ari_get(own.plain_name, id, instance=instance)


def known_there(obj: Object, attributes: Attributes) -> Attributes:
    """Leave out of what we print the options that Asterisk 22.10.1 does not know yet."""
    return {name: value for name, value in attributes.items() if (obj.__sorcery__.name, name) not in LATER}


def section(name: str, type_name: str, lines: Iterable[tuple[str, str]]) -> str:
    """Return an object as a section of a file; a text must have no line break, and no blank at its ends."""
    body = (f"{key} = {text.replace(';', chr(92) + ';')}" for key, text in lines)
    return "\n".join([f"[{name}]", f"type = {type_name}", *body, "", ""])


def comparable(attributes: Attributes) -> Attributes:
    """Leave out what one build alone says, and bring what is printed in the order of a hash into an order."""
    return {name: _in_order(name, value) for name, value in attributes.items() if not _of_one_build(name, value)}


def _of_one_build(name: str, value: str | list[str]) -> bool:
    return (
        (name == "user_agent" and str(value).startswith("Asterisk PBX"))
        or (name == "allow" and str(value).count("|") > ALL_CODECS)
        or (name == "cert_cache_dir" and (not value or str(value).endswith("/keys/stir_shaken/cache")))
    )


def _in_order(name: str, value: str | list[str]) -> str | list[str]:
    if isinstance(value, list):
        return sorted(value)
    return sorted(value.split(", ")) if name in HASH_ORDERED else value
