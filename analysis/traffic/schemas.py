"""Checks JSON-RPC messages against the schema of their MCP revision, with the official models.

Revisions before 2026-07-28 share the shapes of 2025-11-25; which methods there are is known of each
revision. Importing this takes a third of a second.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import mcp_types.methods
from mcp_types.version import KNOWN_PROTOCOL_VERSIONS
from pydantic import ValidationError

from wiretape.analysis.traffic.turns import Side

type Kind = Literal["request", "notification", "result"]
"""What a message is; a result is what the other side's request was answered with."""

_CHECKS: Mapping[tuple[Side, Kind], Callable[[str, str, Any], object]] = {
    ("client", "request"): mcp_types.methods.validate_client_request,
    ("client", "notification"): mcp_types.methods.validate_client_notification,
    ("client", "result"): mcp_types.methods.validate_client_result,
    ("server", "request"): mcp_types.methods.parse_server_request,
    ("server", "notification"): mcp_types.methods.parse_server_notification,
    ("server", "result"): mcp_types.methods.validate_server_result,
}
_DEEPEST = 6
_NAME = 40


def known(revision: str | None) -> bool:
    """Tell whether there is such a revision."""
    return revision in KNOWN_PROTOCOL_VERSIONS


def fault(by: Side, kind: Kind, method: str, revision: str, data: object) -> str | None:
    """Tell what of a message is against the schema, if anything; never what its values are.

    `by` is the client or the server that said it; `data` the parameters, `None` if there are none,
    or the result. The revision must be one that is known; what it does not know of has no results.
    """
    if kind == "result" and not isinstance(data, dict):
        return "the result is no object"
    try:
        _CHECKS[by, kind](method, revision, data)
    except KeyError:
        return None if kind == "result" else f"no such {kind} in {revision}"
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part)[:_NAME] for part in first["loc"][:_DEEPEST])
        return f"{where}: {first['msg'][: 2 * _NAME]}" if where else first["msg"][: 2 * _NAME]
    return None
