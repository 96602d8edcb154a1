"""A server with what the official conformance suite asks of one, for revisions with sessions.

    python -m peers.conformance_server

prints the address of its MCP endpoint.
"""

import asyncio
import base64
import socket
from typing import Any

import uvicorn
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.prompts.base import UserMessage
from mcp.server.streamable_http import EventCallback, EventId, EventMessage, EventStore, StreamId
from mcp.types import (
    AudioContent,
    Completion,
    EmbeddedResource,
    EmptyResult,
    ImageContent,
    JSONRPCMessage,
    RequestParams,
    SamplingMessage,
    TextContent,
    TextResourceContents,
)

TEXT = "This is a text."
PAUSE = 0.05
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
WAV = base64.b64encode(b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0").decode()

IMAGE = ImageContent(type="image", data=PNG, mime_type="image/png")

STATUS = ["active", "inactive", "pending"]
DEFAULTS = {
    "name": {"type": "string", "default": "John Doe"},
    "age": {"type": "integer", "default": 30},
    "score": {"type": "number", "default": 95.5},
    "status": {"type": "string", "enum": STATUS, "default": "active"},
    "verified": {"type": "boolean", "default": True},
}
VALUES = ["value1", "value2", "value3"]
TITLED = [{"const": value, "title": value.capitalize()} for value in VALUES]
ENUMS = {
    "untitledSingle": {"type": "string", "enum": VALUES},
    "titledSingle": {"type": "string", "oneOf": TITLED},
    "legacyEnum": {"type": "string", "enum": VALUES, "enumNames": ["One", "Two", "Three"]},
    "untitledMulti": {"type": "array", "items": {"type": "string", "enum": VALUES}},
    "titledMulti": {"type": "array", "items": {"anyOf": TITLED}},
}
USER = {"username": {"type": "string"}, "email": {"type": "string"}}

server = MCPServer("conformance", version="1.0.0", log_level="ERROR")


def embedded(uri: str) -> EmbeddedResource:
    text = TextResourceContents(uri=uri, mime_type="text/plain", text=TEXT)
    return EmbeddedResource(type="resource", resource=text)


async def asked(ctx: Context, message: str, properties: dict[str, Any]) -> str:
    """Ask the user, and tell the answer."""
    schema = {"type": "object", "properties": properties, "required": []}
    answer = await ctx.session.elicit_form(message, schema, related_request_id=ctx.request_id)
    return f"{answer.action} {answer.content}"


@server.tool(structured_output=False)
def test_simple_text() -> str:
    """Answer with a text."""
    return TEXT


@server.tool(structured_output=False)
def test_image_content() -> list[Any]:
    """Answer with an image."""
    return [IMAGE]


@server.tool(structured_output=False)
def test_audio_content() -> list[Any]:
    """Answer with a sound."""
    return [AudioContent(type="audio", data=WAV, mime_type="audio/wav")]


@server.tool(structured_output=False)
def test_embedded_resource() -> list[Any]:
    """Answer with a resource."""
    return [embedded("test://embedded-resource")]


@server.tool(structured_output=False)
def test_multiple_content_types() -> list[Any]:
    """Answer with a text, an image and a resource."""
    return [TextContent(type="text", text=TEXT), IMAGE, embedded("test://mixed-content-resource")]


@server.tool(structured_output=False)
def test_error_handling() -> str:
    """Fail."""
    raise ValueError("This tool intentionally returns an error for testing")


@server.tool(structured_output=False)
async def test_tool_with_logging(ctx: Context) -> str:
    """Log three times."""
    for stage in ("started", "processing", "completed"):
        await ctx.info(stage)
        await asyncio.sleep(PAUSE)
    return TEXT


@server.tool(structured_output=False)
async def test_tool_with_progress(ctx: Context) -> str:
    """Report progress three times."""
    for done in (0, 50, 100):
        await ctx.report_progress(done, 100)
        await asyncio.sleep(PAUSE)
    return TEXT


@server.tool(structured_output=False)
async def test_sampling(prompt: str, ctx: Context) -> str:
    """Ask the client's model."""
    message = SamplingMessage(role="user", content=TextContent(type="text", text=prompt))
    answer = await ctx.session.create_message(
        [message], max_tokens=100, related_request_id=ctx.request_id
    )
    return f"{answer.content}"


@server.tool(structured_output=False)
async def test_elicitation(message: str, ctx: Context) -> str:
    """Ask the user who it is."""
    return await asked(ctx, message, USER)


@server.tool(structured_output=False)
async def test_elicitation_sep1034_defaults(ctx: Context) -> str:
    """Ask the user with defaults."""
    return await asked(ctx, "Is that so?", DEFAULTS)


@server.tool(structured_output=False)
async def test_elicitation_sep1330_enums(ctx: Context) -> str:
    """Ask the user to choose."""
    return await asked(ctx, "Which?", ENUMS)


@server.tool(structured_output=False)
async def test_reconnection(ctx: Context) -> str:
    """Close the stream, and answer on the next."""
    await ctx.close_sse_stream()
    await asyncio.sleep(PAUSE)
    return TEXT


@server.resource("test://static-text", mime_type="text/plain")
def static_text() -> str:
    """Give a text."""
    return TEXT


@server.resource("test://static-binary", mime_type="image/png")
def static_binary() -> bytes:
    """Give an image."""
    return base64.b64decode(PNG)


@server.resource("test://template/{number}/data", mime_type="application/json")
def data(number: str) -> str:
    """Give data by their number."""
    return f'{{"id": "{number}"}}'


@server.prompt()
def test_simple_prompt() -> str:
    """Say something."""
    return TEXT


@server.prompt()
def test_prompt_with_arguments(arg1: str, arg2: str) -> str:
    """Say what was given."""
    return f"{arg1}, {arg2}"


@server.prompt()
def test_prompt_with_embedded_resource(resourceUri: str) -> list[Any]:  # noqa: N803 - its name
    """Say something of a resource."""
    return [UserMessage(embedded(resourceUri)), UserMessage(TEXT)]


@server.prompt()
def test_prompt_with_image() -> list[Any]:
    """Say something of an image."""
    return [UserMessage(IMAGE), UserMessage(TEXT)]


@server.completion()
async def complete(reference: Any, argument: Any, context: Any) -> Completion:
    """Complete everything in the same way."""
    return Completion(values=["paris", "park"], total=2, has_more=False)


async def done(context: Any, params: Any) -> EmptyResult:
    return EmptyResult()


class Events(EventStore):
    """All events, for streams that are gone on with."""

    def __init__(self) -> None:
        self.kept: list[tuple[StreamId, JSONRPCMessage | None]] = []

    async def store_event(self, stream_id: StreamId, message: JSONRPCMessage | None) -> EventId:
        self.kept.append((stream_id, message))
        return str(len(self.kept) - 1)

    async def replay_events_after(
        self, last_event_id: EventId, send_callback: EventCallback
    ) -> StreamId | None:
        last = int(last_event_id)
        stream = self.kept[last][0]
        for number, (of, message) in enumerate(self.kept[last + 1 :], last + 1):
            if of == stream and message is not None:
                await send_callback(EventMessage(message, str(number)))
        return stream


def main() -> None:
    for method in ("logging/setLevel", "resources/subscribe", "resources/unsubscribe"):
        # The server has no way of its own to take these.
        server._lowlevel_server.add_request_handler(method, RequestParams, done)
    app = server.streamable_http_app(event_store=Events(), retry_interval=500)
    listener = socket.create_server(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listener.getsockname()[1]}/mcp", flush=True)
    http = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
    asyncio.run(uvicorn.Server(http).serve(sockets=[listener]))


if __name__ == "__main__":
    main()
