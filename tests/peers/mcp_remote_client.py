"""A session over mcp-remote, which speaks to a host over stdio and to the service over HTTP.

    python -m peers.mcp_remote_client NODE PROXY URL <walk.json

mcp-remote opens the browser that `BROWSER` names, and keeps its tokens in files. Prints the
revision, the tools and the texts.
"""

import asyncio
import json
import os
import sys
from tempfile import TemporaryDirectory
from typing import Any

from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.types import TextContent


async def walked(command: list[str], walk: dict[str, Any], files: str) -> dict[str, Any]:
    env = os.environ | {"MCP_REMOTE_CONFIG_DIR": files}
    proxy = StdioServerParameters(command=command[0], args=command[1:], env=env)
    async with Client(stdio_client(proxy), mode="legacy") as client:
        tools = [tool.name for tool in (await client.list_tools()).tools]
        results = [await called(client, *call) for call in walk["calls"]]
        return {"protocol": client.protocol_version, "tools": tools, "results": results}


async def called(client: Client, name: str, arguments: dict[str, Any]) -> str:
    result = await client.call_tool(name, arguments)
    return "\n".join(block.text for block in result.content if isinstance(block, TextContent))


if __name__ == "__main__":
    with TemporaryDirectory(prefix="mcp-remote-") as directory:
        print(json.dumps(asyncio.run(walked(sys.argv[1:], json.load(sys.stdin), directory))))
