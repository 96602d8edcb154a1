"""The profile: its sections, and which finding teaches each of its values."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from wiretape.analysis.profile.known import Section, found, known
from wiretape.analysis.profile.mcp import Prompts, Protocol, Resources, Stream, Tools, Transport
from wiretape.analysis.profile.oauth import Authorization, Discovery, Refresh, Registration, Token
from wiretape.analysis.profile.standing import Standings
from wiretape.analysis.profile.values import (
    Browser,
    Names,
    Permission,
    Quantiles,
    Redirect,
    Refusal,
)

type Role = Literal[
    "mcp",
    "sse",
    "message",
    "resource-metadata",
    "server-metadata",
    "registration",
    "authorization",
    "callback",
    "token",
    "revocation",
    "introspection",
    "resources",
    "other",
]
"""What a route is for."""


class Endpoints(Section):
    """Where the service is."""

    mcp: str | None = known("Streamable HTTP", id="endpoint.mcp")
    sse: str | None = known("Where HTTP+SSE streams come from", id="endpoint.sse")
    message: str | None = known(
        "Where clients of HTTP+SSE post, as the first event tells; `{id}` is the session's",
        id="transport.endpoint",
    )
    registration: str | None = known("Registration endpoint", id="endpoint.registration")
    authorization: str | None = known("Authorization endpoint", id="endpoint.authorization")
    token: str | None = known("Token endpoint", id="endpoint.token")
    revocation: str | None = known("Revocation endpoint", id="endpoint.revocation")
    introspection: str | None = known("Introspection endpoint", id="endpoint.introspection")
    resources: str | None = known(
        "Where clients learn which sites a token opens: Atlassian's accessible-resources",
        id="endpoint.resources",
    )


class Cors(Section):
    """What pages of other origins may do at a route."""

    preflight: Permission | None = known("The answer to a preflight")
    actual: Permission | None = known("The answer to the request itself")
    refused: Permission | None = known("The answer to a request without permission")
    browser: Browser | None = known("What a page may do in a browser")


class Headers(Section):
    """Headers of responses; of one with several values they are listed."""

    constant: dict[str, str] | None = known("Headers that are the same in every response")
    varying: Names | None = known("Headers that vary")
    caching: dict[str, str | Names] | None = known("Headers for caches")
    cdn: dict[str, str | Names] | None = known("Headers of a CDN")
    reporting: dict[str, str | Names] | None = known("Headers for reports of errors")
    security: dict[str, str | Names] | None = known("Headers for the security of browsers")
    timing: dict[str, str | Names] | None = known("Headers that tell times")
    tracing: dict[str, str | Names] | None = known("Headers that trace requests")
    names: dict[Role, Names] = known("Names by role", id="headers.*.names", keys=1)
    answers: dict[Role, dict[str, dict[str, str]]] = known(
        "Headers that answers of a kind have, by role, and by status and media type", keys=2
    )


class Latency(Section):
    """How long answers take, by method, and by role of the route."""

    method: dict[str, Quantiles] = known("Time until a method's result", unit="ms", keys=1)
    role: dict[str, Quantiles] = known("Time until a response's head", unit="ms", keys=1)
    first_event: dict[str, Quantiles] = known(
        "Time until the first event of a stream", unit="ms", keys=1
    )


class Profile(Section):
    """Everything known of a service. What is absent is not known."""

    name: Annotated[str, Field(description="What to call the service")]
    description: Annotated[str | None, Field(description="Which service, when, how known")] = None
    standing: Standings = Standings()
    endpoints: Endpoints = Endpoints()
    discovery: Discovery = Discovery()
    registration: Registration = Registration()
    authorization: Authorization = Authorization()
    token: Token = Token()
    refresh: Refresh = Refresh()
    challenge: dict[Role, dict[str, dict[str, Refusal]]] = known(
        "How requests are refused that may not be made, by role, method and what they come with",
        keys=3,
    )
    cors: dict[Role, Cors] = Field(default={})
    transport: Transport = Transport()
    stream: dict[str, Stream] = Field(default={})
    redirect: dict[str, Redirect] = known("Where a path is redirected to", keys=1)
    protocol: Protocol = Protocol()
    tools: Tools = Tools()
    resources: Resources = Resources()
    prompts: Prompts = Prompts()
    headers: Headers = Headers()
    latency: Latency = Latency()

    @model_validator(mode="after")
    def _names_values(self) -> Self:
        there = {value.path for value in found(self)}
        for spelt, path in self.standing.named():
            if not any(each[: len(path)] == path for each in there):
                raise ValueError(f"standing names {spelt}, and there is no such value")
        return self
