"""The description that clients build themselves from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sorcery_sip.ari.documents import declaration, listing
from sorcery_sip.ari.models import EVENTS, MODELS
from sorcery_sip.ari.operations import Resource
from sorcery_sip.ari.resources import RESOURCES

BASE = "http://127.0.0.1:8088/ari"


def test_every_resource_is_listed() -> None:
    value = listing(RESOURCES, BASE)
    assert (value["swaggerVersion"], value["basePath"]) == ("1.1", BASE)
    assert [api["path"] for api in value["apis"]] == [f"/api-docs/{each.name}.{{format}}" for each in RESOURCES]


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.name)
def test_a_declaration_has_each_operation_once_with_the_parameters_of_its_path(resource: Resource) -> None:
    value = declaration(resource, BASE)
    operations = [(api["path"], each) for api in value["apis"] for each in api["operations"]]
    assert len(operations) == len(resource.operations)
    nicknames = [each["nickname"] for _, each in operations]
    assert len(set(nicknames)) == len(nicknames)
    for path, each in operations:
        in_path = {parameter["name"] for parameter in each["parameters"] if parameter["paramType"] == "path"}
        assert in_path == {part[1:-1] for part in path.split("/") if part.startswith("{")}
        assert path.startswith(f"/{resource.name}")
    json.dumps(value)


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.name)
def test_every_answer_has_a_shape_that_is_described(resource: Resource) -> None:
    models = declaration(resource, BASE)["models"]
    for operation in resource.operations:
        assert operation.response.removeprefix("List[").removesuffix("]") in {*models, "void"}


def test_events_are_described_with_the_type_of_each_field() -> None:
    (events,) = [declaration(resource, BASE) for resource in RESOURCES if resource.name == "events"]
    assert events["models"].keys() >= EVENTS.keys() | MODELS.keys()
    started = events["models"]["StasisStart"]
    assert started["id"] == "StasisStart"
    assert {name: field["type"] for name, field in started["properties"].items()} == {
        "type": "string",
        "timestamp": "Date",
        "application": "string",
        "asterisk_id": "string",
        "args": "List[string]",
        "channel": "Channel",
    }
    (socket,) = [each for api in events["apis"] for each in api["operations"] if "upgrade" in each]
    assert (socket["nickname"], socket["upgrade"]) == ("eventWebsocket", "websocket")


def test_the_reference_names_every_operation_and_event() -> None:
    page = (Path(__file__).parents[4] / "docs/reference/ari.md").read_text("utf-8")
    for resource in RESOURCES:
        for operation in resource.operations:
            named = f"| `{operation.method} {operation.path}` | `{resource.name}.{operation.nickname}` |"
            assert named in page
            for parameter in operation.parameters:
                assert f"`{parameter.name}`" in page or f"{{{parameter.name}}}" in page
    for event in EVENTS:
        assert f"`{event}`" in page
