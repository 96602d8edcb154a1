# /// script
# requires-python = ">=3.13"
# dependencies = ["fastmcp==4.1.2"]
# ///
"""A session of the fastmcp client, in its own environment, with its own OAuth.

It opens the browser that `BROWSER` names, and has a page of its own for it to land on. Takes the
server's URL, and a walk (see `peers.Walk`) on stdin; prints the revision, the tools and the texts.
"""

import asyncio
import json
import sys
from typing import Any

from fastmcp import Client
from fastmcp.client.auth import OAuth
from fastmcp.client.transports import SSETransport, StreamableHttpTransport

TRANSPORTS = {"sse": SSETransport, "streamable-http": StreamableHttpTransport}


async def walked(url: str, walk: dict[str, Any]) -> dict[str, Any]:
    oauth = OAuth(url)
    async with Client(TRANSPORTS[walk["transport"]](url, auth=oauth)) as client:
        tools = [tool.name for tool in await client.list_tools()]
        *calls, last = walk["calls"]
        results = [await called(client, *call) for call in calls]
        if walk["refresh"]:
            await asyncio.sleep((await oauth.token_storage_adapter.get_tokens()).expires_in)
        results.append(await called(client, *last))
        return {"protocol": client.protocol_version, "tools": tools, "results": results}


async def called(client: Client[Any], name: str, arguments: dict[str, Any]) -> str:
    result = await client.call_tool(name, arguments)
    return "\n".join(block.text for block in result.content)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(walked(sys.argv[1], json.load(sys.stdin)))))
