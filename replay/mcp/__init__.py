"""MCP as a profile describes it, over HTTP+SSE and streamable HTTP."""
