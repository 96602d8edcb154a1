"""A small OAuth 2.1 authorization server for the notes server, kept in memory.

The mcp SDK serves the endpoints (RFC 8414 metadata, RFC 7591 registration, authorize, token,
RFC 7009 revocation) and checks PKCE; this provider decides what is issued and what is accepted.
It consents at once for its one user, so that a session needs no browser.
"""

import secrets
import time

from mcp.server.auth.provider import (
    AccessToken,
    AuthorizationCode,
    AuthorizationParams,
    OAuthAuthorizationServerProvider,
    RefreshToken,
    construct_redirect_uri,
)
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken

CODE_SECONDS = 60


class NotesOAuth(OAuthAuthorizationServerProvider[AuthorizationCode, RefreshToken, AccessToken]):
    """Issue and check tokens that live `token_seconds`.

    A code or token reads `user:grant:secret`: one consent is one grant, and all its tokens share
    the first two parts. A refresh replaces both tokens; the old refresh token is refused after it.
    """

    def __init__(self, token_seconds: int) -> None:
        self._token_seconds = token_seconds
        self._user = secrets.token_hex(12)
        self._clients: dict[str, OAuthClientInformationFull] = {}
        self._codes: dict[str, AuthorizationCode] = {}
        self._access: dict[str, AccessToken] = {}
        self._refresh: dict[str, RefreshToken] = {}

    async def get_client(self, client_id: str) -> OAuthClientInformationFull | None:
        """Find a registered client."""
        return self._clients.get(client_id)

    async def register_client(self, client_info: OAuthClientInformationFull) -> None:
        """Keep a client; the SDK has made its id and secret."""
        self._clients[client_info.client_id] = client_info

    async def authorize(
        self, client: OAuthClientInformationFull, params: AuthorizationParams
    ) -> str:
        """Consent, and redirect back to the client with a code."""
        code = AuthorizationCode(
            code=f"{self._user}:{secrets.token_hex(8)}:{secrets.token_hex(16)}",
            client_id=client.client_id,
            scopes=params.scopes or [],
            expires_at=time.time() + CODE_SECONDS,
            code_challenge=params.code_challenge,
            redirect_uri=params.redirect_uri,
            redirect_uri_provided_explicitly=params.redirect_uri_provided_explicitly,
            resource=params.resource,
            subject=self._user,
        )
        self._codes[code.code] = code
        return construct_redirect_uri(str(params.redirect_uri), code=code.code, state=params.state)

    async def load_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: str
    ) -> AuthorizationCode | None:
        """Find a code that was not used yet."""
        return self._codes.get(authorization_code)

    async def exchange_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: AuthorizationCode
    ) -> OAuthToken:
        """Issue the first tokens of a grant; a code works once."""
        del self._codes[authorization_code.code]
        return self._issue(authorization_code.code, authorization_code)

    async def load_refresh_token(
        self, client: OAuthClientInformationFull, refresh_token: str
    ) -> RefreshToken | None:
        """Find a refresh token that was neither used nor revoked."""
        return self._refresh.get(refresh_token)

    async def exchange_refresh_token(
        self, client: OAuthClientInformationFull, refresh_token: RefreshToken, scopes: list[str]
    ) -> OAuthToken:
        """Replace both tokens of the grant."""
        await self.revoke_token(refresh_token)
        return self._issue(refresh_token.token, refresh_token.model_copy(update={"scopes": scopes}))

    async def load_access_token(self, token: str) -> AccessToken | None:
        """Find an access token; the SDK refuses it once `expires_at` has passed."""
        return self._access.get(token)

    async def revoke_token(self, token: AccessToken | RefreshToken) -> None:
        """Revoke every token of the grant."""
        grant = _grant(token.token)
        self._access = {key: kept for key, kept in self._access.items() if _grant(key) != grant}
        self._refresh = {key: kept for key, kept in self._refresh.items() if _grant(key) != grant}

    def _issue(self, earlier: str, terms: AuthorizationCode | RefreshToken) -> OAuthToken:
        """Issue a pair of tokens in the grant of `earlier`, a code or a refresh token."""
        access, refresh = (f"{_grant(earlier)}:{secrets.token_hex(16)}" for _ in range(2))
        self._access[access] = AccessToken(
            token=access,
            client_id=terms.client_id,
            scopes=terms.scopes,
            expires_at=int(time.time()) + self._token_seconds,
            resource=terms.resource,
            subject=terms.subject,
        )
        self._refresh[refresh] = RefreshToken(
            token=refresh,
            client_id=terms.client_id,
            scopes=terms.scopes,
            resource=terms.resource,
            subject=terms.subject,
        )
        return OAuthToken(
            access_token=access,
            refresh_token=refresh,
            expires_in=self._token_seconds,
            scope=" ".join(terms.scopes),
        )


def _grant(token: str) -> str:
    return token.rpartition(":")[0]
