"""The documents by which clients find their way, and whether these agree with one another."""

from typing import Any

from wiretape.recorder.log.urls import origin
from wiretape.replay.conformance.check import Check, Family, rfc, spec
from wiretape.replay.conformance.driving.client import client
from wiretape.replay.conformance.evidence import Evidence, Turn, oauth_turns
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.verdict import Verdict, judged, met, unmet, untestable

_MCP = "basic/authorization"


async def play(stage: Stage) -> None:
    """Look for the documents as clients do, and register if they say where."""
    async with client(stage) as user:
        await user.discover()
        await user.register()


def _resource_metadata(evidence: Evidence) -> Verdict:
    asked = oauth_turns(evidence.down, "resource metadata")
    if not asked:
        return untestable("nobody asked for resource metadata")
    for turn in _documents(evidence, "resource metadata"):
        servers = turn.fields.get("authorization_servers")
        good = isinstance(servers, list) and bool(servers)
        return judged(good, f"resource metadata names {_listed(servers)}", turn)
    return unmet("no resource metadata was found", *asked)


def _resource(evidence: Evidence) -> Verdict:
    for turn in _documents(evidence, "resource metadata"):
        named = turn.fields.get("resource")
        at, alone = _of(turn)
        good = isinstance(named, str) and (
            named.rstrip("/") == at if not alone else origin(named) == at
        )
        return judged(good, f"the metadata of {at} is of the resource {named}", turn)
    return untestable("no resource metadata was found")


def _found(evidence: Evidence) -> Verdict:
    asked = oauth_turns(evidence.down, "server metadata")
    for turn in _documents(evidence, "server metadata"):
        return met(f"metadata is at {turn.path}", turn)
    if not asked:
        return untestable("nobody asked for the authorization server's metadata")
    return unmet("the authorization server has no metadata where clients look", *asked)


def _issuer(evidence: Evidence) -> Verdict:
    resources = _documents(evidence, "resource metadata")
    named = {each for turn in resources for each in _texts(turn, "authorization_servers")}
    for turn in _documents(evidence, "server metadata"):
        issuer, (at, _) = turn.fields.get("issuer"), _of(turn)
        good = issuer in {at, f"{at}/"} and (not named or issuer in named)
        return judged(good, f"the metadata of {at} names the issuer {issuer}", *resources, turn)
    return _no_metadata()


def _endpoints(evidence: Evidence) -> Verdict:
    for turn in _documents(evidence, "server metadata"):
        wrong = [
            f"{name} is {url}"
            for name, url in turn.fields.items()
            if name.endswith("_endpoint") and not _usable(url, turn.url)
        ]
        lacks = {"authorization_endpoint", "token_endpoint"} - turn.fields.keys()
        wrong += [f"{name} is missing" for name in sorted(lacks)]
        return judged(not wrong, "; ".join(wrong) or "all endpoints are absolute URLs", turn)
    return _no_metadata()


def _registration(evidence: Evidence) -> Verdict:
    for turn in _documents(evidence, "server metadata"):
        named = turn.fields.get("registration_endpoint")
        return judged(isinstance(named, str), f"the registration endpoint is {named}", turn)
    return _no_metadata()


def _pkce(evidence: Evidence) -> Verdict:
    return _lists(evidence, "code_challenge_methods_supported", "S256")


def _response_types(evidence: Evidence) -> Verdict:
    return _lists(evidence, "response_types_supported", "code")


def _grant_types(evidence: Evidence) -> Verdict:
    return _lists(evidence, "grant_types_supported", "authorization_code", "refresh_token")


def _auth_methods(evidence: Evidence) -> Verdict:
    """Judge that the method by which a client was registered is one of those that are listed.

    A list that is left out means client_secret_basic (RFC 8414, 2).
    """
    usual = ("client_secret_basic",)
    for turn in oauth_turns(evidence.down, "registration"):
        if turn.status in {200, 201}:
            method = turn.fields.get("token_endpoint_auth_method", "client_secret_basic")
            return _lists(
                evidence, "token_endpoint_auth_methods_supported", str(method), usual=usual
            )
    return untestable("no client was registered")


def _lists(evidence: Evidence, name: str, *wanted: str, usual: tuple[str, ...] = ()) -> Verdict:
    for turn in _documents(evidence, "server metadata"):
        there = name in turn.fields
        good = set(wanted) <= set(_texts(turn, name) if there else usual)
        seen = f"{name} is {_listed(turn.fields.get(name)) if there else 'left out'}"
        return judged(good, seen, turn)
    return _no_metadata()


def _no_metadata() -> Verdict:
    return untestable("no metadata of an authorization server was found")


def _documents(evidence: Evidence, kind: Any) -> list[Turn]:
    """Give the turns in which such a document was found."""
    return [turn for turn in oauth_turns(evidence.down, kind) if turn.status == 200 and turn.fields]


def _of(turn: Turn) -> tuple[str, bool]:
    """Give the URL that a well-known document is about, and whether that is a mere origin."""
    path = turn.path.partition("/.well-known/")
    about = path[0] + "".join(path[2].partition("/")[1:])
    return f"{origin(turn.url)}{about.rstrip('/')}", not about.rstrip("/")


def _usable(url: object, beside: str) -> bool:
    if not isinstance(url, str) or "#" in url:
        return False
    scheme, _, host = origin(url).partition("://")
    return bool(host) and scheme == origin(beside).partition("://")[0]


def _texts(turn: Turn, name: str) -> list[str]:
    found = turn.fields.get(name)
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def _listed(found: object) -> str:
    return ", ".join(map(str, found)) or "empty" if isinstance(found, list) else "not a list"


FAMILY = Family(
    title="Discovery documents",
    play=play,
    checks=(
        Check(
            id="discovery.resource-metadata",
            title="Resource metadata names an authorization server",
            severity="MUST",
            source=spec("2025-06-18", _MCP, "authorization-server-location"),
            remedy="Serve /.well-known/oauth-protected-resource with authorization_servers.",
            judge=_resource_metadata,
            anywhere=True,
        ),
        Check(
            id="discovery.resource",
            title="Resource metadata is of the endpoint that it was asked for",
            severity="MUST",
            source=rfc(9728, "3.3"),
            remedy="Let resource be the endpoint's URL as clients know it: they compare.",
            judge=_resource,
            anywhere=True,
        ),
        Check(
            id="discovery.server-metadata",
            title="The authorization server's metadata is where clients look for it",
            severity="MUST",
            source=spec("2025-06-18", _MCP, "server-metadata-discovery"),
            remedy="Serve /.well-known/oauth-authorization-server, then the issuer's path.",
            judge=_found,
            anywhere=True,
        ),
        Check(
            id="discovery.issuer",
            title="The issuer is the URL that its metadata was found for",
            severity="MUST",
            source=rfc(8414, "3.3"),
            remedy="Name the same URL as issuer and in authorization_servers: clients compare.",
            judge=_issuer,
            anywhere=True,
        ),
        Check(
            id="discovery.endpoints",
            title="Endpoints are absolute URLs of the metadata's scheme",
            severity="MUST",
            source=rfc(8414, "2"),
            remedy="Name full URLs; behind a proxy, of the scheme that clients use.",
            judge=_endpoints,
            anywhere=True,
        ),
        Check(
            id="discovery.registration",
            title="The metadata names a registration endpoint",
            severity="SHOULD",
            source=spec("2025-06-18", _MCP, "dynamic-client-registration"),
            remedy="Offer registration (RFC 7591): clients of MCP have no other client id.",
            judge=_registration,
            anywhere=True,
        ),
        Check(
            id="discovery.pkce",
            title="The metadata offers PKCE with S256",
            severity="MUST",
            source=spec("2025-11-25", _MCP, "authorization-code-protection"),
            remedy="List S256 in code_challenge_methods_supported: clients want it.",
            judge=_pkce,
            anywhere=True,
        ),
        Check(
            id="discovery.response-types",
            title="The metadata lists the response type code",
            severity="MUST",
            source=rfc(8414, "2"),
            remedy="List code in response_types_supported, which is required.",
            judge=_response_types,
            anywhere=True,
        ),
        Check(
            id="discovery.grant-types",
            title="The metadata lists the grant types, refresh_token among them",
            severity="MUST",
            source=rfc(8414, "2"),
            remedy="List both in grant_types_supported: left out, it means no refresh.",
            judge=_grant_types,
            anywhere=True,
        ),
        Check(
            id="discovery.auth-methods",
            title="The metadata lists how clients that it registers authenticate",
            severity="MUST",
            source=rfc(8414, "2"),
            remedy="List none beside the others: left out, it means client_secret_basic only.",
            judge=_auth_methods,
            anywhere=True,
        ),
    ),
)
