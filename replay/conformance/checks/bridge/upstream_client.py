"""The bridge as a client of the authorization server behind it: registered once, and known as that.

The client ids that the service has registered are noted; they are no secrets.
"""

from collections.abc import Iterable

from wiretape.replay.conformance.check import Check, Family, Source, rfc, spec
from wiretape.replay.conformance.driving.behind import is_enrolled, profile, registered, renewed
from wiretape.replay.conformance.driving.client import client
from wiretape.replay.conformance.evidence import Evidence, Turn, oauth_turns
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms import grants
from wiretape.replay.conformance.verdict import Verdict, judged, met, unmet, untestable

_SECRETS, _EITHER = ("client_secret_basic", "client_secret_post"), "either"
_FORM = "application/x-www-form-urlencoded"
_CLIENT, _RESOURCE = "registered as", "resource"
_USERS = ("first user", "second user")


async def play(stage: Stage) -> None:
    """Log two users in with a client each, and have the tokens of both renewed."""
    for step, name in zip(_USERS, stage.config.upstream.users * 2, strict=False):
        stage.step(step)
        if profile(stage).discovery.resource_metadata_document:
            stage.note(_RESOURCE, stage.service.urls[0])
        async with client(stage, name) as user:
            await user.login()
            for each in registered(stage):
                method = _EITHER if is_enrolled(stage, each) else each.auth_method
                stage.note(_CLIENT, f"{method} {each.id}")
            await renewed(stage, user)


def _once(evidence: Evidence) -> Verdict:
    asked = oauth_turns(evidence.up, "registration")
    users = oauth_turns(evidence.up, "authorization")
    if len({turn.step for turn in users}) < 2:
        return untestable("fewer than two users were sent upstream to authorize")
    seen = f"{len(asked)} registrations and {len(users)} authorizations upstream"
    ids = {grants.client_id(turn) for turn in users}
    seen += f", as {len(ids)} client{'s' if len(ids) > 1 else ''}"
    return judged(len(asked) <= 1 and len(ids) == 1, seen, *asked, *users)


def _client_id(evidence: Evidence) -> Verdict:
    known = _methods(evidence)
    if not known:
        return untestable("it is not known as which client the bridge was registered")
    asked = _as_client(evidence.up)
    for turn in asked:
        if grants.client_id(turn) not in known:
            seen = f"{turn.oauth} upstream as {grants.client_id(turn) or 'no client'}"
            return unmet(f"{seen}, which was never registered", turn)
    if not grants.issued(evidence.up):
        return untestable("no tokens were obtained upstream")
    return met("all is asked for upstream as the client that was registered", *asked)


def _authenticated(evidence: Evidence) -> Verdict:
    """Judge that each token request shows who asks, in the way that was registered, and no other.

    A client id beside Basic is no authentication (RFC 6749, 3.2.1).
    """
    known = _methods(evidence)
    asked = [turn for turn in grants.requests(evidence.up) if grants.client_id(turn) in known]
    for turn in asked:
        method, wanted = _method(turn), known[grants.client_id(turn) or ""]
        shown = method in _SECRETS if wanted == _EITHER else method == wanted
        if not shown or turn.status == 401:
            seen = f"a token request came with {method}, registered is {wanted}"
            return unmet(f"{seen}; it was {grants.told(turn)}", turn)
    if not asked:
        return untestable("no tokens were asked for upstream as a client that is known")
    return met(f"token requests come with {_method(asked[0])}, as they are to", *asked)


def _exchange_form(evidence: Evidence) -> Verdict:
    return _form(grants.exchanges(evidence.up), "the exchange of a code")


def _refresh_form(evidence: Evidence) -> Verdict:
    return _form(grants.refreshes(evidence.up), "a refresh")


def _form(asked: list[Turn], what: str) -> Verdict:
    for turn in asked:
        kind = turn.sent.get("content-type") or "no content type"
        if kind.partition(";")[0].strip().lower() != _FORM:
            return unmet(f"{what} upstream came as {kind}", turn)
    if not asked:
        return untestable(f"{what} upstream was not seen")
    return met(f"{what} upstream is a form", *asked)


def _offline_access(evidence: Evidence) -> Verdict:
    for document in oauth_turns(evidence.up, "server metadata"):
        listed = document.fields.get("scopes_supported")
        if isinstance(listed, list) and "offline_access" not in listed:
            return met("the service behind does not offer offline_access", document)
    asked = oauth_turns(evidence.up, "authorization")
    for turn in asked:
        scope = turn.query.get("scope", "")
        if "offline_access" not in scope.split():
            return unmet(f"upstream the scope {scope or 'nothing'} was asked for", turn)
    if not asked:
        return untestable("nobody was sent upstream to authorize")
    return met("offline_access is asked for upstream", *asked)


def _challenge(evidence: Evidence) -> Verdict:
    asked = oauth_turns(evidence.up, "authorization")
    for turn in asked:
        method, long = turn.query.get("code_challenge_method"), turn.query.get("code_challenge", "")
        if method != "S256" or len(long) != 43:
            seen = f"a challenge of {len(long)} characters by {method or 'no method'}"
            return unmet(f"authorization upstream has {seen}", turn)
    if not asked:
        return untestable("nobody was sent upstream to authorize")
    return met("authorization upstream has a challenge by S256", *asked)


def _own_challenge(evidence: Evidence) -> Verdict:
    asked = oauth_turns(evidence.up, "authorization")
    of_clients = {
        turn.query["code_challenge"]: turn
        for turn in oauth_turns(evidence.down, "authorization")
        if "code_challenge" in turn.query
    }
    shown = [turn for turn in asked if "code_challenge" in turn.query]
    for turn in shown:
        twin = of_clients.get(turn.query["code_challenge"])
        if twin is not None:
            return unmet("the challenge upstream is the client's own", twin, turn)
    if not shown or not of_clients:
        return untestable("no challenges were seen on both sides")
    return met("the challenges upstream are others than those of clients", *shown)


def _verifier(evidence: Evidence) -> Verdict:
    asked = grants.exchanges(evidence.up)
    of_clients = {
        turn.parameters.get("code_verifier"): turn for turn in grants.exchanges(evidence.down)
    }
    for turn in asked:
        verifier = turn.parameters.get("code_verifier")
        if verifier is None:
            return unmet("a code was exchanged upstream without a verifier", turn)
        if verifier in of_clients:
            return unmet("the verifier upstream is the client's", of_clients[verifier], turn)
        if turn.status != 200:
            return unmet(f"the exchange upstream was {grants.told(turn)}", turn)
    if not asked:
        return untestable("no code was exchanged upstream")
    return met("the verifiers upstream are the bridge's own, and are taken", *asked)


def _resource(evidence: Evidence) -> Verdict:
    """Judge what is asked for where the service says that tokens are for a resource."""
    wanted = evidence.noted(_RESOURCE)
    asked = _as_client(evidence.up)
    if not asked:
        return untestable("nothing was asked for upstream")
    if not wanted:
        return met("the service behind has no resource metadata: none need be named", *asked[:1])
    for turn in asked:
        front = turn.oauth == "authorization"
        told = turn.query.get("resource") if front else turn.parameters.get("resource")
        if told is None or told.rstrip("/") not in {each.rstrip("/") for each in wanted}:
            seen = f"upstream, {turn.oauth} was asked for {told or 'no resource'}"
            return unmet(f"{seen}, the service is {wanted[0]}", turn)
    return met(f"all is asked for upstream for the resource {wanted[0]}", *asked)


def _methods(evidence: Evidence) -> dict[str, str]:
    """Give how the bridge authenticates by each client id that it was registered as."""
    pairs = [each.partition(" ") for each in evidence.noted(_CLIENT)]
    return {client: method for method, _, client in pairs}


def _as_client(turns: Iterable[Turn]) -> list[Turn]:
    return [turn for turn in turns if turn.oauth in {"authorization", "token"}]


def _method(turn: Turn) -> str:
    if (turn.sent.get("authorization") or "").lower().startswith("basic "):
        return "client_secret_basic"
    secret = turn.parameters.get("client_secret")
    return "none" if secret is None else "client_secret_post"


FAMILY = Family(
    title="The bridge as a client of the service",
    play=play,
    checks=(
        Check(
            id="upstream.registers-once",
            title="The bridge registers upstream once, not for each login",
            severity="seed",
            source=Source("learnt in production: the client id that was registered is to be kept"),
            remedy="Keep the registration, and use it for all users.",
            judge=_once,
        ),
        Check(
            id="upstream.client-id",
            title="All is asked for upstream as the client that the bridge was registered as",
            severity="seed",
            source=Source("learnt in production: a configured id was sent, not the registered one"),
            remedy="Use the client_id of the registration's answer in every request.",
            judge=_client_id,
        ),
        Check(
            id="upstream.client-authentication",
            title="The bridge authenticates upstream as it was registered to",
            severity="MUST",
            source=rfc(7591, "2"),
            remedy="Follow token_endpoint_auth_method of the registration's answer.",
            judge=_authenticated,
        ),
        Check(
            id="upstream.exchange-form",
            title="The exchange of a code upstream is a form",
            severity="MUST",
            source=rfc(6749, "4.1.3"),
            remedy="Send application/x-www-form-urlencoded, not JSON.",
            judge=_exchange_form,
            anywhere=True,
        ),
        Check(
            id="upstream.refresh-form",
            title="A refresh upstream is a form",
            severity="MUST",
            source=rfc(6749, "6"),
            remedy="Send application/x-www-form-urlencoded, not JSON.",
            judge=_refresh_form,
            anywhere=True,
        ),
        Check(
            id="upstream.offline-access",
            title="offline_access is asked for upstream",
            severity="seed",
            source=Source("learnt in production: without offline_access there is no refresh token"),
            remedy="Add offline_access to what clients ask for.",
            judge=_offline_access,
            anywhere=True,
        ),
        Check(
            id="upstream.challenge",
            title="Authorization upstream has a PKCE challenge by S256",
            severity="MUST",
            source=spec("2025-11-25", "basic/authorization", "authorization-code-protection"),
            remedy="Send code_challenge with code_challenge_method=S256.",
            judge=_challenge,
            anywhere=True,
        ),
        Check(
            id="upstream.own-challenge",
            title="The challenge upstream is the bridge's own, not the client's",
            severity="MUST",
            source=rfc(7636, "4.1"),
            remedy="Make a verifier for each authorization upstream: the client's is not known.",
            judge=_own_challenge,
            anywhere=True,
        ),
        Check(
            id="upstream.verifier",
            title="Codes are exchanged upstream with the verifier of their challenge",
            severity="MUST",
            source=rfc(7636, "4.5"),
            remedy="Keep the bridge's verifier with its state, and send it with the code.",
            judge=_verifier,
            anywhere=True,
        ),
        Check(
            id="upstream.resource",
            title="What tokens are for is said upstream, if the service tells it",
            severity="MUST",
            source=spec("2025-06-18", "basic/authorization", "resource-parameter-implementation"),
            remedy="Send resource, from the service's resource metadata, in all requests.",
            judge=_resource,
        ),
    ),
)
