"""Header fields: an ordered multi-map that ignores case and knows the compact names (RFC 3261 7.3).

Values are kept as raw text. Typed access parses on first use and remembers: most fields of most messages are
never read. Content-Length is not among them: it belongs to the framing, so the parser uses it up and the
writer makes it anew.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Set
from typing import Any, TypeVar

from sorcery_sip.errors import HeaderError, ParseError
from sorcery_sip.message.quoting import split_list

__all__ = ["NO_HEADERS", "Headers", "canonical_name"]

T = TypeVar("T")

_COMPACT = {
    "a": "accept-contact",
    "b": "referred-by",
    "c": "content-type",
    "d": "request-disposition",
    "e": "content-encoding",
    "f": "from",
    "i": "call-id",
    "j": "reject-contact",
    "k": "supported",
    "l": "content-length",
    "m": "contact",
    "n": "identity-info",
    "o": "event",
    "r": "refer-to",
    "s": "subject",
    "t": "to",
    "u": "allow-events",
    "v": "via",
    "x": "session-expires",
    "y": "identity",
}


_NO_LENGTH = "Content-Length follows from the body; leave it out"


@functools.lru_cache(maxsize=1024)  # asked some fifty times a message, nearly always for the same few names
def canonical_name(name: str) -> str:
    """Return the full name in lower case: the key that all spellings share."""
    lower = name.lower()
    return _COMPACT.get(lower, lower) if len(lower) == 1 else lower


class Headers:
    """Hold the header fields of one message, immutable; `with_…` and `without` return changed copies.

    Names are accepted in any case, long or compact. Iterating gives (name, value) as written. Raises
    `ValueError` when Content-Length is put in.
    """

    __slots__ = ("_fields", "_index", "_parsed", "_views")

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        self._fields = tuple(fields)
        index: dict[str, tuple[str, ...]] = {}
        for name, value in self._fields:
            key = canonical_name(name)
            index[key] = (*index[key], value) if key in index else (value,)
        if "content-length" in index:
            raise ValueError(_NO_LENGTH)
        self._index = index
        self._parsed: dict[tuple[str, Callable[[str], Any], bool], tuple[Any, ...]] = {}
        self._views: dict[str, Any] = {}

    def get(self, name: str) -> str | None:
        """Return the value of the first field of that name, None when there is none."""
        values = self._index.get(canonical_name(name))
        return values[0] if values else None

    def get_all(self, name: str) -> tuple[str, ...]:
        """Return the values of all fields of that name, undivided."""
        return self._index.get(canonical_name(name), ())

    def elements(self, name: str) -> tuple[str, ...]:
        """Return the list that the fields of that name make together, divided at their commas."""
        return tuple(e for value in self._index.get(canonical_name(name), ()) for e in split_list(value))

    def parsed(self, name: str, parse: Callable[[str], T], *, whole: bool = False) -> tuple[T, ...]:
        """Parse each element of a list, or each field as a `whole`; results are remembered.

        Raises `HeaderError` that names the field.
        """
        key = (canonical_name(name), parse, whole)
        found = self._parsed.get(key)
        if found is None:
            texts = self.get_all(name) if whole else self.elements(name)
            found = self._parsed[key] = tuple([_parse(name, text, parse) for text in texts])
        return found

    def parsed_first(self, name: str, parse: Callable[[str], T]) -> T:
        """Parse the first field of a name, as a whole. Raises `HeaderError` that names it, also when there is none."""
        text = self.get(name)
        if text is None:
            raise HeaderError(name, "", "the message has none")
        return _parse(name, text, parse)

    def view(self, key: str, make: Callable[[Headers], T]) -> T:
        """Return what `make` makes of the fields of one name, remembered: the way of what is asked all the time.

        `key` is the name as `canonical_name` gives it, with one `make` for all who ask.
        """
        found: T | None = self._views.get(key)
        if found is None:
            found = self._views[key] = make(self)
        return found

    def copied(self, fields: Iterable[tuple[str, str]], same: Iterable[str]) -> Headers:
        """Return headers of other `fields`, those of the names `same` copied from here: these need no parsing again.

        Names are as `canonical_name` gives them.
        """
        copy = Headers(fields)
        copy._views = {key: self._views[key] for key in same if key in self._views}
        return copy

    def with_set(self, name: str, *values: str) -> Headers:
        """Return these with `values` as the only fields of that name, in its old place or at the end."""
        key, fields = canonical_name(name), []
        pending = [(name, value) for value in values]
        for field in self._fields:
            if canonical_name(field[0]) != key:
                fields.append(field)
            else:
                fields += pending
                pending = []
        return self._derived((*fields, *pending), key, values)

    def with_added(self, name: str, *values: str) -> Headers:
        """Return these with more fields at the end."""
        key = canonical_name(name)
        fields = (*self._fields, *[(name, value) for value in values])
        return self._derived(fields, key, (*self._index.get(key, ()), *values))

    def with_first(self, name: str, value: str) -> Headers:
        """Return these with one more field before all others of its name."""
        key = canonical_name(name)
        at = next((i for i, (other, _) in enumerate(self._fields) if canonical_name(other) == key), 0)
        fields = (*self._fields[:at], (name, value), *self._fields[at:])
        return self._derived(fields, key, (value, *self._index.get(key, ())))

    def without(self, *names: str) -> Headers:
        """Return these less all fields of these names."""
        keys = {canonical_name(name) for name in names}
        return Headers(field for field in self._fields if canonical_name(field[0]) not in keys)

    def _derived(self, fields: tuple[tuple[str, str], ...], changed: str, values: tuple[str, ...]) -> Headers:
        """Make a copy that remembers what was parsed already, save of the name that now has other values."""
        if changed == "content-length":
            raise ValueError(_NO_LENGTH)
        copy = Headers()
        copy._fields, copy._index = fields, {**self._index, changed: values}
        if not values:
            del copy._index[changed]
        copy._parsed = {key: found for key, found in self._parsed.items() if key[0] != changed}
        copy._views = self._views.copy()
        copy._views.pop(changed, None)
        return copy

    def has_all(self, keys: Set[str]) -> bool:
        """Tell whether there is a field of each of these names, as `canonical_name` gives them."""
        return keys <= self._index.keys()

    @property
    def has_repetitions(self) -> bool:
        """Whether a name stands there more than once."""
        return len(self._index) < len(self._fields)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and canonical_name(name) in self._index

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __eq__(self, other: object) -> bool:
        return self._fields == other._fields if isinstance(other, Headers) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._fields)

    def __repr__(self) -> str:
        return f"<Headers {', '.join(name for name, _ in self._fields)}>"


NO_HEADERS = Headers()


def _parse(name: str, text: str, parse: Callable[[str], T]) -> T:
    try:
        return parse(text)
    except HeaderError as error:
        raise HeaderError(name, error.value, error.detail) from None
    except ParseError as error:
        raise HeaderError(name, text, error.reason) from None
