"""The last-known-good image: a file that holds what stores held at one moment, for when they do not answer.

The first line names the format and the SHA-256 of all that follows: a line of JSON that tells the time and the stores,
then for each store its objects, one JSON line each, compressed.
"""

from __future__ import annotations

import json
import os
import stat
import zlib
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Table
from pathlib import Path
from typing import Any, Final

import attrs

from sorcery.environment import Environment, Setting
from sorcery.errors import ConfigurationError, InvalidObject, Unavailable
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.pace import paced
from sorcery.place import Place
from sorcery.replacing import replace
from sorcery.resolving import Resolvers, open_at_once
from sorcery.snapshot import Snapshot

__all__ = ["Contents", "Image", "ImageSettings", "image_settings", "image_types", "read_image", "write_image"]

MAGIC: Final = b"sorcery-image "
FORMAT: Final = MAGIC + b"1 sha256="
WEEK: Final = 7 * 24 * 3600


@attrs.frozen(slots=True)
class ImageSettings:
    """Where the image lies, and when it may be used: `[image]` in `sorcery.conf`, which Asterisk never reads."""

    file: Path
    maximum_age: int = WEEK
    """Seconds; 0 sets no limit."""
    types: tuple[str, ...] = ()
    """The types that it holds; empty for all that lie in stores that may be down."""
    secrets: Resolvers = attrs.field(factory=Resolvers)
    """Follows the references that it holds in the place of secrets."""

    @property
    def at(self) -> Place:
        """The image as a place that findings name."""
        return Place(str(self.file))


def image_settings(environment: Environment, file: Path | None = None) -> ImageSettings | None:
    """Return what `[image]` says, with another file if one is named, or None where there is to be no image.

    Raises `ConfigurationError`.
    """
    lines = {line.name.lower(): line for line in environment.sections.get("image", ())}
    for name, line in lines.items():
        if name not in ("file", "maximum_age", "types"):
            raise _refused(line, "there is no such option", "use one of: file, maximum_age, types")
    if file is None and "file" in lines:
        if not lines["file"].value:
            raise _refused(lines["file"], "no file is named", "write file = /var/lib/sorcery/last-good")
        file = environment.path(lines["file"].value)
    if file is None:
        if lines:
            first = next(iter(lines.values()))
            raise _refused(first, "no file is named in [image]", "write file = /var/lib/sorcery/last-good")
        return None
    age = lines.get("maximum_age", Setting("maximum_age", str(WEEK)))
    if not (age.value.isascii() and age.value.isdigit()):
        raise _refused(age, "this is no number of seconds", "write maximum_age = 86400, or 0 for no limit")
    types = tuple(image_types(lines["types"])) if "types" in lines else ()
    return ImageSettings(file.absolute(), int(age.value), types, environment.secrets)


def image_types(line: Setting) -> list[str]:
    """Return the types that a line `types` names."""
    return [name for name in map(str.strip, line.value.split(",")) if name]


def _refused(line: Setting, reason: str, remedy: str) -> ConfigurationError:
    return ConfigurationError(f"[image] {line.name}={line.value}: {reason}", place=line.place, remedy=remedy)


@attrs.frozen(slots=True, eq=False)
class Contents:
    """What one store held."""

    objects: Snapshot
    unreadable: frozenset[str] = frozenset()
    """The ids of which nothing can be said."""


@attrs.frozen(slots=True, eq=False)
class Image:
    """An image as it was read; objects are made when somebody asks for them."""

    time: float
    """When the stores were read, in seconds since the epoch."""
    _sections: Table[str, tuple[dict[str, Any], bytes]] = attrs.field(repr=False)

    def __contains__(self, store: str) -> bool:
        return store in self._sections

    def contents(self, store: str, object_type: ObjectType, secrets: Resolvers | None = None) -> Contents:
        """Return what a store held; raises `KeyError` for one that the image does not know.

        Nothing can be said of an object whose secret cannot be found now.
        """
        about, packed = self._sections[store]
        objects: dict[str, Object] = {}
        unreadable = set(about["unreadable"])
        for line in zlib.decompress(packed).splitlines():
            id, pairs = json.loads(line)
            try:
                objects[id] = object_type.build(id, ((name, text) for name, text in pairs), secrets=secrets)
            except (InvalidObject, Unavailable):
                unreadable.add(id)  # written by another release, which took it
        return Contents(Snapshot(objects), frozenset(unreadable))


def write_image(file: Path, time: float, stores: Table[str, tuple[Iterable[Object], Iterable[str]]]) -> None:
    """Replace an image by one of some stores, by name: their objects, and the ids of which nothing can be said.

    Whoever reads the file finds the old image or the new one, also after a crash. Only the owner may read it: it
    holds passwords. Raises `ConfigurationError` where the file cannot be written, or is something else than an image.
    """
    heads, bodies = [], []
    for name, (objects, unreadable) in stores.items():
        bodies.append(_packed(objects))
        heads.append({"store": name, "size": len(bodies[-1]), "unreadable": sorted(unreadable)})
    content = b"".join([json.dumps({"time": time, "stores": heads}).encode() + b"\n", *bodies])
    try:
        _require_image(file)
        replace(file, FORMAT + _digest(content) + b"\n" + content)
    except OSError as error:
        raise ConfigurationError(
            f"the image cannot be written: {error.strerror}",
            place=Place(str(file)),
            remedy="name a file in a folder that exists, and that this user may write to",
        ) from error


def _require_image(file: Path) -> None:
    """Raise `ConfigurationError` where something else lies than an image: a wrong name must not cost a `pjsip.conf`."""
    if not file.exists():
        return
    is_image = False
    if file.is_file():
        with file.open("rb") as opened:
            is_image = opened.read(len(MAGIC)) in (b"", MAGIC)
    if not is_image:
        raise ConfigurationError(
            "no image is written: what lies there is none", place=Place(str(file)), remedy="name another file"
        )


def _packed(objects: Iterable[Object]) -> bytes:
    packer = zlib.compressobj(level=1)
    parts = [packer.compress(json.dumps([obj.id, obj.settings()]).encode() + b"\n") for obj in paced(objects)]
    return b"".join([*parts, packer.flush()])


def _digest(content: bytes) -> bytes:
    import hashlib  # it brings OpenSSL: 10 ms of every start, for what few use

    return hashlib.sha256(content).hexdigest().encode()


def read_image(file: Path) -> Image | None:
    """Return an image, or None where there is none; raises `ConfigurationError` for one that is not to be trusted."""
    try:
        with open(file, "rb", opener=open_at_once) as opened:
            status = os.fstat(opened.fileno())
            content = opened.read() if stat.S_ISREG(status.st_mode) else b""
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _distrusted(file, f"it cannot be read: {error.strerror}") from error
    if not stat.S_ISREG(status.st_mode):
        raise _distrusted(file, "it is no regular file")
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH) or status.st_uid not in (0, os.geteuid()):
        raise _distrusted(file, "others can write it", f"let its owner alone write it: chmod 600 {file}")
    head, _, rest = content.partition(b"\n")
    if head and not head.startswith(MAGIC):
        raise _distrusted(file, "it is no image", "name another file")
    if not head.startswith(FORMAT):
        raise _distrusted(file, "it is no image of this version")
    if head.removeprefix(FORMAT) != _digest(rest):
        raise _distrusted(file, "it is damaged: its checksum does not hold")
    about, _, bodies = rest.partition(b"\n")
    known = json.loads(about)
    return Image(known["time"], dict(_sections(known["stores"], bodies)))


def _sections(heads: Iterable[dict[str, Any]], bodies: bytes) -> Iterator[tuple[str, tuple[dict[str, Any], bytes]]]:
    start = 0
    for head in heads:
        yield head["store"], (head, bodies[start : start + head["size"]])
        start += head["size"]


def _distrusted(file: Path, reason: str, remedy: str = "remove it; a new one is written") -> ConfigurationError:
    return ConfigurationError(f"the image is not used: {reason}", place=Place(str(file)), remedy=remedy)
