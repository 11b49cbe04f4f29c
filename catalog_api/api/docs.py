"""/api/v1/docs: the API's description as a page that needs no script and nothing from elsewhere."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, StrictUndefined, Template

router = APIRouter()


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(resources.files("catalog_api.api").joinpath("docs.html").read_text(encoding="utf-8"))


@router.get("/docs", include_in_schema=False)
def page(request: Request) -> HTMLResponse:
    description = request.app.openapi()
    operations = [
        _operation(description, path, method, operation)
        for path, methods in description["paths"].items()
        if path.startswith("/api/")
        for method, operation in methods.items()
    ]
    return HTMLResponse(_template().render(operations=operations, openapi=request.app.openapi_url))


def _operation(description: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    answer = operation["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return {
        "path": path,
        "method": method.upper(),
        "summary": operation.get("summary", ""),
        "parameters": [
            {
                "name": p["name"],
                "where": {"query": "查询参数 · query", "path": "路径 · path"}.get(p["in"], p["in"]),
                "type": _type(p.get("schema", {})),
                "required": p.get("required", False),
                "description": p.get("description", ""),
                "default": p.get("schema", {}).get("default", ""),
            }
            for p in operation.get("parameters", [])
        ],
        "answers": [
            {"status": status, "description": row.get("description", "")}
            for status, row in operation["responses"].items()
        ],
        "fields": _fields(description, answer),
    }


def _fields(description: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, str]]:
    shape = description.get("components", {}).get("schemas", {}).get(schema.get("$ref", "").rpartition("/")[2], {})
    return [
        {"name": name, "type": _type(field), "description": field.get("description", "")}
        for name, field in shape.get("properties", {}).items()
    ]


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    if schema.get("type") == "array":
        return f"[{_type(schema.get('items', {}))}]"
    if "anyOf" in schema:
        return " | ".join(_type(s) for s in schema["anyOf"])
    return str(schema.get("type", "object"))
