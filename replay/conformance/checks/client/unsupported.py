"""Metadata that rules a login out: no PKCE, or another resource."""

from functools import partial
from typing import Any, Literal

from wiretape.analysis.profile.model import Profile
from wiretape.analysis.profile.texts import JsonText, members
from wiretape.replay.conformance.check import Check, Family, rfc, spec
from wiretape.replay.conformance.evidence import Evidence
from wiretape.replay.conformance.targets.client import MODERN, ClientStage
from wiretape.replay.conformance.verdict import Verdict, judged, untestable
from wiretape.replay.profiles import profile_named

_PKCE, _RESOURCE = "no pkce", "another resource"
_METHODS = "code_challenge_methods_supported"
_ELSEWHERE = "https://elsewhere.example/mcp"

type _Document = Literal["server_metadata_document", "resource_metadata_document"]


async def play(stage: ClientStage) -> None:
    """Meet services whose metadata does not allow for a login."""
    stage.step(_PKCE)
    await stage.visit(profile=_with("server_metadata_document", **{_METHODS: None}))
    stage.step(_RESOURCE)
    await stage.visit(profile=_with("resource_metadata_document", resource=_ELSEWHERE))


def _with(document: _Document, **members_: Any) -> Profile:
    """Give a service with other members in a document; None leaves one out."""
    profile = profile_named(MODERN)
    told = {**members(getattr(profile.discovery, document)), **members_}
    other = JsonText.of({name: value for name, value in told.items() if value is not None})
    discovery = profile.discovery.model_copy(update={document: other})
    return profile.model_copy(update={"discovery": discovery})


def _refused(evidence: Evidence, step: str, read: str) -> Verdict:
    there = evidence.at(step).up
    documents = [turn for turn in there if turn.oauth == read and turn.fields]
    if not documents:
        return untestable(f"no {read} was read")
    using = [turn for turn in there if turn.oauth in {"authorization", "token"}]
    seen = f"after the {read}, {len(using)} requests for authorization and tokens were sent"
    return judged(not using, seen, documents[-1], *using[:2])


FAMILY = Family(
    title="Metadata that rules a login out",
    play=play,
    seconds=60,
    checks=(
        Check(
            id="pkce.unsupported",
            title="Without code_challenge_methods_supported the client does not go on",
            severity="MUST",
            source=spec("2025-11-25", "basic/authorization", "authorization-code-protection"),
            remedy="Refuse an authorization server whose metadata does not name S256.",
            judge=partial(_refused, step=_PKCE, read="server metadata"),
        ),
        Check(
            id="resource.mismatch",
            title="Metadata of another resource is not used",
            severity="MUST",
            source=rfc(9728, "3.3"),
            remedy="Compare resource with the URL that was asked for.",
            judge=partial(_refused, step=_RESOURCE, read="resource metadata"),
        ),
    ),
)
