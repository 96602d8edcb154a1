"""The sections of a profile about MCP."""

from wiretape.analysis.profile.known import Section, known
from wiretape.analysis.profile.texts import JsonText
from wiretape.analysis.profile.values import (
    Answer,
    Count,
    Counted,
    Cut,
    Flag,
    Measured,
    Method,
    Names,
    Shape,
    Tool,
)


class TransportMessage(Section):
    """Answers to what clients of HTTP+SSE post."""

    answer: Answer | None = known("The answer to a message that is taken")
    unknown_session: Answer | None = known("The answer to a session that is unknown, or gone")
    missing_session: Answer | None = known("The answer to a message without session")


class TransportSse(Section):
    """Answers at the endpoint from which HTTP+SSE streams come."""

    post: Answer | None = known("The answer to a POST")


class SessionId(Section):
    """The id of an MCP session."""

    place: str | None = known("Where it is", id="transport.session_id.place", none=True)
    shape: Shape | None = known("Shape of session ids", id="session_id.shape")


class Transport(Section):
    """How the service speaks MCP over HTTP."""

    kinds: Names | None = known("The transports that are spoken")
    ways: Counted | None = known("How answers come: in a body, on the POST's stream, on another")
    session_id: SessionId = SessionId()
    get: Answer | None = known("The answer to a GET for the server's messages")
    delete: Answer | None = known("The answer to a DELETE of a session")
    notification: Answer | None = known("The answer to a POST without calls")
    unknown_session: Answer | None = known("The answer to a session that is unknown, or gone")
    missing_session: Answer | None = known("The answer to a request without its session")
    wrong_accept: Answer | None = known("The answer to an Accept that is not liked")
    wrong_content_type: Answer | None = known("The answer to a Content-Type that is not liked")
    unsupported_revision: Answer | None = known("The answer to an unknown protocol version")
    sse: TransportSse = TransportSse()
    message: TransportMessage = TransportMessage()


class Stream(Section):
    """Event streams of a role; `mcp-answers` are those that answer a POST to `mcp`."""

    keepalive: Measured | None = known("Time between keep-alives", unit="s")
    cut: Cut | None = known("When streams are cut off")
    ends: Counted | None = known("How streams ended")
    event_ids: Flag | None = known("Whether events have ids")
    retry: Count | None = known("Time after which to connect again", unit="ms")
    resumed: Flag | None = known("Whether streams go on after a Last-Event-ID")


class Protocol(Section):
    """MCP as the service speaks it."""

    revisions: dict[str, str | Names] | None = known("Revisions that clients offer: the one chosen")
    supported: Names | None = known("Revisions that the server says it supports")
    capabilities: JsonText | None = known("Capabilities of the server")
    server_info: JsonText | None = known("What the server calls itself")
    instructions: Flag | None = known("Whether there are instructions")
    not_found: Names | None = known("Methods that are not known")
    server_methods: Names | None = known("Methods that the server calls")
    method: dict[str, Method] = known("How calls of a method are answered", keys=1)


class Tools(Section):
    """Tools that the service offers."""

    list: Names | None = known("Names of the tools")
    paged: Flag | None = known("Whether the list comes in pages")
    tool: dict[str, Tool] = known("A tool", keys=1)


class Listed(Section):
    """What the service lists besides tools."""

    list: Names | None = known("Names, or URIs")
    paged: Flag | None = known("Whether the list comes in pages")


class Resources(Listed):
    """Resources that the service offers."""

    templates: Listed = Listed()
