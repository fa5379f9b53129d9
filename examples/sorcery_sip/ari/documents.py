"""The description of the REST interface that clients build themselves from: Swagger 1.1, made of the operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sorcery_sip.ari.json_values import Json
from sorcery_sip.ari.models import EVENTS, MODELS
from sorcery_sip.ari.operations import Operation, Parameter, Resource

__all__ = ["declaration", "listing"]

_VERSION = "1.1"


def listing(resources: Sequence[Resource], base: str) -> Json:
    """Return the list of resources; `base` is the address that all paths begin with."""
    return {
        "apiVersion": "1.0.0",
        "swaggerVersion": _VERSION,
        "basePath": base,
        "apis": [
            {"path": f"/api-docs/{resource.name}.{{format}}", "description": resource.description}
            for resource in resources
        ],
    }


def declaration(resource: Resource, base: str) -> Json:
    """Return the operations of a resource, and the shapes of what they and events hold."""
    by_path: dict[str, list[Operation]] = {}
    for operation in resource.operations:
        by_path.setdefault(operation.path, []).append(operation)
    models = {**MODELS, "Message": {"type": "string"}, **EVENTS} if resource.name == "events" else MODELS
    return {
        "apiVersion": "1.0.0",
        "swaggerVersion": _VERSION,
        "basePath": base,
        "resourcePath": f"/api-docs/{resource.name}.{{format}}",
        "apis": [
            {
                "path": path,
                "description": operations[0].summary,
                "operations": [_operation(each) for each in operations],
            }
            for path, operations in by_path.items()
        ],
        "models": {name: _model(name, fields) for name, fields in models.items()},
    }


def _operation(operation: Operation) -> Json:
    upgrade = {"upgrade": "websocket", "websocketProtocol": "ari"} if operation.upgrade else {}
    return {
        "httpMethod": operation.method,
        **upgrade,
        "summary": operation.summary,
        "nickname": operation.nickname,
        "responseClass": operation.response,
        "parameters": [_parameter(parameter) for parameter in operation.parameters],
    }


def _parameter(parameter: Parameter) -> Json:
    return {
        "name": parameter.name,
        "description": parameter.description,
        "paramType": parameter.place,
        "required": parameter.required,
        "allowMultiple": parameter.multiple,
        "dataType": parameter.type,
    }


def _model(name: str, fields: Mapping[str, str]) -> Json:
    properties = {field: {"type": type, "required": True} for field, type in fields.items()}
    return {"id": name, "description": "", "properties": properties}
