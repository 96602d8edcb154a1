"""Discovery documents."""

import json
from collections.abc import Callable
from typing import Any

from starlette.responses import JSONResponse

from bridge.discovery import Discovery
from bridge.web import Guard
from mutants.mistake import mistake, replace

type Document = dict[str, Any]


def _altered(document: str, alter: Callable[[Document], object]) -> None:
    answer = getattr(Discovery, document)

    async def careless(self: Discovery, request: Any) -> JSONResponse:
        told = json.loads((await answer(self, request)).body)
        alter(told)
        return JSONResponse(told)

    replace(Discovery, document, careless)


@mistake(fails="discovery.resource-metadata", also=("challenge.metadata",))
def resource_metadata_names_no_server() -> None:
    """Resource metadata leaves out the authorization server."""
    _altered("resource", lambda told: told.pop("authorization_servers"))


@mistake(fails="discovery.resource")
def resource_metadata_is_of_another() -> None:
    """Resource metadata is of another resource than the one that was asked about."""
    _altered("resource", lambda told: told.update(resource="https://bridge.example/mcp"))


@mistake(
    fails="discovery.server-metadata",
    also=("discovery.[!s]*", "authorization.issuer", "revocation.*"),
)
def the_server_has_no_metadata() -> None:
    """There are just the endpoints that MCP 2025-03-26 takes for granted."""
    answer = Guard.__call__

    async def elsewhere(self: Guard, scope: Any, receive: Any, send: Any) -> None:
        if scope.get("path") == "/token":
            scope = scope | {"path": "/access-token", "raw_path": b"/access-token"}
        await answer(self, scope, receive, send)

    async def missing(*_: Any) -> JSONResponse:
        return JSONResponse({"error": "not_found"}, 404)

    replace(Guard, "__call__", elsewhere)
    replace(Discovery, "metadata", missing)


@mistake(fails="discovery.issuer", also=("authorization.issuer",))
def the_issuer_is_another() -> None:
    """The issuer has another URL than its metadata was found for."""
    _altered("metadata", lambda told: told.update(issuer="https://issuer.example"))


@mistake(fails="discovery.endpoints", also=("revocation.*",))
def an_endpoint_is_relative() -> None:
    """The metadata has the path of an endpoint, not its URL."""
    _altered("metadata", lambda told: told.update(revocation_endpoint="/revoke"))


@mistake(fails="discovery.registration")
def registration_is_not_announced() -> None:
    """The metadata does not say where to register."""
    _altered("metadata", lambda told: told.pop("registration_endpoint"))


@mistake(fails="discovery.pkce")
def pkce_is_not_announced() -> None:
    """The metadata does not say that there is PKCE."""
    _altered("metadata", lambda told: told.pop("code_challenge_methods_supported"))


@mistake(fails="discovery.response-types")
def response_types_are_left_out() -> None:
    """The metadata lacks a member that is required."""
    _altered("metadata", lambda told: told.pop("response_types_supported"))


@mistake(fails="discovery.grant-types", production="refresh")
def refresh_is_not_announced() -> None:
    """The metadata does not say that tokens can be refreshed."""
    _altered("metadata", lambda told: told.pop("grant_types_supported"))


@mistake(fails="discovery.auth-methods")
def auth_methods_are_left_out() -> None:
    """Public clients are registered, but the metadata does not say that there may be any."""
    _altered("metadata", lambda told: told.pop("token_endpoint_auth_methods_supported"))
