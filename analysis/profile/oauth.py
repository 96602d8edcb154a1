"""The sections of a profile about OAuth."""

from typing import Literal

from wiretape.analysis.profile.known import Section, known
from wiretape.analysis.profile.texts import JsonText
from wiretape.analysis.profile.values import (
    Answer,
    Bounded,
    Duration,
    Flag,
    Measured,
    Metadata,
    Names,
    Shape,
    Status,
)


class Discovery(Section):
    """The documents by which clients find their way (RFC 9728, RFC 8414, OpenID Connect)."""

    resource_metadata: dict[str, Status] | None = known(
        "Where resource metadata was looked for, with the statuses",
        id="discovery.resource-metadata",
    )
    resource_metadata_document: JsonText | None = known(
        "The resource metadata", id="discovery.resource-metadata.document"
    )
    resource_metadata_answers: dict[str, Metadata] | None = known(
        "How resource metadata is answered, by path, or URL if at another origin",
        id="discovery.resource-metadata.answers",
    )
    server_metadata: dict[str, Status] | None = known(
        "Paths of server metadata, with the statuses", id="discovery.server-metadata"
    )
    server_metadata_document: JsonText | None = known(
        "The authorization server's metadata", id="discovery.server-metadata.document"
    )
    server_metadata_answers: dict[str, Metadata] | None = known(
        "How server metadata is answered, by path, or URL if at another origin",
        id="discovery.server-metadata.answers",
    )
    issuer_matches: Flag | None = known("Whether the issuer is where its metadata was found")
    resource_matches: Flag | None = known("Whether the resource is where its metadata was found")
    cross_origin: Names | None = known("Members of the metadata with URLs of other origins")


class Registration(Section):
    """Registration of clients (RFC 7591)."""

    status: Status | None = known("Status of a registration that succeeds")
    fields: Names | None = known("Members of the answer")
    client_secret: Flag | None = known("Whether clients get a secret")
    auth_method: str | None = known("How clients authenticate at the token endpoint")
    error: dict[str, Answer] = known("Errors (RFC 7591, 3.2.2)", keys=1)
    client_id: Shape | None = known("Shape of client ids", id="client_id.shape")


class Authorization(Section):
    """The authorization request (RFC 6749, 4.1.1) and how it is answered."""

    pkce: str | None = known("Method of PKCE (RFC 7636)", none=True)
    resource: Flag | None = known("Whether clients name the resource (RFC 8707)")
    state: Flag | None = known("Whether clients send a state")
    scope: Names | None = known("Scopes that clients ask for")
    offline_access: Flag | None = known("Whether clients ask for offline_access")
    redirect_uri: str | None = known("Kind of redirect URIs")
    status: Status | None = known("Status of the redirect to the client")
    answer: Names | None = known("Parameters given to the client")
    error: dict[str, Answer] = known("Errors (RFC 6749, 4.1.2.1)", keys=1)
    code: Shape | None = known("Shape of authorization codes", id="code.shape")
    code_reuse: Literal["revokes all", "revokes nothing"] | None = known(
        "What the refused use of a code does to the tokens that it was exchanged for",
        id="code.reuse",
    )


class Access(Section):
    """Access tokens."""

    shape: Shape | None = known("Shape of access tokens")
    claims: JsonText | None = known("Header and claims of access tokens that are JWTs")


class Renewal(Section):
    """Refresh tokens."""

    shape: Shape | None = known("Shape of refresh tokens")


class TokenAnswer(Section):
    """The successful answer of the token endpoint (RFC 6749, 5.1)."""

    fields: Names | None = known("Members of the answer")
    cache_control: str | None = known("Cache-Control of the answer", none=True)


class Token(Section):
    """Tokens, and the endpoint that gives them."""

    type: str | None = known("Type of access tokens")
    lifetime: Duration | None = known("Lifetime that token answers tell", unit="s")
    lifetime_observed: Measured | None = known(
        "Lifetime between the last success and the first refusal",
        id="token.lifetime.observed",
        unit="s",
    )
    lifetime_claimed: Duration | None = known(
        "Lifetime that access tokens claim of themselves", id="token.lifetime.claimed", unit="s"
    )
    after_refresh: str | None = known("What becomes of an access token by a refresh")
    scope: str | None = known("Scope of access tokens")
    encoding: str | None = known("Encoding of the request that brings a code")
    client_auth: str | None = known("How clients authenticate when they bring a code")
    clock_skew: Measured | None = known("How far the server's clock is ahead", unit="s")
    access: Access = Access()
    refresh: Renewal = Renewal()
    answer: TokenAnswer = TokenAnswer()
    error: dict[str, Answer] = known("Errors of the token endpoint (RFC 6749, 5.2)", keys=1)


class Refresh(Section):
    """Refreshing (RFC 6749, 6)."""

    encoding: str | None = known("Encoding of the request")
    client_auth: str | None = known("How clients authenticate")
    rotates: Flag | None = known("Whether there is a new refresh token each time")
    immediate: Flag | None = known("Whether a fresh token can be refreshed at once")
    old_token: Bounded | None = known("What becomes of the refresh token that was used")
    reuse: Literal["revokes all", "revokes nothing"] | None = known(
        "What the refused use of an old refresh token does to the newer ones"
    )
    needs: str | None = known("The scope without which there are no refresh tokens")
    scope_kept: Flag | None = known("Whether the scope stays the same")
