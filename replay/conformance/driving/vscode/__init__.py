"""VS Code's MCP client, as far as it shows on the wire.

Written from what its source says (microsoft/vscode, MIT): `src/vs/workbench/api/common/`
`extHostMcp.ts` and `extHostAuthentication.ts`, `src/vs/base/common/oauth.ts`,
`src/vs/workbench/api/browser/mainThreadMcp.ts`, `src/vs/workbench/contrib/mcp/common/`; and
compared with recordings of VS Code 1.139.1.

- `rules`: what it decides, as pure functions
- `fetching`: what sends its requests: Node, or a browser for a page
- `discovery`: how it finds who authorizes
- `account`: its registrations and tokens
- `connection`: one connection with a server, by streamable HTTP or by HTTP+SSE
- `editor`: the editor that starts servers, and starts them again
"""
