# /// script
# requires-python = ">=3.13"
# dependencies = ["fastmcp==4.1.2"]
# ///
"""A bridge made of FastMCP's parts: its OAuthProxy, and its proxy of another MCP server.

Nobody but the service can verify its opaque tokens: they are passed on, and it decides. The URLs of
the service and the client's id and secret are in the environment; `FASTMCP_HOME` is where it keeps
what outlives a restart.
"""

import os
import sys

from fastmcp.client.transports import StreamableHttpTransport
from fastmcp.server.auth import AccessToken, OAuthProxy, TokenVerifier
from fastmcp.server.dependencies import get_access_token
from fastmcp.server.providers.proxy import FastMCPProxy, ProxyClient

SCOPES = ["read:jira-work", "write:jira-work", "offline_access"]


class Trusting(TokenVerifier):
    """Leaves it to the service to refuse a token."""

    async def verify_token(self, token: str) -> AccessToken:
        return AccessToken(token=token, client_id="upstream", scopes=SCOPES)


def upstream() -> ProxyClient:
    token = get_access_token()
    headers = {} if token is None else {"authorization": f"Bearer {token.token}"}
    transport = StreamableHttpTransport(os.environ["UPSTREAM_URL"], headers=headers)
    return ProxyClient(transport, forward_incoming_headers=False)


def main(port: int) -> None:
    auth = OAuthProxy(
        upstream_authorization_endpoint=os.environ["UPSTREAM_AUTHORIZE"],
        upstream_token_endpoint=os.environ["UPSTREAM_TOKEN"],
        upstream_client_id=os.environ["CLIENT_ID"],
        upstream_client_secret=os.environ["CLIENT_SECRET"],
        token_verifier=Trusting(),
        base_url=f"http://127.0.0.1:{port}",
        valid_scopes=SCOPES,
        extra_authorize_params={"scope": " ".join(SCOPES)},
        jwt_signing_key="a key for tests only, of forty characters",
    )
    server = FastMCPProxy(client_factory=upstream, name="bridge", auth=auth)
    server.run("streamable-http", host="127.0.0.1", port=port, show_banner=False)


if __name__ == "__main__":
    main(int(sys.argv[1]))
