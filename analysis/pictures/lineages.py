"""The lineage of tokens: issued, used, refreshed, rotated, refused.

Of every recording the first `_KEPT` token answers are kept, and of every access token when it was
accepted and when refused. Tokens are compared by their ends, which differ where the tokens do.
"""

from collections.abc import Iterator
from typing import NamedTuple

from wiretape.analysis.facts import Fact, Facts, Sight
from wiretape.analysis.oauth.tokens import issue
from wiretape.analysis.observer import Observer
from wiretape.analysis.picture import Issue, Lineage, Refusal
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen
from wiretape.recorder.log import oauth

_KEPT = 256
_DRAWN = 12
_ISSUES = 24
_END = 32
_LONGEST = 120


class _Asked(NamedTuple):
    """A token request with its answer; tokens and codes are their ends."""

    by: str
    client_id: str | None
    credential: str | None
    status: int | None
    access: str | None
    refresh: str | None
    expires_in: float | None
    error: str | None


def _exchange(seen: Seen) -> Iterator[Fact]:
    if seen.step == "token":
        if seen.status is None or not 300 <= seen.status < 400:
            yield Fact(("asked", seen.asked.place.recording), _asked(seen), keep=_KEPT)
    elif (bearer := seen.bearer) is not None and seen.status is not None:
        if seen.status == 401:
            yield Fact(("refused", seen.asked.place.recording, bearer[-_END:]), keep=1)
        elif seen.status < 400:
            yield Fact(("accepted", seen.asked.place.recording, bearer[-_END:]), keep=1)


def _asked(seen: Seen) -> _Asked:
    asked = oauth.parameters(seen.request.body)
    given = issue(seen)
    return _Asked(
        by=asked.get("grant_type", "")[:_LONGEST],
        client_id=oauth.client_id(seen.exchange),
        credential=_end(asked.get("refresh_token") or asked.get("code")),
        status=seen.status,
        access=None if given is None else _end(given.access),
        refresh=None if given is None else _end(given.refresh),
        expires_in=None if given is None else given.lifetime,
        error=oauth.parameters(seen.body).get("error", "")[:_LONGEST] or None,
    )


def _end(token: str | None) -> str | None:
    return token[-_END:] if token else None


class _Grant(NamedTuple):
    recording: int
    client_id: str | None
    issued: list[Sight]
    refused: list[Sight]


def _lineages(facts: Facts, _scene: Scene) -> Iterator[Lineage]:
    for (recording,), tally in facts.of("asked"):
        for grant in _grants(recording, tally.sample)[:_DRAWN]:
            yield Lineage(
                recording=recording,
                client_id=grant.client_id,
                issues=tuple(_issue(facts, recording, sight) for sight in grant.issued[:_ISSUES]),
                refusals=tuple(map(_refusal, grant.refused[:_ISSUES])),
                left=max(0, len(grant.issued) - _ISSUES) + max(0, len(grant.refused) - _ISSUES),
            )


def _grants(recording: int, asked: list[Sight]) -> list[_Grant]:
    found: list[_Grant] = []
    by_credential: dict[str, _Grant] = {}
    for sight in asked:
        value: _Asked = sight.value
        grant = by_credential.get(value.credential or "")
        if grant is None:
            grant = _Grant(recording, value.client_id, [], [])
            found.append(grant)
            if value.credential is not None:
                by_credential[value.credential] = grant
        if value.access is None:
            grant.refused.append(sight)
            continue
        grant.issued.append(sight)
        if value.refresh is not None:
            by_credential[value.refresh] = grant
    return found


def _issue(facts: Facts, recording: int, sight: Sight) -> Issue:
    value: _Asked = sight.value
    accepted = facts.get("accepted", recording, value.access)
    refused = facts.get("refused", recording, value.access)
    is_refresh = value.by == "refresh_token"
    uses = [] if accepted is None else [accepted.first.place, accepted.last.place]
    uses += [] if refused is None else [refused.first.place]
    return Issue(
        t=sight.point.t,
        by=value.by,
        token=f"…{(value.access or '')[-6:]}",
        expires_in=value.expires_in,
        rotated=value.refresh != value.credential if is_refresh and value.refresh else None,
        first_success=None if accepted is None else accepted.first.t,
        last_success=None if accepted is None else accepted.last.t,
        first_refusal=None if refused is None else refused.first.t,
        place=sight.point.place,
        evidence=tuple(dict.fromkeys(uses)),
    )


def _refusal(sight: Sight) -> Refusal:
    value: _Asked = sight.value
    return Refusal(
        t=sight.point.t,
        by=value.by,
        status=value.status,
        error=value.error,
        place=sight.point.place,
    )


PICTURE: Observer[Lineage] = Observer(
    title="Lineages of tokens",
    wants=frozenset({"bearer", "oauth"}),
    exchange=_exchange,
    repeats="token",
    conclude=_lineages,
)
