"""Values that fit a JSON Schema, as plain as can be, for answers that nobody recorded."""

from typing import Any

_DEEP = 12
_PLAIN: dict[str, Any] = {
    "string": "",
    "integer": 0,
    "number": 0,
    "boolean": False,
    "null": None,
    "array": [],
    "object": {},
}


def example(schema: Any, root: Any = None, depth: int = 0) -> Any:
    """Make a value of a schema (JSON Schema 2020-12); what it cannot make it leaves plain."""
    root = schema if root is None else root
    if not isinstance(schema, dict) or depth > _DEEP:
        return {}
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    if schema.get("enum"):
        return schema["enum"][0]
    if "$ref" in schema:
        return example(_resolved(schema["$ref"], root), root, depth + 1)
    for key in ("anyOf", "oneOf", "allOf"):
        if schema.get(key):
            return example(schema[key][0], root, depth + 1)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    kind = kind[0] if isinstance(kind, list) and kind else kind
    return _of_kind(kind, schema, root, depth)


def _of_kind(kind: Any, schema: dict[str, Any], root: Any, depth: int) -> Any:
    match kind:
        case "object":
            parts = schema.get("properties", {})
            return {
                name: example(parts.get(name, {}), root, depth + 1)
                for name in schema.get("required", [])
            }
        case "array":
            item = schema.get("items", {})
            return [example(item, root, depth + 1) for _ in range(schema.get("minItems", 0))]
        case "string":
            return "x" * schema.get("minLength", 0)
        case "integer" | "number":
            return schema.get("minimum", 0)
    return _PLAIN.get(str(kind))


def _resolved(reference: Any, root: Any) -> Any:
    """Follow a reference within the schema (RFC 6901)."""
    found = root
    for part in str(reference).removeprefix("#/").split("/"):
        key = part.replace("~1", "/").replace("~0", "~")
        found = found.get(key, {}) if isinstance(found, dict) else {}
    return found
