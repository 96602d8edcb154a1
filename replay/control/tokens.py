"""The tokens of a service: listed without their secrets, expired, revoked, issued."""

from collections import Counter
from collections.abc import Iterator
from math import isfinite

from wiretape.recorder.errors import UsageError
from wiretape.replay.control.models import Issued, Issuing, Session, Token
from wiretape.replay.oauth.state import Client
from wiretape.replay.oauth.tokens import Access, public
from wiretape.replay.service import Service

ALL = "all"


def listed(service: Service) -> Iterator[Token]:
    """Give what is known of each token, those of a kind oldest first."""
    lineages, now = service.world.state.lineages, service.world.clock.now()
    generations: Counter[int] = Counter()
    for secret, token in lineages.held():
        grant = token.grant
        common = {"id": public(secret), "lineage": grant.number, "user": grant.subject}
        common |= {"client_id": grant.client_id}
        if isinstance(token, Access):
            generations[grant.number] += 1
            yield Token.model_validate(
                common
                | {"kind": "access", "generation": generations[grant.number], "scope": token.scope}
                | {"issued": token.issued, "ends": token.ends if isfinite(token.ends) else None}
                | {"standing": lineages.standing(secret, now)}
            )
        else:
            good = lineages.renewable(secret, now) is not None
            standing = "good" if good else "revoked" if grant.revoked else "spent"
            yield Token.model_validate(
                common
                | {"kind": "refresh", "generation": token.generation, "scope": grant.scope}
                | {"issued": None, "ends": None, "standing": standing}
            )


def expire(service: Service, id_: str) -> int:
    """Let an access token be over, or all; gives how many."""
    chosen = [token for token in _chosen(service, id_).values() if isinstance(token, Access)]
    for token in chosen:
        token.ends = min(token.ends, service.world.clock.now())
    return len(chosen)


def revoke(service: Service, id_: str) -> int:
    """Revoke a token, or all; gives how many."""
    chosen = _chosen(service, id_)
    for secret in chosen:
        service.world.state.lineages.revoke(secret)
    return len(chosen)


def issue(service: Service, wanted: Issuing) -> Issued:
    """Issue tokens as if a user had consented. Raises UsageError for a client that is unknown."""
    state, forge, now = service.world.state, service.world.forge, service.world.clock.now()
    known = service.world.profile
    if wanted.client_id is None:
        client = Client(forge.client_id(), (), "none")
        state.register(client)
    else:
        found = state.client(wanted.client_id)
        if found is None:
            raise UsageError(f"no client is registered as {wanted.client_id}")
        client = found
    state.grants += 1
    scope = known.token.scope if wanted.scope is None else wanted.scope
    user = wanted.user or service.choices.users[0]
    grant = forge.grant(state.grants, client.id, scope, None, subject=user)
    lifetime = state.lineages.rules.lifetime
    access = forge.access(grant, now, now + lifetime, scope=scope)
    refresh = forge.refresh(grant, now, now + lifetime)
    state.lineages.issue(grant, access, refresh, now)
    return Issued(
        access_token=access,
        token_type=known.token.type or "Bearer",
        expires_in=int(lifetime),
        refresh_token=refresh,
        scope=scope,
        client_id=client.id,
    )


def sessions(service: Service) -> Iterator[Session]:
    """Give what is known of each session, oldest first."""
    users = {
        token.grant.number: token.grant.subject for _, token in service.world.state.lineages.held()
    }
    for session in service.world.sessions.open.values():
        yield Session(
            number=session.number,
            lineage=session.grant,
            user=None if session.grant is None else users.get(session.grant),
            revision=session.revision,
            listens=session.stream is not None and session.stream.is_read,
        )


def drop(service: Service, id_: str) -> int:
    """Forget a session, or all, and end its stream; gives how many."""
    there = service.world.sessions
    chosen = [key for key, each in there.open.items() if id_ in {ALL, str(each.number)}]
    if not chosen and id_ != ALL:
        raise UsageError(f"no session is listed as {id_}")
    for each in chosen:
        there.end(each)
    return len(chosen)


def _chosen(service: Service, id_: str) -> dict[str, object]:
    held = dict(service.world.state.lineages.held())
    chosen: dict[str, object] = {
        secret: token for secret, token in held.items() if id_ in {ALL, public(secret)}
    }
    if not chosen and id_ != ALL:
        raise UsageError(f"no token is listed as {id_}")
    return chosen
