"""The sections of a profile about MCP."""

from wiretape.analysis.profile.known import Section, known
from wiretape.analysis.profile.offers import Prompt, Resource, Tool
from wiretape.analysis.profile.texts import JsonText
from wiretape.analysis.profile.values import (
    Answer,
    Count,
    Counted,
    Cut,
    Denial,
    Flag,
    Measured,
    Method,
    Names,
    Shape,
)


class TransportMessage(Section):
    """Answers to what clients of HTTP+SSE post."""

    answer: Answer | None = known("The answer to a message that is taken")
    unknown_session: Answer | None = known("The answer to a session that is unknown, or gone")
    missing_session: Answer | None = known("The answer to a message without session")
    wrong_content_type: Answer | None = known("The answer to a Content-Type that is not liked")
    no_json: Answer | None = known("The answer to what is no JSON")
    no_message: Answer | None = known("The answer to JSON that is no message")
    batch: Answer | None = known("The answer to a batch that is not taken")


class TransportSse(Section):
    """Answers at the endpoint from which HTTP+SSE streams come."""

    post: Answer | None = known("The answer to a POST")


class SessionId(Section):
    """The id of an MCP session."""

    place: str | None = known("Where it is", id="transport.session_id.place", none=True)
    shape: Shape | None = known("Shape of session ids", id="session_id.shape")


class Site(Section):
    """Which of its users' sites a call is for, where a service has several."""

    header: str | None = known("The header that names the site")
    refused: Denial | None = known(
        "The answer to a tool's use without the site's header, or with that of a foreign site"
    )


class Transport(Section):
    """How the service speaks MCP over HTTP."""

    kinds: Names | None = known("The transports that are spoken")
    ways: Counted | None = known("How answers come: in a body, on the POST's stream, on another")
    session_id: SessionId = SessionId()
    site: Site = Site()
    get: Answer | None = known("The answer to a GET for the server's messages")
    delete: Answer | None = known("The answer to a DELETE of a session")
    notification: Answer | None = known("The answer to a POST without calls")
    unknown_session: Answer | None = known("The answer to a session that is unknown, or gone")
    missing_session: Answer | None = known("The answer to a request without its session")
    wrong_accept: Answer | None = known("The answer to a POST whose Accept is not liked")
    get_wrong_accept: Answer | None = known("The answer to a GET whose Accept is not liked")
    wrong_content_type: Answer | None = known("The answer to a Content-Type that is not liked")
    no_json: Answer | None = known("The answer to what is no JSON")
    no_message: Answer | None = known("The answer to JSON that is no message")
    batch: Answer | None = known("The answer to a batch that is not taken")
    unsupported_revision: Answer | None = known("The answer to an unknown protocol version")
    sse: TransportSse = TransportSse()
    message: TransportMessage = TransportMessage()


class Stream(Section):
    """Event streams of a role; `mcp-answers` are those that answer a POST to `mcp`."""

    keepalive: Measured | None = known("Time between keep-alives", unit="s")
    cut: Cut | None = known("When streams are cut off")
    ends: Counted | None = known("How streams ended")
    events: Names | None = known("Names of the events")
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
    unknown_method: Denial | None = known("The answer to a method that is not known")
    server_methods: Names | None = known("Methods that the server calls")
    method: dict[str, Method] = known("How calls of a method are answered", keys=1)
    opening: dict[str, JsonText] = known(
        "The result of initialize, or of server/discover, in full, by the revision chosen; it "
        "counts before capabilities and server_info",
        keys=1,
    )


class Listed(Section):
    """What the service lists."""

    list: Names | None = known("Names, or URIs")
    paged: Flag | None = known("Whether the list comes in pages")


class Usable(Listed):
    """What is listed and can be used by its name."""

    unknown: Denial | None = known("The answer to the use of one that is not listed")


class Tools(Usable):
    """Tools that the service offers."""

    unauthorized: Denial | None = known(
        "The answer to a tool's use with a token that is not good, where only tools look at tokens"
    )
    tool: dict[str, Tool] = known("A tool", keys=1)


class Templates(Listed):
    """Templates of resources' URIs that the service offers."""

    template: dict[str, Resource] = known("A template", keys=1)


class Resources(Usable):
    """Resources that the service offers."""

    resource: dict[str, Resource] = known("A resource", keys=1)
    templates: Templates = Templates()


class Prompts(Usable):
    """Prompts that the service offers."""

    prompt: dict[str, Prompt] = known("A prompt", keys=1)
