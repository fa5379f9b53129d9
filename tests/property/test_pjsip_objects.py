"""Laws that hold for every object of every PJSIP type, whatever its options say."""

from __future__ import annotations

import contextlib
import socket
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sorcery.errors import InvalidObject
from sorcery.kinds import Refused
from sorcery.objects import Object
from sorcery.options import Option
from sorcery.pjsip import TYPES, Auth, Transport
from sorcery.testing.strategies import lines, objects, texts
from tests.unit.pjsip.bases import BASES

EACH_TYPE = pytest.mark.parametrize("cls", TYPES, ids=lambda cls: cls.__sorcery__.name)
EACH_OPTION = pytest.mark.parametrize(
    "option",
    [
        pytest.param(option, id=f"{cls.__sorcery__.name}-{option.name}")
        for cls in TYPES
        for option in cls.__sorcery__.options.values()
    ],
)
FAST = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
ONCE_EACH = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(autouse=True)
def no_dns(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test asks a resolver: one host name is known."""

    def answer(host: str, port: Any, **_: Any) -> list[Any]:
        if host.lower() != "localhost":
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return [(socket.AF_INET, socket.SOCK_DGRAM, 17, "", ("127.0.0.1", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", answer)


def drawn(cls: type[Object]) -> st.SearchStrategy[Object]:
    return objects(cls, **BASES.get(cls.__sorcery__.name, {}))


@EACH_TYPE
@FAST
@given(data=st.data())
def test_settings_give_the_object_again(cls: type[Object], data: st.DataObject) -> None:
    obj = data.draw(drawn(cls))
    assert cls.from_objectset(obj.id, obj.settings()) == obj
    assert cls.from_objectset(obj.id, obj.settings(every=True)) == obj
    assert hash(cls.from_objectset(obj.id, obj.settings())) == hash(obj)


@EACH_TYPE
@FAST
@given(data=st.data())
def test_settings_hold_only_what_differs_from_the_defaults(cls: type[Object], data: st.DataObject) -> None:
    own = cls.__sorcery__
    obj = data.draw(drawn(cls))
    for name, _ in obj.settings():
        option = own.option(name)
        assert name.startswith("@") or (option and getattr(obj, option.attribute) != own.start[option.attribute])


@EACH_TYPE
@FAST
@given(data=st.data())
def test_an_object_without_changes_evolves_into_itself(cls: type[Object], data: st.DataObject) -> None:
    obj = data.draw(drawn(cls))
    assert obj.evolve() == obj
    assert obj.evolve(**{name: getattr(obj, name) for name in cls.__sorcery__.start}) == obj


@EACH_TYPE
@FAST
@given(data=st.data())
def test_lines_make_an_object_or_are_refused(cls: type[Object], data: st.DataObject) -> None:
    pairs = data.draw(lines(cls.__sorcery__))
    for compat in (False, True):
        with contextlib.suppress(InvalidObject):
            obj = cls.__sorcery__.build("x", pairs, compat=compat)
            assert all(isinstance(text, str) for _, text in obj.objectset(compat=compat))


@EACH_OPTION
@ONCE_EACH
@given(data=st.data())
def test_a_value_is_taken_back_and_written_back_unchanged(option: Option, data: st.DataObject) -> None:
    def ignore(problem: str, outcome: str) -> None:
        assert problem
        assert outcome

    kind = option.kind
    try:
        value = kind.parse(data.draw(texts(option)), kind.zero, ignore)
    except Refused:
        return
    assert kind.convert(value) == value
    again = kind.zero
    for text in kind.texts(value):
        again = kind.parse(text, again, ignore)
    assert again == value or not kind.texts(value) or option.is_alias or option.secret


@FAST
@given(data=st.data())
def test_a_secret_is_neither_in_a_repr_nor_in_an_error(data: st.DataObject) -> None:
    secret = "s3cr3t-" + "f" * 25
    names = ["password", "refresh_token", "oauth_secret", "md5_cred", "password_digest"]
    hidden = [(name, secret + data.draw(st.sampled_from(["", "x"]))) for name in names if data.draw(st.booleans())]
    seen: list[str] = []
    for cls in (Auth, Transport):
        findings: list[Any] = []
        pairs = [(name, text) for name, text in hidden if cls.__sorcery__.option(name)]
        try:
            seen.append(
                repr(cls.__sorcery__.build("x", [*BASES[cls.__sorcery__.name].items(), *pairs], findings=findings))
            )
        except InvalidObject as error:
            seen += [str(error), repr(error), repr(vars(error))]
        seen += map(repr, findings)
    assert seen
    assert not any("s3cr3t" in text for text in seen)
