"""What pictures show: sequences and lineages, which findings by themselves do not tell."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from wiretape.analysis.facts import Place


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


type Ending = Literal["fine", "redirected", "refused", "failed"]
"""2xx; 3xx; 4xx; 5xx or no response at all."""


class Step(_Frozen):
    """Something that was asked, and the answer.

    `by` and `to` are participants of the journey. `count` equal steps came one after the other, the
    first `t` seconds after the recording's start.
    """

    by: str
    to: str
    asked: str
    answered: str
    ending: Ending
    t: float
    count: int
    place: Place


class Journey(_Frozen):
    """How a client found its way in, in one recording: from discovery to negotiation.

    `participants` in the order from left to right; `steps` in the order of the recording. `left` is
    how many exchanges of this client came after them.
    """

    recording: int
    client: str
    participants: tuple[str, ...]
    steps: tuple[Step, ...]
    left: int


class Issue(_Frozen):
    """A token that was issued, and what became of it; times in seconds since the recording's start.

    `by` is the grant type. `expires_in` is as advertised, in seconds. `first_success` to
    `last_success` is when it was accepted, `first_refusal` when it was first answered 401.
    `rotated`: a refresh token came with it that differs from the one it was asked with; nothing if
    there was none to compare with.
    """

    t: float
    by: str
    token: str
    expires_in: float | None
    rotated: bool | None
    first_success: float | None = None
    last_success: float | None = None
    first_refusal: float | None = None
    place: Place
    evidence: tuple[Place, ...]


class Refusal(_Frozen):
    """A token request that got no token."""

    t: float
    by: str
    status: int | None
    error: str | None
    place: Place


class Lineage(_Frozen):
    """The tokens of one grant, from the first to the last refresh. `left` were not drawn."""

    recording: int
    client_id: str | None
    issues: tuple[Issue, ...]
    refusals: tuple[Refusal, ...]
    left: int


type Picture = Journey | Lineage
