"""The object types of buckets: `bucket/bucket` and `bucket/file`."""

from __future__ import annotations

from datetime import datetime

from sorcery.kinds import Text
from sorcery.objects import Object, object_type
from sorcery.options import Value, option
from sorcery.pjsip.kinds.moments import Moment

__all__ = ["BucketBucket", "BucketFile"]

_SCHEME = option(Text(), default="", doc="URI scheme that stores it.")
_CREATED = option(Moment(), default="", doc="Creation time.")
_MODIFIED = option(Moment(), default="", doc="Last change.")


@object_type("bucket/bucket", section="core")
class BucketBucket(Object):
    """A container of files; the id is its URI, whose scheme says which part of Asterisk keeps it."""

    scheme: str = _SCHEME
    created: Value[datetime] = _CREATED
    modified: Value[datetime] = _MODIFIED


@object_type("bucket/file", section="core")
class BucketFile(Object):
    """A file in a bucket; the id is its URI."""

    scheme: str = _SCHEME
    created: Value[datetime] = _CREATED
    modified: Value[datetime] = _MODIFIED
