"""What is asked of a bridge: an OAuth and MCP server in front of another one."""
