"""An object of ours in the form that ARI gives, made comparable with what ARI said of it."""

from collections import defaultdict

from sorcery.objects import Object
from tests.interop.asterisk import Attributes

HASH_ORDERED = ("named_call_group", "named_pickup_group")
ALL_CODECS = 20  # a list of more codecs came from `all` and is what the build knows


def printed(obj: Object) -> Attributes:
    """Return what an object of ours prints: a list where an attribute repeats, as `Asterisk.ari_get` has it."""
    values = defaultdict[str, list[str]](list)
    for name, text in obj.objectset(compat=True):
        values[name].append(text)
    return {name: texts[0] if len(texts) == 1 else texts for name, texts in values.items()}


def comparable(attributes: Attributes) -> Attributes:
    """Leave out what one build alone says, and bring what is printed in the order of a hash into an order."""
    return {name: _in_order(name, value) for name, value in attributes.items() if not _of_one_build(name, value)}


def _of_one_build(name: str, value: str | list[str]) -> bool:
    return (name == "user_agent" and str(value).startswith("Asterisk PBX")) or (
        name == "allow" and str(value).count("|") > ALL_CODECS
    )


def _in_order(name: str, value: str | list[str]) -> str | list[str]:
    if isinstance(value, list):
        return sorted(value)
    return sorted(value.split(", ")) if name in HASH_ORDERED else value
