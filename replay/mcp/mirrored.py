"""Headers that repeat what a call says (MCP 2026-07-28, streamable-http, Request Metadata).

`Mcp-Method` and `Mcp-Name` repeat what every call has; a tool's `x-mcp-header` names a header for
an argument. What a header tells and the body does not is a mismatch too: whoever routes by the
header would go by what nobody said.
"""

from base64 import b64decode
from collections.abc import Iterator, Mapping
from re import fullmatch
from typing import Any

from wiretape.analysis.profile.model import Profile

_METHOD, _NAME, _PARAM = "mcp-method", "mcp-name", "mcp-param-"
_NAMED_BY = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
_ANNOTATION = "x-mcp-header"
_DEEPEST = 12

type Path = tuple[str, ...]


class Mirrored:
    """The headers that calls of one service must have."""

    def __init__(self, profile: Profile) -> None:
        self._annotated = {
            name: found
            for name, tool in profile.tools.tool.items()
            if tool.input is not None and (found := tuple(_annotated(tool.input.value)))
        }

    def mismatch(self, message: Mapping[str, Any], headers: Mapping[str, str]) -> str | None:
        """Tell which header does not say what the body says."""
        method, params = message["method"], message["params"]
        if _trimmed(headers.get(_METHOD)) != method:
            return _METHOD
        key = _NAMED_BY.get(method, "")
        if key in params and _decoded(headers.get(_NAME)) != params[key]:
            return _NAME
        if method != "tools/call":
            return None
        for header, path in self._annotated.get(str(params.get("name")), ()):
            if not _agree(headers.get(header), _at(path, params.get("arguments"))):
                return header
        return None


def _annotated(schema: Any, path: Path = ()) -> Iterator[tuple[str, Path]]:
    """Find the headers of a tool's arguments, at any depth."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict) or len(path) > _DEEPEST:
        return
    for name, inner in properties.items():
        named = inner.get(_ANNOTATION) if isinstance(inner, dict) else None
        if isinstance(named, str) and named:
            yield _PARAM + named.lower(), (*path, name)
        yield from _annotated(inner, (*path, name))


def _at(path: Path, arguments: Any) -> Any:
    for name in path:
        arguments = arguments.get(name) if isinstance(arguments, dict) else None
    return arguments


def _agree(header: str | None, value: Any) -> bool:
    """Tell whether a header says what an argument is; numbers are compared as such."""
    told = _decoded(header)
    match value:
        case None | dict() | list():
            return header is None
        case bool():
            return told == str(value).lower()
        case int() | float():
            number = told is not None and fullmatch(r"-?\d{1,18}(\.\d{1,18})?", told)
            return bool(number) and float(told or "") == value
    return told == str(value)


def _decoded(header: str | None) -> str | None:
    """Read a value (Value Encoding); None if it cannot be read."""
    value, head, tail = _trimmed(header), "=?base64?", "?="
    if value is None or not (value.startswith(head) and value.endswith(tail)):
        return value
    try:
        return b64decode(value[len(head) : -len(tail)], validate=True).decode()
    except ValueError:
        return None


def _trimmed(header: str | None) -> str | None:
    """Leave out the white space around a value (RFC 9110, 5.5)."""
    return None if header is None else header.strip(" \t")
