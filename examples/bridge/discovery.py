"""How clients find the authorization server (RFC 9728, RFC 8414) and register (RFC 7591)."""

import secrets
import time
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bridge.forms import UNSTORED, OAuthError, body_of, parsed
from bridge.origins import base_of, is_loopback
from bridge.settings import Settings
from bridge.store import Store

METHODS = ["none", "client_secret_post", "client_secret_basic"]

_HARMFUL = {"javascript", "data", "vbscript", "file", "about", "blob", "view-source"}


class Discovery:
    """Answers with documents, and registers clients."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store

    async def resource(self, request: Request) -> Response:
        """Say what tokens are for, and who issues them (RFC 9728)."""
        base = base_of(request)
        said = {"resource": f"{base}/mcp", "authorization_servers": [base]}
        scopes = {"scopes_supported": self._settings.scopes}
        return JSONResponse(said | scopes | {"bearer_methods_supported": ["header"]})

    async def metadata(self, request: Request) -> Response:
        """Say what this authorization server is (RFC 8414)."""
        base = base_of(request)
        return JSONResponse(
            {
                "issuer": base,
                "authorization_endpoint": f"{base}/authorize",
                "token_endpoint": f"{base}/access-token",
                "registration_endpoint": f"{base}/register",
                "revocation_endpoint": f"{base}/revoke",
                "scopes_supported": self._settings.scopes,
                "response_types_supported": ["code"],
                "response_modes_supported": ["query"],
                "grant_types_supported": ["authorization_code", "refresh_token"],
                "token_endpoint_auth_methods_supported": METHODS,
                "revocation_endpoint_auth_methods_supported": METHODS,
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": True,
            }
        )

    async def register(self, request: Request) -> Response:
        """Register a client (RFC 7591)."""
        try:
            asked = parsed(await body_of(request))
            uris, method = asked["redirect_uris"], asked.get("token_endpoint_auth_method", "none")
            sane = isinstance(uris, list) and uris and all(_is_safe(uri) for uri in uris)
        except (ValueError, TypeError, KeyError, AttributeError):
            return OAuthError("invalid_client_metadata", "not the metadata of a client").reply
        if not sane:
            said = "redirect_uris have https, loopback, or a scheme of their own"
            return OAuthError("invalid_redirect_uri", said).reply
        if method not in METHODS:
            return OAuthError("invalid_client_metadata", "unknown authentication method").reply
        client: dict[str, Any] = {
            "client_id": secrets.token_urlsafe(16),
            "client_id_issued_at": int(time.time()),
            "client_name": str(asked.get("client_name", "An MCP client")),
            "redirect_uris": uris,
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": method,
        }
        if method != "none":
            client |= {"client_secret": secrets.token_urlsafe(32), "client_secret_expires_at": 0}
        self._store.put("client", client["client_id"], client)
        return JSONResponse(client, 201, UNSTORED)


def _is_safe(uri: str) -> bool:
    """Tell whether a code may be sent there (RFC 8252, 7): not in the clear, not to a script."""
    parts = urlsplit(uri)
    if parts.fragment or parts.scheme in _HARMFUL:
        return False
    return parts.scheme != "http" or is_loopback(uri)
