"""The probe as an OAuth client: RFC 6749 with PKCE (RFC 7636) and `resource` (RFC 8707)."""

import base64
import hashlib
import secrets
from urllib.parse import quote, urlencode

import msgspec
from msgspec import Raw

from wiretape.recorder.log.raw import fields, text
from wiretape.recorder.log.records import Header
from wiretape.recorder.log.urls import endpoint, join
from wiretape.recorder.probe import results
from wiretape.recorder.probe.known import Client, Code, Known, Tokens
from wiretape.recorder.probe.metadata import ServerMetadata, challenge_parameter, is_web
from wiretape.recorder.probe.talk import Answer, Ask, Landed, StepError, Visit, Walk, ask

MAX_HOPS = 5
REDIRECTS = (301, 302, 303, 307, 308)
CODE_REQUESTS = MAX_HOPS + 1
"""What `obtain_code` takes at most."""


def obtain_code(known: Known) -> Walk[Code]:
    """Obtain an authorization code from the user, or headless, with a new verifier."""
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    url = _authorization_url(known, verifier, state)
    if known.target.headless:
        yield from _follow_to_callback(known, url)
    else:
        yield Ask(label="authorize", method="GET", url=url, headers=_page(known, url))
        yield Visit(url)
    landed: dict[str, str] = yield Landed(state)
    if "error" in landed:
        raise StepError(f"authorization was refused: {landed['error']}")
    if "code" not in landed:
        raise StepError("the callback got no code")
    return Code(landed["code"], verifier)


def exchange(known: Known, code: Code, label: str, verifier: str | None = None) -> Walk[Answer]:
    """Exchange a code for tokens; with another `verifier` than its own that must fail."""
    form = {
        "grant_type": "authorization_code",
        "code": code.code,
        "redirect_uri": known.target.redirect_uri,
        "code_verifier": verifier or code.verifier,
        "resource": _resource(known),
    }
    return (yield from token_request(known, label, form))


def refresh(known: Known, refresh_token: str, label: str) -> Walk[Answer]:
    """Exchange a refresh token for new tokens."""
    form = {
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
        "resource": _resource(known),
    }
    return (yield from token_request(known, label, form))


def token_request(
    known: Known, label: str, form: dict[str, str], url: str | None = None
) -> Walk[Answer]:
    """Post a form to the token endpoint, or to another `url`, as the client (RFC 6749, 2.3.1)."""
    server, client = _server(known), _client(known)
    url = url or server.token_endpoint
    form = form | {"client_id": client.id}
    more: list[Header] = [
        ("accept", "application/json"),
        ("content-type", "application/x-www-form-urlencoded"),
    ]
    match client.method or _default_method(client, server):
        case "client_secret_post":
            form["client_secret"] = client.secret or ""
        case "client_secret_basic":
            pair = f"{quote(client.id, safe='')}:{quote(client.secret or '', safe='')}"
            more.append(("authorization", f"Basic {base64.b64encode(pair.encode()).decode()}"))
    return (
        yield from ask(
            Ask(
                label=label,
                method="POST",
                url=url,
                headers=known.headers(url, *more, authorised=False),
                body=urlencode(form, errors="surrogatepass").encode(),
            )
        )
    )


def tokens_of(answer: Answer, before: Tokens | None = None) -> Tokens | None:
    """Read a token answer; one without a refresh token leaves the one `before` it (RFC 6749, 6)."""
    found = fields(Raw(answer.body))
    access = text(found.get("access_token"))
    if not answer.ok or not access:
        return None
    return Tokens(
        access=access,
        refresh=text(found.get("refresh_token")) or (before.refresh if before else None),
        token_type=text(found.get("token_type")),
        lifetime=_seconds(found.get("expires_in")),
        scope=text(found.get("scope")),
        at=answer.at,
    )


def issued(answer: Answer, tokens: Tokens | None) -> results.Issued:
    """Describe a token answer."""
    if tokens is None:
        return results.Issued(at=answer.at, status=answer.status)
    return results.Issued(
        at=answer.at,
        status=answer.status,
        token_type=_unless_secret(tokens.token_type, tokens),
        expires_in=tokens.lifetime,
        scope=_unless_secret(tokens.scope, tokens),
        access_token=results.shape(tokens.access),
        refresh_token=results.shape(tokens.refresh) if tokens.refresh else None,
    )


def told(tokens: Tokens) -> str:
    """Say in words what tokens these are."""
    form = results.shape(tokens.access)
    parts = [f"access token of {form.length} characters"]
    if len(form.segments) > 1:
        parts.append(f"in segments of {', '.join(map(str, form.segments))}")
    lifetime = "unsaid" if tokens.lifetime is None else f"{tokens.lifetime:g} s"
    parts.append(f"for {lifetime}, {'with' if tokens.refresh else 'without'} a refresh token")
    return " ".join(parts)


def requested_scope(known: Known) -> str | None:
    """Choose the scope as MCP clients do: the challenge's, else the resource's, else none.

    `offline_access` is asked for wherever the authorization server knows it.
    """
    if known.target.scope is not None:
        return known.target.scope or None
    named = challenge_parameter(known.challenge, "scope") or " ".join(known.resource_scopes)
    scopes = named.split()
    known_there = known.server.scopes if known.server else ()
    if "offline_access" in known_there and "offline_access" not in scopes:
        scopes.append("offline_access")
    return " ".join(scopes) or None


def _authorization_url(known: Known, verifier: str, state: str) -> str:
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    asked = {
        "response_type": "code",
        "client_id": _client(known).id,
        "redirect_uri": known.target.redirect_uri,
        "state": state,
        "code_challenge": challenge.decode().rstrip("="),
        "code_challenge_method": "S256",
        "resource": _resource(known),
    }
    if scope := requested_scope(known):
        asked["scope"] = scope
    at = _server(known).authorization_endpoint
    return f"{at}{'&' if '?' in at else '?'}{urlencode(asked, errors='surrogatepass')}"


def _follow_to_callback(known: Known, url: str) -> Walk[None]:
    """Follow redirects as a browser would, up to our own callback."""
    for hop in range(MAX_HOPS):
        label = "authorize" if hop == 0 else f"authorize, redirect {hop}"
        request = Ask(label=label, method="GET", url=url, headers=_page(known, url))
        answer = yield from ask(request)
        location = answer.header("location")
        if answer.status not in REDIRECTS or location is None:
            raise StepError(f"authorize answered {answer.status} and wants a user: no --headless")
        url = join(url, location)
        if endpoint(url) == known.target.redirect_uri:
            yield Ask(label="callback", method="GET", url=url, headers=_page(known, url))
            return
        if not is_web(url):
            raise StepError("authorize redirected to what is no web address")
    raise StepError(f"authorize redirected more than {MAX_HOPS} times")


def _page(known: Known, url: str) -> tuple[Header, ...]:
    return known.headers(url, ("accept", "text/html"), authorised=False)


def _default_method(client: Client, server: ServerMetadata) -> str:
    """Choose how a client with a secret shows it; basic unless the server says otherwise."""
    if client.secret is None:
        return "none"
    methods = server.auth_methods
    post_only = methods and "client_secret_basic" not in methods
    return "client_secret_post" if post_only else "client_secret_basic"


def _resource(known: Known) -> str:
    return known.resource or known.target.url


def _server(known: Known) -> ServerMetadata:
    if known.server is None:
        raise StepError("the authorization server's metadata is not known")
    return known.server


def _client(known: Known) -> Client:
    if known.client is None:
        raise StepError("there is no client")
    return known.client


def _seconds(raw: Raw | None) -> float | None:
    """Read a number of seconds, which some servers send as a text."""
    try:
        found = None if raw is None else msgspec.json.decode(raw, type=float, strict=False)
    except (ValueError, RecursionError):
        return None
    return found if found is not None and 0 <= found < 1e9 else None


def _unless_secret(value: str | None, tokens: Tokens) -> str | None:
    told = [token for token in (tokens.access, tokens.refresh) if token]
    return None if value is None or any(token in value for token in told) else value
