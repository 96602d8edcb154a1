"""A gateway: a backend whose users work with an MCP service through its REST API.

It is a confidential OAuth client of the service's authorization server and an MCP client of the
service: each user connects once, and calls with tokens of their own that no user ever sees. Who a
user is says the company's authenticating proxy in front, in the header `X-User`.

Where to find what it promises:

- `settings`: the servers, as in the JSON `mcpServers`
- `web`: who asks, the routes, errors as JSON
- `connections`: state bound to its user and good once, PKCE, one refresh at a time, rotation, when
  a connection is over, disconnection
- `upstream_oauth`: the authorize URL, the client's secret, refresh, revocation, the user's site
- `mcp_calls`: a session for each request with its user's token and site, a refused token, errors
  and time limits
- `store`: what outlives a restart, and the lock that holds across processes
- `sealing`: encryption at rest
"""
