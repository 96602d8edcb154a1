"""What is asked of a gateway: a backend whose users work with an MCP service through its REST."""
