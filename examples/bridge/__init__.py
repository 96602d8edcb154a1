"""A bridge: an OAuth authorization server and MCP server in front of another MCP service.

Clients register, authorize and call here; the bridge is a client of its own to the service behind
it, with its own registration, PKCE and tokens, which no client ever sees.

Where to find what it promises:

- `discovery`: documents, registration
- `authorization`: redirect URIs, PKCE, state, consent, the way to the service behind and back
- `token_endpoint`: codes that work once, refresh, revocation, client authentication
- `tokens`: the access tokens and refresh tokens that clients hold
- `grants`: one refresh at a time for each grant, rotation, when a grant is over
- `upstream_oauth`: discovery, the registration that is kept, the bridge's own PKCE, refresh
- `endpoint`, `sessions`: MCP by streamable HTTP as clients see it
- `upstream_mcp`: MCP as the bridge speaks it, a refused token, errors by name; one file for each
  transport, `upstream_streamable` and `upstream_sse`
- `web`: hosts, origins, proxies, CORS, the routes
- `store`: what outlives a restart, encrypted
"""
