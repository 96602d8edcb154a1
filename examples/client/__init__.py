"""A small MCP client: it logs in, lists the tools, calls one, and ends its session.

    python -m client URL

with `examples` on the path. It opens the browser that `BROWSER` names, and goes on by HTTP+SSE
where a service knows nothing newer. Ends with 0 if all went well.

- `oauth`: from a refusal to a token, and from an old one to a new one
- `callback`: the page to which the browser comes back
- `session`: messages, by streamable HTTP or HTTP+SSE
"""


class FailedError(Exception):
    """Says what went wrong."""
