"""Real clients of MCP servers, and what each needs of a bridge or server; one file each.

A persona's `FAMILY` is played for whatever target is an MCP server, if `personas` in
`wiretape.toml` names it. Some do as a client does on the wire, others are that client.
"""
