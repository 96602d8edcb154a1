"""Without a cloud id an Atlassian server takes the call, and asks a site that is not the user's."""

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from failures.scene import serving, session
from loopback import Recorder
from wiretape.recorder.log.exchanges import Exchange, header

DIAGNOSIS = "cloud_id_missing"

CLOUD_ID = "x-atlassian-cloud-id"
BEARER = {"Authorization": "Bearer an-opaque-token-of-the-user"}
SITE = {CLOUD_ID: "00000000-0000-4000-8000-000000000002"}


def atlassian() -> MCPServer:
    server = MCPServer("Atlassian MCP", version="1.9.4", log_level="CRITICAL")

    @server.tool()
    def jira_get_issue(issue_key: str, ctx: Context) -> str:
        headers = ctx.headers or {}
        if CLOUD_ID not in headers:
            raise ToolError("401 Client Error: Unauthorized for the site of this server")
        return f"{issue_key}: Plan the demo"

    return server


async def play(recorder: Recorder, *, mended: bool) -> None:
    headers = BEARER | SITE if mended else BEARER
    async with (
        serving(atlassian().streamable_http_app()) as origin,
        session(recorder, f"{origin}/mcp", headers=headers) as client,
    ):
        result = await client.call_tool("jira_get_issue", {"issue_key": "DEMO-1"})
        assert result.is_error is not mended


def seen(exchanges: list[Exchange]) -> bool:
    return any(
        header(each.request.headers, "authorization") is not None
        and header(each.request.headers, CLOUD_ID) is None
        and b"Unauthorized for the site" in b"".join(e.data.data() for e in each.events if e.data)
        for each in exchanges
    )
