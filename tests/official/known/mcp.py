"""Facts about its MCP: transport, protocol, tools; and about the headers of its answers."""

from collections.abc import Iterator

from pydantic import JsonValue

from official.known.fact import Fact

USER_AND_ACCESS = ("atlassianUserInfo", "getAccessibleAtlassianResources", "lookupJiraAccountId")
CONFLUENCE = (
    "createConfluenceFooterComment",
    "createConfluenceInlineComment",
    "createConfluencePage",
    "getConfluencePage",
    "getConfluencePageDescendants",
    "getConfluencePageFooterComments",
    "getConfluencePageInlineComments",
    "getConfluenceSpaces",
    "getPagesInConfluenceSpace",
    "searchConfluenceUsingCql",
    "updateConfluencePage",
)
JIRA = (
    "addCommentToJiraIssue",
    "createJiraIssue",
    "editJiraIssue",
    "getJiraIssue",
    "getJiraIssueRemoteIssueLinks",
    "getJiraProjectIssueTypesMetadata",
    "getTransitionsForJiraIssue",
    "getVisibleJiraProjects",
    "searchJiraIssuesUsingJql",
    "transitionJiraIssue",
)
TOOLS = sorted((*USER_AND_ACCESS, *CONFLUENCE, *JIRA))


def facts() -> Iterator[Fact]:
    yield from transport()
    yield from protocol()
    yield from tools()
    yield from headers()
    yield from cors()


def transport() -> Iterator[Fact]:
    part = "Transport and its negotiation"
    for what, path, value, said in (
        ("it is HTTP+SSE", ("transport.kinds",), ["sse"], ("transports that were", "`sse`")),
        (
            "a POST to the endpoint",
            ("transport.sse.post",),
            {"status": 404, "media_type": "text/plain", "body": "Missing sessionId parameter"},
            ("`status: 404`", "`body: Missing sessionId parameter`"),
        ),
        (
            "the endpoint event",
            ("transport.endpoint",),
            "/v1/sse/message?sessionId={id}",
            ("`/v1/sse/message?sessionId={id}`",),
        ),
        ("the session's place", ("transport.session_id.place",), "query", ("`query`",)),
        (
            "accepted messages",
            ("transport.message.answer",),
            {"status": 202, "media_type": "text/event-stream", "body": "Accepted"},
            ("`status: 202`", "`media_type: text/event-stream`", "`body: Accepted`"),
        ),
        (
            "what comes on the stream",
            ("stream.sse.events",),
            ["endpoint", "message"],
            ("Names of the events", "`endpoint`", "`message`"),
        ),
        (
            "streams die",
            ("stream.sse.ends", "server abort"),
            1,
            ("`sse.ends`", "server abort: terminated"),
        ),
        (
            "POST, then GET",
            ("transport.client.Visual Studio Code 1", "steps"),
            [
                "POST sse initialize → 404",
                "GET sse → 200 endpoint",
                "POST message initialize → 202",
                "POST message notifications/initialized → 202",
                "POST message tools/list → 202",
            ],
            (
                "Visual Studio Code",
                "sse after POST",
                "POST sse initialize → 404, GET sse → 200 endpoint, POST message initialize → 202",
            ),
        ),
        (
            "GET, then POST, then GET",
            ("transport.client.desktop (via mcp-remote) 1", "pattern"),
            "sse after GET, POST",
            ("`desktop (via mcp-remote) 1`", "`sse after GET, POST`"),
        ),
    ):
        yield Fact(what, part, path, value, said)
    shape = {"length": 64, "alphabet": "hex", "stable": None}
    said = ("Shape of MCP session ids", "64 hex")
    yield Fact(
        "the session id",
        "Tokens and their lifetime",
        ("session_id.shape", "segments", 0),
        shape,
        said,
    )


def protocol() -> Iterator[Fact]:
    part = "Protocol"
    method = "protocol.method.notifications/initialized"
    for what, path, value, said in (
        (
            "the revision",
            ("protocol.revisions",),
            {"2025-06-18": "2025-03-26"},
            ("Which revision is chosen", "`2025-06-18: 2025-03-26`"),
        ),
        (
            "a method that it does not know",
            ("protocol.not_found",),
            ["notifications/initialized"],
            ("method not found", "`notifications/initialized`"),
        ),
        (
            "that is said on the stream",
            (method, "ways"),
            ["sse"],
            ("`notifications/initialized`", "`-32601: 7`", "`sse`", "Method not found"),
        ),
        (
            "which is not as it should be",
            ("protocol.nonconforming", 0),
            {
                "by": "server",
                "method": "notifications/initialized",
                "what": "a notification was answered with error -32601",
            },
            ("`notifications/initialized`", "`a notification was answered with error -32601`"),
        ),
        (
            "tools are listed",
            ("protocol.method.tools/list", "answered"),
            7,
            ("| `tools/list` | `7` | `none` | `sse` |",),
        ),
        (
            "tools are called",
            ("protocol.method.tools/call", "answered"),
            6,
            ("| `tools/call` | `6` | `none` | `sse` |",),
        ),
    ):
        yield Fact(what, part, path, value, said)
    broken: JsonValue = {"sse server abort": 1}
    words = ("Exchanges that broke off", "sse server abort: terminated")
    yield Fact("a dead stream", "Errors and retries", ("errors.broken_off",), broken, words)


def tools() -> Iterator[Fact]:
    part = "Tools, resources and prompts"
    listed = tuple(f"`{name}`" for name in TOOLS)
    yield Fact("the names", part, ("tools.list",), [*TOOLS], ("tools that are listed", *listed))
    yield Fact("the same each time", part, ("tools.changed",), [], ("differ from", "none"))


def headers() -> Iterator[Fact]:
    nel = (
        '{"failure_fraction": 0.001, "include_subdomains": true, "max_age": 600,'
        ' "report_to": "endpoint-1"}'
    )
    report_to = (
        '{"endpoints": [{"url": "https://reports.example.net"}], "group": "endpoint-1",'
        ' "include_subdomains": true, "max_age": 600}'
    )
    pop = 'atl-edge-pop;desc="aws-us-east-1"'
    metrics: JsonValue = ["atl-edge", "atl-edge-internal", pop, "atl-edge-upstream"]
    for kind, name, value, word in (
        ("tracing", "atl-request-id", "UUID", "atl-request-id: UUID"),
        ("tracing", "atl-traceid", "32 hex digits", "is atl-request-id without its dashes"),
        ("timing", "server-timing", metrics, f"server-timing: atl-edge, atl-edge-internal, {pop}"),
        ("cdn", "server", ["AtlassianEdge", "cloudflare"], "| `AtlassianEdge, cloudflare` |"),
        ("cdn", "cf-ray", "(varies)", "`cf-ray`"),
        ("cdn", "ge-edge-trusted-cloudflare-proxy", "ZXhhbXBsZS1lZGdlCg==", "ZXhhbXBsZS1lZGdlCg=="),
        ("cdn", "alt-svc", 'h3=":443"; ma=86400', '| `h3=":443"; ma=86400` |'),
        (
            "security",
            "strict-transport-security",
            "max-age=63072000; preload",
            "strict-transport-security: max-age=63072000; preload",
        ),
        ("security", "x-content-type-options", "nosniff", "x-content-type-options: nosniff"),
        ("security", "x-xss-protection", "1; mode=block", "x-xss-protection: 1; mode=block"),
        ("caching", "cache-control", "no-cache", "`cache-control: no-cache`"),
        ("caching", "vary", "Accept-Encoding", "`vary: Accept-Encoding`"),
        ("reporting", "nel", nel, f"`{nel}`"),
        ("reporting", "report-to", report_to, f"`{report_to}`"),
    ):
        yield Fact(name, "Headers", (f"headers.{kind}", name), value, (word,))
    varying = ["atl-request-id", "atl-traceid", "cf-ray", "server-timing"]
    said = ("vary per request", *varying)
    yield Fact("what varies", "Headers", ("headers.varying",), [*varying], said)


def cors() -> Iterator[Fact]:
    for role in ("sse", "message"):
        for kind in ("preflight", "actual"):
            for name, value, word in (
                ("allow_origin", "*", "`*`"),
                ("allow_methods", ["GET", "OPTIONS", "POST"], "`GET, OPTIONS, POST`"),
                (
                    "allow_headers",
                    ["Content-Type", "mcp-session-id"],
                    "`Content-Type, mcp-session-id`",
                ),
                ("expose_headers", ["mcp-session-id"], "| `mcp-session-id` |"),
                ("max_age", 86400, "`86,400`"),
            ):
                path = (f"cors.{role}.{kind}", name)
                yield Fact(".".join(path), "CORS", path, value, (f"`{role}.{kind}`", word))
    for role in ("token", "registration", "server-metadata"):
        for name, value, word in (
            ("allow_origin", "(the request's origin)", "`(the request's origin)`"),
            ("allow_methods", ["*"], "| `*` |"),
            ("allow_headers", ["*", "Authorization"], "`*, Authorization`"),
        ):
            path = (f"cors.{role}.preflight", name)
            yield Fact(".".join(path), "CORS", path, value, (f"`{role}.preflight`", word))
